//! Which nodes hold what must not be read on the way. [Sessionless §5.2], R13

/// What a node name contains when its value is confidential, in lower case.
const PARTS: [&str; 11] = [
    "secret", // AAuthSecret of DMAcc, AuthSecret of the NAP and proxy objects
    "password",
    "passwd",
    "passphrase",
    "privatekey",
    "sharedkey",
    "wepkey",
    "networkkey",
    "apikey",
    "credential",
    "token", // of access, of a refresh: whoever has it is let in
];

/// How a node name ends when its value is confidential, in lower case.
const ENDS: [&str; 4] = ["pwd", "psk", "passcode", "pinvalue"];

/// Node names of values that hold something confidential among other things: profiles of
/// networks, objects with a private key.
const WHOLE: [&str; 5] = ["pin", "wlanxml", "profilexml", "pfxcertblob", "eapconfig"];

/// Whether the name of a node says that its value is confidential. It says so too often rather
/// than too seldom: the value of `PasswordLength`, say, is no secret.
///
/// ```
/// use dm_mo::is_confidential;
/// assert!(is_confidential("AAuthSecret"));
/// assert!(is_confidential("PWD"));
/// assert!(!is_confidential("AAuthName"));
/// ```
#[must_use]
pub fn is_confidential(node_name: &str) -> bool {
    let name = node_name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
        || ENDS.iter().any(|end| name.ends_with(end))
        || WHOLE.contains(&&*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_of_the_usual_objects_are_known_by_name() {
        for name in [
            "AAuthSecret",
            "AuthSecret",
            "AUTHSECRET",
            "PasswordAAA",
            "PFXCertPassword",
            "PWD",
            "PSK",
            "WEPKey",
            "AttestPrivateKey",
            "NewPINValue",
            "PIN",
            "WlanXml",
            "presharedKey",
            "ApiKey",
            "AccessToken",
            "refreshTokenValue",
            "CloudCredentials",
        ] {
            assert!(is_confidential(name), "{name}");
        }
    }

    #[test]
    fn names_and_addresses_are_not_confidential() {
        for name in
            ["AAuthName", "Addr", "KeyUsage", "ServerID", "SSID", "Spin", "Keywords", "", "Name"]
        {
            assert!(!is_confidential(name), "{name}");
        }
    }
}
