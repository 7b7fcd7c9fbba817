//! The strict reader of WBXML, and every model that reads from what it yields.

use dm_seal::Structure;
use dm_syncml::{Command, Item, SyncBody, SyncHdr, wbxml};
use dm_tnds::MgmtTree;
use dm_xml::{Document, Limits, canonical};

/// Any octets.
///
/// # Panics
/// When an error points outside the octets, or the canonical text of what was read is not XML
/// text with that very canonical form.
pub fn check(octets: &[u8]) {
    let limits = Limits::default();
    let inside = |error: dm_wbxml::Error| assert!(error.offset <= octets.len(), "{error}");
    let source = match wbxml::open(octets, &limits) {
        Ok(source) => source,
        Err(error) => return inside(error),
    };
    match wbxml::decode(&source, &limits) {
        Err(error) => inside(error),
        Ok(document) => {
            canonical_text_is_xml(&document);
            models(&document);
        }
    }
}

/// The canonical text is XML, and means the same document.
///
/// # Panics
/// When it is not or does not.
pub fn canonical_text_is_xml(document: &Document<'_>) {
    let text = canonical::text(document);
    let limits = Limits { attributes: usize::MAX, ..Limits::generous() };
    let read = dm_xml::parse(text.as_bytes(), &limits).expect("canonical form is XML");
    assert_eq!(canonical::text(&read), text, "canonical form is a fixed point");
}

/// Everything that reads an infoset reads this one; each may refuse, none may panic.
fn models(document: &Document<'_>) {
    let root = document.root();
    drop(SyncHdr::read(root));
    drop(Structure::read(document));
    drop(MgmtTree::read(root));
    if let Ok(body) = SyncBody::read(root) {
        body.commands.iter().for_each(command);
    }
}

fn command(command: &Command<'_>) {
    match command {
        Command::Group(group) => group.commands.iter().for_each(self::command),
        Command::Items(items) => items.items.iter().for_each(item),
        _ => {}
    }
}

fn item(item: &Item<'_>) {
    let Some(data) = &item.data else { return };
    let kinds = ["application/vnd.syncml.dmtnds+wbxml", "application/vnd.syncml.dmtnds+xml"];
    for (kind, is_bin) in kinds.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
        drop(data.with_object(kind, is_bin, &Limits::default(), |tree| tree.nodes.len()));
    }
}
