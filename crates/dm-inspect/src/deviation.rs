//! What deviates from what a device accepts: where, which rule, which clause, what to do.
//! [profile §2, §3, §8]

use dm_client::Refusal;
use dm_wbxml::ErrorKind;
use dm_xml::{XmlError, XmlErrorKind};

/// Something that a device would not accept, or that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Of which layer: `WBXML`, `header`, `signature`, `segments`.
    pub layer: &'static str,
    /// Where, in octets from the start of the message or of the source that `place` names.
    pub offset: Option<usize>,
    /// Where, in words: a source, a code page; empty if the offset says it all.
    pub place: String,
    /// The name of the rule: that of the variant of the error.
    pub rule: String,
    /// What was met.
    pub what: String,
    /// The clause.
    pub clause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const PROFILE_2: &str = "profile §2";

impl Deviation {
    /// What a WBXML reader met, in a document that begins at `base` of the message.
    pub(crate) fn of_wbxml(error: &dm_wbxml::Error, base: usize) -> Self {
        Self {
            layer: "WBXML",
            offset: Some(base + error.offset),
            place: if error.page == 0 {
                String::new()
            } else {
                format!("code page {}", error.page)
            },
            rule: name(&error.kind),
            what: error.kind.to_string(),
            clause: wbxml_clause(&error.kind),
            remedy: wbxml_remedy(&error.kind),
        }
    }

    /// What an XML reader met, in a text that begins at `base` of the message.
    pub(crate) fn of_xml(error: &XmlError, base: usize) -> Self {
        Self {
            layer: "XML",
            offset: Some(base + error.offset),
            place: String::new(),
            rule: name(&error.kind),
            what: error.kind.to_string(),
            clause: match error.kind {
                XmlErrorKind::Limit(_) => "profile §2, limits",
                _ => "profile §1, XML 1.0",
            },
            remedy: xml_remedy(&error.kind),
        }
    }

    /// What a gate would say.
    pub(crate) fn of_refusal(layer: &'static str, refusal: &Refusal) -> Self {
        Self {
            layer,
            offset: refusal.offset(),
            place: String::new(),
            rule: refusal.name().to_owned(),
            what: refusal.to_string(),
            clause: refusal.clause(),
            remedy: refusal.remedy(),
        }
    }

    /// A push or short message that cannot be read.
    pub(crate) fn of_push(source: &str, error: &dm_push::Error) -> Self {
        Self {
            layer: "push",
            offset: Some(error.offset),
            place: source.to_owned(),
            rule: name(&error.kind),
            what: error.kind.to_string(),
            clause: "WSP §8.2.4, TS 23.040 §9",
            remedy: "get it again from where it was recorded; `--from` says what it is meant to be",
        }
    }

    /// A capture, or a packet of it, that cannot be read.
    pub(crate) fn of_capture(source: &str, error: &dm_capture::Error) -> Self {
        Self {
            layer: "pcap",
            offset: Some(error.offset),
            place: source.to_owned(),
            rule: name(&error.kind),
            what: error.kind.to_string(),
            clause: "draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng",
            remedy: "capture it again, or convert it with editcap",
        }
    }

    /// A segment that does not go with the others.
    pub(crate) fn of_segment(source: &str, what: String) -> Self {
        let clause = "TS 23.040 §9.2.3.24.1";
        let remedy = "give all parts of one message, each as it was sent";
        Self { clause, remedy, ..Self::of_input(source, what) }
    }

    /// More of a kind than is looked into.
    pub(crate) fn of_too_many(source: &str, what: String) -> Self {
        let (clause, remedy) = ("none: a limit of this program", "give the input in pieces");
        Self { clause, remedy, ..Self::of_input(source, what) }
    }

    /// An input, or a part of one, that is of no use.
    pub(crate) fn of_input(source: &str, what: String) -> Self {
        Self {
            layer: "input",
            offset: None,
            place: source.to_owned(),
            rule: "Input".to_owned(),
            what,
            clause: "none: nothing was recognised",
            remedy: "`--from` says what the input is meant to be",
        }
    }
}

