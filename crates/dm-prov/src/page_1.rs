//! Attribute page 1: applications. [OMA ProvCont 1.1 §7]

/// Token, name of the attribute, beginning of its value.
pub(crate) const STARTS: &[(u8, &str, &str)] = &[
    (0x05, "name", ""),
    (0x06, "value", ""),
    (0x07, "name", "NAME"),
    (0x14, "name", "INTERNET"),
    (0x1C, "name", "STARTPAGE"),
    (0x22, "name", "TO-NAPID"),
    (0x23, "name", "PORTNBR"),
    (0x24, "name", "SERVICE"),
    (0x2E, "name", "AACCEPT"),
    (0x2F, "name", "AAUTHDATA"),
    (0x30, "name", "AAUTHLEVEL"),
    (0x31, "name", "AAUTHNAME"),
    (0x32, "name", "AAUTHSECRET"),
    (0x33, "name", "AAUTHTYPE"),
    (0x34, "name", "ADDR"),
    (0x35, "name", "ADDRTYPE"),
    (0x36, "name", "APPID"),
    (0x37, "name", "APROTOCOL"),
    (0x38, "name", "PROVIDER-ID"),
    (0x39, "name", "TO-PROXY"),
    (0x3A, "name", "URI"),
    (0x3B, "name", "RULE"),
    (0x50, "type", ""),
    (0x53, "type", "PORT"),
    (0x55, "type", "APPLICATION"),
    (0x56, "type", "APPADDR"),
    (0x57, "type", "APPAUTH"),
    (0x58, "type", "CLIENTIDENTITY"),
    (0x59, "type", "RESOURCE"),
];

/// Token, text anywhere in a value.
pub(crate) const VALUES: &[(u8, &str)] = &[
    (0x86, "IPV6"),
    (0x87, "E164"),
    (0x88, "ALPHA"),
    (0x8D, "APPSRV"),
    (0x8E, "OBEX"),
    (0x90, ","),
    (0x91, "HTTP-"),
    (0x92, "BASIC"),
    (0x93, "DIGEST"),
];
