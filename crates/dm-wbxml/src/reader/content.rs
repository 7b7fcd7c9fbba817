//! Text and octets. [WBXML 1.3 §5.8.4], [profile §2]

use alloc::borrow::Cow;
use alloc::string::String;

use dm_xml::character::{forbidden, is_allowed, is_plain};
use dm_xml::{LimitExceeded, Profile, Sink};

use super::{Reader, Stop};
use crate::{Charset, Error, ErrorKind, OctetRule, Token};

impl<'s, R: OctetRule, P: Profile<Error>, S: Sink<'s>> Reader<'s, '_, R, P, S> {
    /// A text, in place or of the table, that has not been read yet.
    pub(super) fn string(&mut self) -> Result<(), Stop<S::Error>> {
        match self.tokens.next()? {
            Token::StrI(octets) => self.inline_string(octets),
            Token::StrT(offset) => match self.table.known(offset) {
                Some(text) if self.table.is_plain() => self.plain(text),
                _ => self.table_string(offset),
            },
            _ => Ok(()), // not reached: the octet was seen
        }
    }

    #[inline]
    pub(super) fn inline_string(&mut self, octets: &'s [u8]) -> Result<(), Stop<S::Error>> {
        let start = self.here + 1; // behind the token
        if is_plain(octets)
            && let Some(text) = self.known.text(start..start + octets.len())
        {
            return self.plain(text);
        }
        let text = self.characters(octets)?;
        self.text(text)
    }

    /// Text of printable US-ASCII.
    #[inline]
    fn plain(&mut self, text: &'s str) -> Result<(), Stop<S::Error>> {
        self.beside(!text.is_empty())?;
        self.meter.characters(text.len())?;
        self.emit(text.into())
    }

    pub(super) fn table_string(&mut self, offset: u32) -> Result<(), Stop<S::Error>> {
        let text = self.string_at(offset)?;
        self.text(text.into())
    }

    pub(super) fn entity(&mut self, code: u32) -> Result<(), Stop<S::Error>> {
        let text = self.character(code)?;
        self.text(text.into())
    }

    #[inline]
    fn text(&mut self, text: Cow<'s, str>) -> Result<(), Stop<S::Error>> {
        self.beside(!text.is_empty())?;
        self.meter.text(&text)?;
        self.emit(text)
    }

    /// Text has been met, which must not stand beside octets.
    #[inline]
    fn beside(&mut self, is_text: bool) -> Result<(), Stop<S::Error>> {
        self.has_other |= is_text;
        let is_beside = is_text && self.has_octets;
        if is_beside { self.deviates(ErrorKind::OctetsBesideContent) } else { Ok(()) }
    }

    #[inline]
    fn emit(&mut self, text: Cow<'s, str>) -> Result<(), Stop<S::Error>> {
        if text.is_empty() {
            return Ok(());
        }
        self.rule.text(&text);
        self.sink.text(text).map_err(Stop::Sink)
    }

    pub(super) fn opaque(&mut self, octets: &'s [u8]) -> Result<(), Stop<S::Error>> {
        if !self.rule.is_octets() {
            let text = self.utf_8(octets)?;
            return self.text(text);
        }
        if octets.is_empty() {
            return Ok(());
        }
        let is_beside = self.has_octets || self.has_other;
        self.has_octets = true;
        if is_beside {
            self.deviates(ErrorKind::OctetsBesideContent)?;
        }
        self.meter.octets(octets)?;
        self.sink.octets(octets.into()).map_err(Stop::Sink)
    }

    /// Octets of the document's charset.
    #[inline]
    pub(super) fn characters(&mut self, octets: &'s [u8]) -> Result<Cow<'s, str>, Stop<S::Error>> {
        if is_plain(octets)
            && let Ok(text) = core::str::from_utf8(octets)
        {
            return Ok(text.into());
        }
        let text = self.charset.decode(octets);
        self.checked(text.map_err(|_| octets))
    }

    /// Octets of UTF-8, whatever the charset.
    pub(super) fn utf_8(&mut self, octets: &'s [u8]) -> Result<Cow<'s, str>, Stop<S::Error>> {
        let text = Charset::Utf8.decode(octets);
        self.checked(text.map_err(|_| octets))
    }

    /// Text without forbidden characters, or what can be shown of octets that are no text.
    #[inline]
    fn checked(
        &mut self,
        text: Result<Cow<'s, str>, &'s [u8]>,
    ) -> Result<Cow<'s, str>, Stop<S::Error>> {
        let text = match text {
            Ok(text) => text,
            Err(octets) => {
                self.deviates(ErrorKind::NotText)?;
                String::from_utf8_lossy(octets)
            }
        };
        match forbidden(&text) {
            None => Ok(text),
            Some((_, character)) => {
                self.deviates(ErrorKind::Character(character.into()))?;
                let shown = |c| if is_allowed(c) { c } else { char::REPLACEMENT_CHARACTER };
                Ok(text.chars().map(shown).collect::<String>().into())
            }
        }
    }

    pub(super) fn character(&mut self, code: u32) -> Result<String, Stop<S::Error>> {
        match char::from_u32(code).filter(|&character| is_allowed(character)) {
            Some(character) => Ok(character.into()),
            None => {
                self.deviates(ErrorKind::Character(code))?;
                Ok(char::REPLACEMENT_CHARACTER.into())
            }
        }
    }

    /// The string of the table at this offset.
    pub(super) fn string_at(&mut self, offset: u32) -> Result<&'s str, Stop<S::Error>> {
        let table = self.table;
        if let Some(text) = table.known(offset)
            && text.len() / 4 <= self.limits.text
        {
            return Ok(text);
        }
        let Some(octets) = table.octets(offset) else {
            self.deviates(ErrorKind::StringTable(offset))?;
            return Ok("");
        };
        // A character has at most four octets: refuse before looking at them.
        if octets.len() / 4 > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text).into());
        }
        let Some(text) = table.text(octets) else {
            self.deviates(ErrorKind::NotText)?;
            self.charge_markup(octets.len())?; // it was looked at, and may be time and again
            return Ok("");
        };
        if let Some((_, character)) = forbidden(text) {
            self.deviates(ErrorKind::Character(character.into()))?;
            self.charge_markup(octets.len())?;
            return Ok("");
        }
        Ok(text)
    }
}
