//! What `Data` holds, in words: a value, an object, an encrypted part.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_seal::algorithm::XENC;
use dm_seal::encryption::EncryptedData;
use dm_xml::Element;

use super::{Line, child, quoted, shown, text_at, tree};
use crate::examine;
use crate::recognise::{is_xml, wbxml};

/// Format and Type, as far as they are said.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    pub(super) format: Option<String>,
    pub(super) r#type: Option<String>,
}

impl Meta {
    /// What the `Meta` of this element says.
    pub(super) fn of(element: Element<'_>) -> Self {
        let Some(meta) = child(element, "Meta") else { return Self::default() };
        let meta = child(meta, "MetInf").unwrap_or(meta);
        Self { format: text_at(meta, &["Format"]), r#type: text_at(meta, &["Type"]) }
    }

    /// What is open here, as the outer one says.
    pub(super) fn or(self, outer: &Self) -> Self {
        Self {
            format: self.format.or_else(|| outer.format.clone()),
            r#type: self.r#type.or_else(|| outer.r#type.clone()),
        }
    }

    /// In brackets, if anything is said.
    pub(super) fn as_words(&self) -> Option<String> {
        let said: Vec<String> =
            [&self.format, &self.r#type].into_iter().flatten().map(|it| shown(it)).collect();
        (!said.is_empty()).then(|| format!(" ({})", said.join(", ")))
    }

    fn is_octets(&self) -> bool {
        self.format.as_deref() == Some("bin")
            || self.r#type.as_deref().is_some_and(dm_syncml::is_wbxml)
    }
}

/// The data in one line, and what it holds in further ones.
pub(super) fn describe(data: Element<'_>, meta: &Meta) -> (String, Vec<Line>) {
    let mut lines = Vec::new();
    let mut text = None;
    if let Some(inner) = data.elements().next() {
        if inner.is(XENC, "EncryptedData") {
            return (encrypted(inner), lines);
        }
        text = Some(title(inner));
        tree::lines(inner, 1, &mut lines);
    } else if let Some(octets) = document_inside(data, meta.is_octets()) {
        let (deviations, _) = examine::read(&octets, |document| {
            let Some(document) = document else { return };
            text = Some(title(document.root()));
            tree::lines(document.root(), 1, &mut lines);
        });
        let kind = if is_xml(&octets) { "XML" } else { "WBXML" };
        let count = octets.len();
        if let Some(error) = deviations.first() {
            let offset = error.offset.unwrap_or(0);
            lines.push(Line {
                text: format!("! {} at octet {offset} of the {kind} inside", error.what),
                depth: 1,
            });
        }
        text = Some(match text {
            Some(text) => format!("{text}, {kind} inside, {count} octets"),
            None => format!("{count} octets of {kind} that cannot be read"),
        });
    }
    let text = text.unwrap_or_else(|| value(data, meta));
    (text + &meta.as_words().unwrap_or_default(), lines)
}

/// A value in one line.
pub(super) fn value(data: Element<'_>, meta: &Meta) -> String {
    let octets = match data.octets() {
        Some(octets) => Some(Cow::Borrowed(octets)),
        None if meta.is_octets() => base64(&data.text()).map(Cow::Owned),
        None => None,
    };
    match octets {
        Some(octets) => {
            let begun: Vec<String> =
                octets.iter().take(12).map(|octet| format!("{octet:02x}")).collect();
            let more = if octets.len() > 12 { "\u{2026}" } else { "" };
            format!("{} octets {}{more}", octets.len(), begun.join(" "))
        }
        None => quoted(&data.text()),
    }
}

/// The octets of a document inside: as octets, as their base64 text, or as text.
pub(crate) fn document_inside(data: Element<'_>, is_octets: bool) -> Option<Cow<'_, [u8]>> {
    let is_document = |octets: &[u8]| is_xml(octets) || wbxml(octets, true).is_some();
    if let Some(octets) = data.octets() {
        return Some(Cow::Borrowed(octets)).filter(|octets| is_document(octets));
    }
    let text = data.text();
    if is_xml(text.as_bytes()) {
        return Some(Cow::Owned(text.into_owned().into_bytes()));
    }
    base64(&text).filter(|octets| is_octets && is_document(octets)).map(Cow::Owned)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}

/// What a document is, by its root.
pub(super) fn title(root: Element<'_>) -> String {
    let nodes = |local| root.walk().filter(|element| element.local() == local).count();
    match root.local() {
        "MgmtTree" => format!("a management object of {} nodes", nodes("Node")),
        "DevInf" => "device information".to_owned(),
        "wap-provisioningdoc" => {
            format!("client provisioning with {} characteristics", nodes("characteristic"))
        }
        "EncryptedData" => encrypted(root),
        local => format!("{} with {} elements", shown(local), root.walk().count()),
    }
}

/// An encrypted part: named, not opened.
pub(super) fn encrypted(element: Element<'_>) -> String {
    let methods: Vec<String> = element
        .walk()
        .filter(|element| element.local() == "EncryptionMethod")
        .filter_map(|method| method.attribute("Algorithm"))
        .map(|uri| shown(uri.rsplit('#').next().unwrap_or(uri)))
        .take(3)
        .collect();
    let key = element.walk().find(|element| element.local() == "KeyName");
    let key = key.map_or(String::new(), |key| format!(", for the key {}", quoted(&key.text())));
    let methods =
        if methods.is_empty() { "no method named".to_owned() } else { methods.join(", ") };
    format!("an encrypted part ({methods}){key}{}, not opened", bound(element))
}

/// What a ciphertext is bound to, where its shape is the one that a device accepts. [profile §6]
fn bound(element: Element<'_>) -> String {
    let Ok(data) = EncryptedData::read(element) else { return String::new() };
    let octets = |octets: &[u8]| quoted(&String::from_utf8_lossy(octets));
    let server = octets(data.transport().server_id());
    let device = data.transport().device_id().map(octets);
    let device = device.map_or(String::new(), |device| format!(" and {device}"));
    format!(", bound to {server}{device}, {} octets", data.plaintext_octets())
}
