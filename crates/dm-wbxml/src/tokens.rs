//! A lens over the body of a document: one token after the other, with its operands, and nothing
//! that needs a language. [WBXML 1.3 §5.8]

use core::ops::Range;

use dm_xml::character::plain_length;

use crate::ErrorKind;
use crate::source::number;
use crate::token::{
    END, ENTITY, EXT, EXT_I, EXT_T, HAS_ATTRIBUTES, HAS_CONTENT, IDENTITY, LITERAL, OPAQUE, PI,
    STR_I, STR_T, SWITCH_PAGE,
};

/// One token with its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'s> {
    /// The start of an attribute: its name, and perhaps the beginning of its value.
    AttributeStart(u8),
    /// A piece of the value of an attribute.
    AttributeValue(u8),
    /// The end of content or of an attribute list.
    End,
    /// One character, by its code point.
    Entity(u32),
    /// An extension of one octet.
    Ext(u8),
    /// An extension with an inline string.
    ExtI(u8, &'s [u8]),
    /// An extension with a number.
    ExtT(u8, u32),
    /// An element whose name stands in the string table, at this offset.
    LiteralTag {
        /// The offset.
        name: u32,
        /// Whether an attribute list follows.
        has_attributes: bool,
        /// Whether content follows.
        has_content: bool,
    },
    /// An attribute whose name stands in the string table, at this offset.
    LiteralAttribute(u32),
    /// Octets.
    Opaque(&'s [u8]),
    /// A processing instruction begins; it is written like an attribute.
    ProcessingInstruction,
    /// Text in place.
    StrI(&'s [u8]),
    /// Text of the string table, at this offset.
    StrT(u32),
    /// Another code page, for tags or for attributes.
    SwitchPage(u8),
    /// An element.
    Tag {
        /// Which one of the code page.
        identity: u8,
        /// Whether an attribute list follows.
        has_attributes: bool,
        /// Whether content follows.
        has_content: bool,
    },
}

/// The content of an element that holds one text.
pub(crate) enum Leaf {
    /// Printable US-ASCII that stands here.
    InPlace(Range<usize>),
    /// The string of the table at this offset.
    OfTable(u32),
}

/// Reads tokens. Copyable, so that a reader can look ahead.
///
/// ```
/// use dm_wbxml::{Token, Tokens};
/// let mut tokens = Tokens::new(&[0x45, 0x03, b'a', 0x00, 0x01], 0);
/// let tag = Token::Tag { identity: 5, has_attributes: false, has_content: true };
/// assert_eq!(tokens.next(), Ok(tag));
/// assert_eq!((tokens.next(), tokens.offset()), (Ok(Token::StrI(b"a")), 4));
/// assert_eq!(tokens.next(), Ok(Token::End));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'s> {
    octets: &'s [u8],
    at: usize,
    in_attributes: bool,
}

impl<'s> Tokens<'s> {
    /// The tokens of `octets` from this offset on, which is where content begins.
    #[must_use]
    pub fn new(octets: &'s [u8], offset: usize) -> Self {
        Self { octets, at: offset.min(octets.len()), in_attributes: false }
    }

    /// Where the next token begins.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Whether the next token belongs to an attribute list.
    #[must_use]
    pub fn is_in_attributes(&self) -> bool {
        self.in_attributes
    }

    /// Whether no octet is left.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.at == self.octets.len()
    }

    /// The octet that the next token begins with.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    /// Moves behind the octet that was seen.
    #[inline(always)]
    pub(crate) fn skip(&mut self) {
        self.at += 1;
    }

    /// Moves back to where a token began.
    pub(crate) fn go_back(&mut self, offset: usize) {
        self.at = offset;
    }

    /// Moves to the end.
    pub(crate) fn skip_all(&mut self) {
        self.at = self.octets.len();
    }

    /// The next token.
    ///
    /// # Errors
    /// When the octets end within a token, or a number has too many octets or bits. The offset
    /// is then somewhere in the token.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "the end is an error here, not None")]
    pub fn next(&mut self) -> Result<Token<'s>, ErrorKind> {
        let octet = self.octet()?;
        Ok(match octet {
            SWITCH_PAGE => Token::SwitchPage(self.octet()?),
            END => {
                self.in_attributes = false;
                Token::End
            }
            ENTITY => Token::Entity(self.number()?),
            STR_I => Token::StrI(self.string()?),
            STR_T => Token::StrT(self.number()?),
            OPAQUE => Token::Opaque(self.block()?),
            _ if EXT_I.contains(&octet) => Token::ExtI(octet, self.string()?),
            _ if EXT_T.contains(&octet) => Token::ExtT(octet, self.number()?),
            _ if EXT.contains(&octet) => Token::Ext(octet),
            LITERAL if self.in_attributes => Token::LiteralAttribute(self.number()?),
            _ if self.in_attributes && octet & 0x80 == 0 => Token::AttributeStart(octet),
            _ if self.in_attributes => Token::AttributeValue(octet),
            PI => {
                self.in_attributes = true;
                Token::ProcessingInstruction
            }
            _ => self.tag(octet)?,
        })
    }

    /// Plain text in place, or text of the string table, and the END behind it, if that is what
    /// comes next. Otherwise the lens stays where it is.
    #[inline(always)]
    pub(crate) fn leaf(&mut self) -> Option<Leaf> {
        let rest = self.octets.get(self.at..)?;
        match *rest {
            [STR_I, ref text @ ..] => {
                let length = plain_length(text);
                let Some(&[0, END]) = text.get(length..length + 2) else { return None };
                let start = self.at + 1;
                self.at = start + length + 2;
                Some(Leaf::InPlace(start..start + length))
            }
            // Offsets of one octet, and of two: that is most tables.
            [STR_T, offset @ 0..=0x7F, END, ..] => {
                self.at += 3;
                Some(Leaf::OfTable(u32::from(offset)))
            }
            [STR_T, high @ 0x80..=0xFF, low @ 0..=0x7F, END, ..] => {
                self.at += 4;
                Some(Leaf::OfTable(u32::from(high & 0x7F) << 7 | u32::from(low)))
            }
            [STR_T, ..] => {
                let mut at = self.at + 1;
                let offset = number(self.octets, &mut at).ok()?;
                self.octets.get(at).filter(|&&octet| octet == END)?;
                self.at = at + 1;
                Some(Leaf::OfTable(offset))
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn tag(&mut self, octet: u8) -> Result<Token<'s>, ErrorKind> {
        let (has_attributes, has_content) = (octet & HAS_ATTRIBUTES != 0, octet & HAS_CONTENT != 0);
        let identity = octet & IDENTITY;
        let token = if identity == LITERAL {
            Token::LiteralTag { name: self.number()?, has_attributes, has_content }
        } else {
            Token::Tag { identity, has_attributes, has_content }
        };
        self.in_attributes = has_attributes;
        Ok(token)
    }

    #[inline(always)]
    fn octet(&mut self) -> Result<u8, ErrorKind> {
        let &octet = self.octets.get(self.at).ok_or(ErrorKind::EndsEarly)?;
        self.at += 1;
        Ok(octet)
    }

    #[inline(always)]
    fn number(&mut self) -> Result<u32, ErrorKind> {
        number(self.octets, &mut self.at).map_err(|error| error.kind)
    }

    #[inline(always)]
    fn string(&mut self) -> Result<&'s [u8], ErrorKind> {
        let rest = &self.octets[self.at..];
        let length = first_nul(rest).ok_or(ErrorKind::EndsEarly)?;
        self.at += length + 1;
        Ok(&rest[..length])
    }

    #[inline(always)]
    fn block(&mut self) -> Result<&'s [u8], ErrorKind> {
        let length = self.number()? as usize;
        let block = self.octets[self.at..].get(..length).ok_or(ErrorKind::EndsEarly)?;
        self.at += length;
        Ok(block)
    }
}

/// Where the first NUL stands: eight octets at once, since most texts are short.
#[inline(always)]
pub(crate) fn first_nul(octets: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (eights, rest) = octets.as_chunks::<8>();
    for (at, &eight) in eights.iter().enumerate() {
        let octets = u64::from_le_bytes(eight);
        // The lowest bit that is set marks the first octet that is 0; higher ones may be wrong.
        let nuls = octets.wrapping_sub(ONES) & !octets & HIGH;
        if nuls != 0 {
            return Some(at * 8 + nuls.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|&octet| octet == 0)?;
    Some(eights.len() * 8 + at)
}
