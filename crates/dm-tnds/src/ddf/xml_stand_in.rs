//! XML text of descriptions as the reader of messages takes it: without a document type, without
//! processing instructions, with a namespace. A stand-in until `dm-xml` reads leniently itself.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::tables::NAMESPACE;

/// Takes the document type and processing instructions before the root away, and gives a
/// `MgmtTree` without namespace the one of DDF. Lines stay where they were.
///
/// Text that is not UTF-8, or has none of these, comes back as it is.
#[must_use]
pub fn mend(octets: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = core::str::from_utf8(octets) else { return Cow::Borrowed(octets) };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut mended = String::new();
    let mut rest = text;
    loop {
        let begin = rest.len() - rest.trim_start().len();
        let end = match &rest[begin..] {
            at if at.starts_with("<?") => at.find("?>").map(|end| begin + end + 2),
            at if at.starts_with("<!--") => at.find("-->").map(|end| begin + end + 3),
            at if at.starts_with("<!DOCTYPE") => doctype(at).map(|end| begin + end),
            _ => None,
        };
        let Some(end) = end else { break };
        mended.extend(rest[..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    let root = rest.trim_start();
    let head = root.split('>').next().unwrap_or_default();
    let is_bare = root.starts_with("<MgmtTree")
        && !head.contains(" xmlns=")
        && !head.contains("\nxmlns=")
        && !head.contains("\txmlns=");
    if mended.is_empty() && !is_bare && rest.len() == octets.len() {
        return Cow::Borrowed(octets);
    }
    if is_bare {
        mended.push_str("<MgmtTree xmlns=\"");
        mended.push_str(NAMESPACE);
        mended.push('"');
        mended.push_str(&root["<MgmtTree".len()..]);
    } else {
        mended.push_str(rest);
    }
    Cow::Owned(mended.into_bytes())
}

/// Where the declaration that begins here ends.
fn doctype(text: &str) -> Option<usize> {
    let (mut quote, mut inside) = (None, 0_usize);
    for (at, octet) in text.bytes().enumerate() {
        match (quote, octet) {
            (Some(open), octet) if open == octet => quote = None,
            (None, b'"' | b'\'') => quote = Some(octet),
            (None, b'[') => inside += 1,
            (None, b']') => inside = inside.saturating_sub(1),
            (None, b'>') if inside == 0 => return Some(at + 1),
            _ => {} // quoted, or plain
        }
    }
    None
}
