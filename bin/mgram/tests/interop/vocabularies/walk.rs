//! The tokens of a document, by a walk that looks up nothing but what starts where: no part of
//! the decoder under test. [WBXML 1.3 §5.8]

/// What stands in a document, in its order.
#[derive(Debug, Default)]
pub struct Walk {
    /// The registered number of the public identifier, or 0.
    pub number: u32,
    /// The public identifier in the string table.
    pub text: String,
    /// Page and token of each tag.
    pub tags: Vec<(u8, u8)>,
    /// The pieces of each attribute.
    pub attributes: Vec<Vec<Piece>>,
}

/// A piece of an attribute.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// Page and token.
    Token(u8, u8),
    /// Text written out.
    Text(String),
}

const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const STR_I: u8 = 0x03;

/// Walks a document without a string table, except for the public identifier.
pub fn walk(octets: &[u8]) -> Walk {
    let mut found = Walk::default();
    let mut at = Cursor { octets, at: 1 };
    found.number = at.number();
    let offset = (found.number == 0).then(|| at.number() as usize);
    assert_eq!(at.number(), 106, "the charset is UTF-8");
    let length = at.number() as usize;
    let table = &octets[at.at..at.at + length];
    if let Some(offset) = offset {
        found.text = Cursor { octets: table, at: offset }.text();
    }
    at.at += length;

    let (mut tag_page, mut attribute_page, mut depth) = (0, 0, 0_u32);
    while at.at < octets.len() {
        match at.octet() {
            SWITCH_PAGE => tag_page = at.octet(),
            END => depth -= 1,
            STR_I => drop(at.text()),
            token if token & 0x3F >= 0x05 => {
                found.tags.push((tag_page, token & 0x3F));
                if token & 0x80 != 0 {
                    attributes(&mut at, &mut attribute_page, &mut found.attributes);
                }
                depth += u32::from(token & 0x40 != 0);
            }
            other => panic!("{other:02X} before {:02X}", at.at),
        }
    }
    assert_eq!(depth, 0, "every element ends");
    found
}

fn attributes(at: &mut Cursor<'_>, page: &mut u8, found: &mut Vec<Vec<Piece>>) {
    loop {
        match at.octet() {
            SWITCH_PAGE => *page = at.octet(),
            END => return,
            STR_I => {
                let attribute = found.last_mut().expect("an attribute before its value");
                attribute.push(Piece::Text(at.text()));
            }
            token if token & 0x3F < 0x05 => panic!("{token:02X} before {:02X}", at.at),
            token if token < 0x80 => found.push(vec![Piece::Token(*page, token)]),
            token => {
                let attribute = found.last_mut().expect("an attribute before its value");
                attribute.push(Piece::Token(*page, token));
            }
        }
    }
}

struct Cursor<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn octet(&mut self) -> u8 {
        self.at += 1;
        self.octets[self.at - 1]
    }

    fn number(&mut self) -> u32 {
        let mut number = 0;
        loop {
            let octet = self.octet();
            number = number << 7 | u32::from(octet & 0x7F);
            if octet & 0x80 == 0 {
                return number;
            }
        }
    }

    fn text(&mut self) -> String {
        let rest = &self.octets[self.at..];
        let length = rest.iter().position(|octet| *octet == 0).expect("the end of a text");
        self.at += length + 1;
        String::from_utf8(rest[..length].to_vec()).expect("UTF-8")
    }
}
