//! What a person does to a real document before it can be a sessionless message.

use std::borrow::Cow;

use crate::infoset::root_of;

/// XML text without declaration and DOCTYPE, with a namespace, and with `&` escaped.
pub fn mended(text: &str) -> String {
    with_namespace(&with_references(root_of(text)))
}

/// Each `&` that begins no reference written as one.
fn with_references(text: &str) -> Cow<'_, str> {
    let is_reference = |rest: &str| {
        let name = rest.split(';').next().unwrap_or_default();
        matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") || name.starts_with('#')
    };
    let mut parts = text.split('&');
    let mut mended = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        mended += if is_reference(part) { "&" } else { "&amp;" };
        mended += part;
    }
    Cow::Owned(mended)
}

/// The namespace that the document's version says, where the root has none.
fn with_namespace(text: &str) -> String {
    let name = text.trim_start_matches('<').split(['>', ' ', '/']).next().unwrap_or_default();
    let bare = format!("<{name}>");
    if !text.starts_with(&bare) {
        return text.to_owned();
    }
    let version = between(text, "<VerDTD>", "</VerDTD>").unwrap_or("1.2");
    let namespace = match name {
        "MgmtTree" => "syncml:dmddf1.2".to_owned(),
        _ => format!("SYNCML:SYNCML{version}"),
    };
    text.replacen(&bare, &format!("<{name} xmlns=\"{namespace}\">"), 1)
}

/// The same message in SyncML 1.2 and DM 1.2.
pub fn retargeted(text: &str) -> String {
    let text = ["1.0", "1.1"].iter().fold(text.to_owned(), |text, version| {
        text.replace(&format!("SYNCML:SYNCML{version}"), "SYNCML:SYNCML1.2")
    });
    let text = with_content(&text, "VerDTD", "1.2");
    with_content(&text, "VerProto", "DM/1.2")
}

/// The first element of this name with other content.
pub fn with_content(text: &str, name: &str, content: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    match between(text, &start, &end) {
        None => text.to_owned(),
        Some(old) => {
            text.replacen(&[&start, old, &end].concat(), &[&start, content, &end].concat(), 1)
        }
    }
}

/// The text without each element of this name, which may not stand in itself.
pub fn without(text: &str, name: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut text = text.to_owned();
    while let Some(content) = between(&text, &start, &end) {
        text = text.replacen(&[&start, content, &end].concat(), "", 1);
    }
    text
}

/// What stands between the first `start` and the next `end`.
pub fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}
