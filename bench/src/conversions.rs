//! The conversions that are measured, each a fresh result from borrowed input, under the limits of
//! a tool: what a peer would be asked for.
//!
//! Octets are WBXML 1.3, for that is what libwbxml writes.

use std::borrow::Cow;
use std::convert::Infallible;

use dm_syncml::{MetaRule, SyncBody, SyncHdr, tables, wbxml};
use dm_wbxml::{Encoder, Source, Strings, Version};
use dm_xml::canonical::{self, Output};
use dm_xml::{Limits, Sink, Strict};

use crate::messages::parse;

/// XML text to WBXML, event by event, without a string table.
///
/// # Panics
/// When the text is no message.
#[must_use]
pub fn encode(text: &[u8]) -> Vec<u8> {
    let mut writer = ENCODER.writer(MetaRule::default());
    dm_xml::read(text, &Limits::generous(), &mut Strict, &mut writer).expect("a message");
    ENCODER.finish(writer).expect("a message")
}

/// XML text to WBXML that is handed on as it comes; the text is read twice.
///
/// # Panics
/// When the text is no message.
pub fn encode_into(text: &[u8], output: &mut impl Output) {
    let encoded = ENCODER.stream(MetaRule::default(), output, |writer| {
        dm_xml::read(text, &Limits::generous(), &mut Strict, writer)
    });
    encoded.expect("a message");
}

/// XML text to the smallest WBXML.
///
/// # Panics
/// When the text is no message.
#[must_use]
pub fn encode_fewest(text: &str) -> Vec<u8> {
    wbxml::encode(&parse(text), Version::V1_3).expect("a message")
}

/// WBXML to XML text, event by event.
///
/// # Panics
/// When the octets are no message.
#[must_use]
pub fn decode(octets: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    decode_into(octets, &mut text);
    text
}

/// WBXML to XML text that is handed on as it comes.
///
/// # Panics
/// When the octets are no message.
pub fn decode_into(octets: &[u8], output: &mut impl Output) {
    let source = open(octets);
    let mut writer = canonical::Writer::new(output);
    source.read(MetaRule::default(), &Limits::generous(), &mut writer).expect("a message");
    writer.finish();
}

/// WBXML to events, which are counted.
///
/// # Panics
/// When the octets are no message.
#[must_use]
pub fn events(octets: &[u8]) -> usize {
    let source = open(octets);
    let mut counting = Counting::default();
    source.read(MetaRule::default(), &Limits::generous(), &mut counting).expect("a message");
    counting.0
}

/// WBXML to events and from them to header and commands; the number of commands.
///
/// # Panics
/// When the octets are no message.
#[must_use]
pub fn model(octets: &[u8]) -> usize {
    let source = open(octets);
    let document = wbxml::decode(&source, &Limits::generous()).expect("a message");
    let header = SyncHdr::read(document.root()).expect("a header");
    let body = SyncBody::read(document.root()).expect("a body");
    std::hint::black_box(header);
    body.commands.len()
}

static ENCODER: std::sync::LazyLock<Encoder> = std::sync::LazyLock::new(|| {
    Encoder::new(&tables::SYNCML).strings(Strings::Inline).version(Version::V1_3)
});

fn open(octets: &[u8]) -> Source<'_> {
    wbxml::open(octets, &Limits::generous()).expect("the head of a message")
}

/// Counts events.
#[derive(Default)]
struct Counting(usize);

impl<'a> Sink<'a> for Counting {
    type Error = Infallible;

    fn start(&mut self, _: Cow<'a, str>, _: &'a str) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }

    fn attribute(&mut self, _: &'a str, _: Cow<'a, str>) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }

    fn text(&mut self, _: Cow<'a, str>) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }

    fn octets(&mut self, _: Cow<'a, [u8]>) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }

    fn leaf(&mut self, _: &'a str, _: &'a str, text: &'a str) -> Result<(), Infallible> {
        self.0 += if text.is_empty() { 2 } else { 3 };
        Ok(())
    }
}

/// Counts octets and keeps none.
#[derive(Debug, Default)]
pub struct Discarding(pub usize);

impl Output for Discarding {
    fn write(&mut self, octets: &[u8]) {
        self.0 += octets.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::{commands, tree};

    #[test]
    fn what_is_measured_is_the_whole_conversion() {
        for text in [commands(9), tree(30)] {
            let canonical = canonical::text(&parse(&text));
            let octets = encode(text.as_bytes());
            assert_eq!(String::from_utf8(decode(&octets)).unwrap(), canonical);
            assert_eq!(decode(&encode_fewest(&text)), canonical.as_bytes());
            assert!(encode_fewest(&text).len() < octets.len());
            let mut streamed = Vec::new();
            encode_into(text.as_bytes(), &mut streamed);
            assert_eq!(streamed, octets);
        }
    }

    #[test]
    fn each_event_and_each_command_is_counted() {
        let text = commands(9);
        let octets = encode(text.as_bytes());
        assert_eq!(events(&octets), parse(&text).events().count());
        assert_eq!(model(&octets), 9);
    }
}
