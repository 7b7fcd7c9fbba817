//! Attribute lists: literal, and by tokens in the languages that have them.
//! [WBXML 1.3 §5.8.2.3, §5.8.3], [profile §2]

use alloc::borrow::Cow;
use alloc::string::String;

use dm_xml::{LimitExceeded, Profile, Sink};

use super::{Reader, Stop};
use crate::token::{ENTITY, OPAQUE, STR_I, STR_T};
use crate::unknown::attribute_name;
use crate::{Error, ErrorKind, OctetRule, Token};

impl<'s, R: OctetRule, P: Profile<Error>, S: Sink<'s>> Reader<'s, '_, R, P, S> {
    /// Reads an attribute list, up to and with its END, into `self.attributes`.
    pub(super) fn attributes(&mut self) -> Result<(), Stop<S::Error>> {
        self.attributes.clear();
        let element = self.here;
        let mut is_dropped = true; // whether pieces of a value belong to nothing that is kept
        loop {
            self.here = self.tokens.offset();
            // A piece of a value, and the token that it is named by when no attribute has begun.
            let (token, piece): (u8, Cow<'s, str>) = match self.tokens.next()? {
                Token::End => {
                    self.here = element;
                    return Ok(());
                }
                Token::SwitchPage(page) => {
                    self.attribute_page = page;
                    continue;
                }
                Token::LiteralAttribute(offset) => {
                    let name = self.literal_name(offset)?;
                    is_dropped = !self.begin(name, "")?;
                    continue;
                }
                Token::AttributeStart(token) => {
                    let page = self.vocabulary.attribute_page(self.attribute_page);
                    let (name, prefix) = match page.and_then(|page| page.start(token)) {
                        Some(start) => start,
                        None => {
                            self.deviates(ErrorKind::AttributeToken(token))?;
                            (attribute_name(token), "")
                        }
                    };
                    is_dropped = !self.begin(name, prefix)?;
                    continue;
                }
                Token::AttributeValue(token) => {
                    let page = self.vocabulary.attribute_page(self.attribute_page);
                    match page.and_then(|page| page.value(token)) {
                        Some(text) => (token, text.into()),
                        None => {
                            self.deviates(ErrorKind::AttributeToken(token))?;
                            continue;
                        }
                    }
                }
                Token::StrI(octets) => (STR_I, self.characters(octets)?),
                Token::StrT(offset) => (STR_T, self.string_at(offset)?.into()),
                Token::Entity(code) => (ENTITY, self.character(code)?.into()),
                Token::Opaque(octets) => {
                    self.deviates(ErrorKind::AttributeToken(OPAQUE))?;
                    (OPAQUE, self.utf_8(octets)?)
                }
                Token::ExtI(token, octets) => {
                    self.deviates(ErrorKind::AttributeToken(token))?;
                    (token, self.characters(octets)?)
                }
                Token::Ext(token) | Token::ExtT(token, _) => {
                    self.deviates(ErrorKind::AttributeToken(token))?;
                    continue;
                }
                // The lens yields no other token in an attribute list.
                Token::LiteralTag { .. } | Token::Tag { .. } | Token::ProcessingInstruction => {
                    continue;
                }
            };
            self.charge_markup(piece.len())?;
            if is_dropped && self.attributes.is_empty() {
                self.deviates(ErrorKind::AttributeToken(token))?;
            } else if let Some((_, value)) = self.attributes.last_mut()
                && !is_dropped
            {
                match value {
                    Cow::Borrowed("") => *value = piece,
                    Cow::Borrowed(before) => {
                        let mut joined = String::with_capacity(before.len() + piece.len());
                        joined.push_str(before);
                        joined.push_str(&piece);
                        *value = Cow::Owned(joined);
                    }
                    Cow::Owned(before) => before.push_str(&piece),
                }
            }
        }
    }

    /// Begins an attribute; false when there is one of that name.
    fn begin(&mut self, name: &'s str, prefix: &'s str) -> Result<bool, Stop<S::Error>> {
        if self.attributes.iter().any(|(known, _)| *known == name) {
            self.deviates(ErrorKind::AttributeTwice)?;
            return Ok(false);
        }
        if self.attributes.len() >= self.limits.attributes {
            return Err(LimitExceeded::Attributes(self.limits.attributes).into());
        }
        self.charge_markup(prefix.len())?;
        self.attributes.push((name, Cow::Borrowed(prefix)));
        Ok(true)
    }

    /// A processing instruction: where the profile lets it pass, it is left out.
    pub(super) fn instruction(&mut self) -> Result<(), Stop<S::Error>> {
        self.deviates(ErrorKind::ProcessingInstruction)?;
        while self.tokens.next()? != Token::End {}
        Ok(())
    }

    pub(super) fn charge_markup(&mut self, octets: usize) -> Result<(), Stop<S::Error>> {
        self.markup += octets;
        if self.markup > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text).into());
        }
        Ok(())
    }
}