/// Segments that are missing from the message that `what` names.
pub(crate) fn of_segments(what: &str, missing: &[u8]) -> Deviation {
    let (noun, verb) = if missing.len() == 1 { ("segment", "is") } else { ("segments", "are") };
    Deviation {
        layer: "segments",
        offset: None,
        place: what.to_owned(),
        rule: "SegmentsMissing".to_owned(),
        what: format!("{noun} {} {verb} missing", runs(missing)),
        clause: "TS 23.040 §9.2.3.24.1",
        remedy: "give the missing segments too; their order does not matter",
    }
}

/// Ascending numbers, three and more in a row as a range: a segment of 255 can come alone.
fn runs(numbers: &[u8]) -> String {
    let runs = numbers.chunk_by(|one, next| one.checked_add(1) == Some(*next));
    let shown: Vec<String> = runs
        .flat_map(|run| match run {
            [first, _, .., last] => vec![format!("{first} to {last}")],
            few => few.iter().map(u8::to_string).collect(),
        })
        .collect();
    shown.join(", ")
}

/// The name of the variant of an error.
fn name(kind: &impl core::fmt::Debug) -> String {
    let text = format!("{kind:?}");
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    text[..end].to_owned()
}

/// The clause that WBXML breaks.
#[must_use]
pub fn wbxml_clause(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Version(_) => "R9, Sessionless §5.2",
        ErrorKind::Limit(_) => "profile §2, limits",
        ErrorKind::EndsEarly | ErrorKind::MbUInt32 => "WBXML 1.3 §5.1, §5.3; profile §2",
        ErrorKind::StringTable(_) | ErrorKind::StringTableEnd => "WBXML 1.3 §5.7; profile §2",
        ErrorKind::Charset(_) => "WBXML 1.3 §5.6; profile §2",
        ErrorKind::PublicIdentifier => "WBXML 1.3 §5.5; profile §2",
        _ => PROFILE_2,
    }
}

/// What to do about WBXML that is not as a device wants it.
#[must_use]
pub fn wbxml_remedy(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Version(b'<') => "this is XML text: use `mgram encode`",
        ErrorKind::Version(_) => "only WBXML 1.1, 1.2 and 1.3 are read",
        ErrorKind::EndsEarly => "the file is empty or cut off: get it again",
        ErrorKind::PublicIdentifier | ErrorKind::UnknownPage | ErrorKind::UnknownTag(_) => {
            "it is of another language, or has private code pages that are not ours: only SyncML DM \
             with TNDS is read"
        }
        ErrorKind::ContentAfterRoot => "cut the file behind its root element",
        ErrorKind::StringTableEnd => "end the string table with a NUL; devices read it without too",
        ErrorKind::Charset(_) => "write it in UTF-8 (charset 106)",
        ErrorKind::NotText => "write text in the charset of the head; octets need Format bin",
        ErrorKind::Skeleton => "give the token what docs/compact.md says, or write it all",
        ErrorKind::LiteralHasToken => "write the element by its token: one spelling an element",
        ErrorKind::Limit(_) => "split the message into smaller ones",
        _ => "write it as the profile says; `mgram encode` does",
    }
}

/// What to do about XML text that is not as a message needs it.
#[must_use]
pub fn xml_remedy(kind: &XmlErrorKind) -> &'static str {
    match kind {
        XmlErrorKind::Namespace => {
            "declare the namespace: the root needs xmlns=\"SYNCML:SYNCML1.2\", Meta's children \
             xmlns=\"syncml:metinf\""
        }
        XmlErrorKind::DocumentType => "remove the DOCTYPE: a message has none",
        XmlErrorKind::Encoding => "give XML text in UTF-8",
        XmlErrorKind::AttributeWithNamespace => "remove the attribute: a message cannot carry it",
        XmlErrorKind::Limit(_) => "split the document into smaller ones",
        XmlErrorKind::Syntax => "correct the XML text; & is written &amp; and < is written &lt;",
        _ => "correct the XML text",
    }
}

#[cfg(test)]
mod tests {
    use super::of_segments;

    #[test]
    fn many_missing_segments_are_told_as_ranges() {
        let what = |missing: &[u8]| of_segments("", missing).what;
        assert_eq!(what(&[2]), "segment 2 is missing");
        assert_eq!(what(&[2, 3]), "segments 2, 3 are missing");
        let but_200: Vec<u8> = (1..=255).filter(|number| *number != 200).collect();
        assert_eq!(what(&but_200), "segments 1 to 199, 201 to 255 are missing");
    }
}
