//! Messages written octet by octet.

use dm_xml::{Limits, parse};

use crate::forge::signature;
use crate::spell::{Speller, number};
use crate::{DEVICE_ID, Server, infoset, seal_text};

/// Octets from hexadecimal digits; white space does not count.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let octet = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16);
    digits.chunks(2).map(|pair| octet(pair).expect("hexadecimal")).collect()
}

/// STR_I.
#[must_use]
pub fn str_i(text: &str) -> Vec<u8> {
    [b"\x03", text.as_bytes(), b"\0"].concat()
}

/// STR_T at this offset.
#[must_use]
pub fn str_t(offset: usize) -> Vec<u8> {
    [vec![0x83], number(offset)].concat()
}

/// OPAQUE.
#[must_use]
pub fn opaque(octets: &[u8]) -> Vec<u8> {
    [&[0xC3][..], &number(octets.len()), octets].concat()
}

/// ENTITY.
#[must_use]
pub fn entity(character: u32) -> Vec<u8> {
    let mut octets = vec![2];
    dm_wbxml::MbUInt32(character).encode(&mut octets);
    octets
}

/// A document by hand: a head, a string table, and a body without the END of its root.
#[derive(Clone, Debug)]
pub struct Hand {
    /// The version octet.
    pub version: u8,
    /// The octets of the public identifier.
    pub public: Vec<u8>,
    /// The octets of the charset.
    pub charset: Vec<u8>,
    /// The string table.
    pub table: Vec<u8>,
    /// The root without its END.
    pub body: Vec<u8>,
}

impl Hand {
    /// A document with this body in WBXML 1.2, SyncML 1.2, UTF-8.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            version: 2,
            public: hex("A4 01"),
            charset: hex("6A"),
            table: Vec::new(),
            body: body.into(),
        }
    }

    /// A whole message to the device, with these octets as the content of `SyncBody`.
    #[must_use]
    pub fn message(server: &Server, commands: &[u8]) -> Self {
        Self::new(
            [
                &hex("6D 6C")[..], // SyncML, SyncHdr
                &hex("71"),        // VerDTD
                &str_i("1.2"),
                &hex("01 72"), // VerProto
                &str_i("DM/1.2"),
                &hex("01 65"), // SessionID
                &str_i("1"),
                &hex("01 5B"), // MsgID
                &str_i("1"),
                &hex("01 6E 57"), // Target, LocURI
                &str_i(DEVICE_ID),
                &hex("01 01 67 57"), // Source, LocURI
                &str_i(server.id),
                &hex("01 01 01 6B"), // SyncBody
                commands,
                &hex("01"),
            ]
            .concat(),
        )
    }

    /// A message that replaces `./Vendor/Speed` by what stands in these octets of `Data`; `meta`
    /// stands before it.
    #[must_use]
    pub fn replace(server: &Server, meta: &[u8], data: &[u8]) -> Self {
        let head = [&hex("60 4B")[..], &str_i("1"), &hex("01 54 6E 57")].concat();
        let target = [&str_i("./Vendor/Speed")[..], &hex("01 01")].concat();
        let rest = [meta, &hex("4F"), data, &hex("01 01 01")].concat();
        Self::message(server, &[head, target, rest].concat())
    }

    /// With this string table.
    #[must_use]
    pub fn table(mut self, strings: impl Into<Vec<u8>>) -> Self {
        self.table = strings.into();
        self
    }

    /// The document.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        self.whole(&self.table, &[])
    }

    /// The document with a signature of this server over its infoset, as it is spelled.
    #[must_use]
    pub fn sealed(&self, server: &Server) -> Vec<u8> {
        let text = infoset(&self.octets()).expect("good octets are to be sealed");
        let sealed = seal_text(&text, server);
        let signature = parse(signature(&sealed).as_bytes(), &Limits::default()).expect("ours");
        let speller = Speller { table: self.table.clone(), ..Speller::default() };
        let (literal, table) = speller.body(&signature);
        self.whole(&table, &literal)
    }

    fn whole(&self, table: &[u8], last: &[u8]) -> Vec<u8> {
        let head = [&[self.version][..], &self.public, &self.charset].concat();
        [&head[..], &number(table.len()), table, &self.body, last, &[1]].concat()
    }
}
