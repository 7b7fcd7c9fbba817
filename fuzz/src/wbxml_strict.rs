//! The strict reader of WBXML, and every model that reads from what it yields.

use std::borrow::Cow;
use std::convert::Infallible;

use dm_seal::Structure;
use dm_syncml::{Command, Item, MetaRule, SyncBody, SyncHdr, wbxml};
use dm_tnds::MgmtTree;
use dm_wbxml::Source;
use dm_xml::{Document, Event, LimitExceeded, Limits, Sink, ToInfoset, canonical};

/// Any octets.
///
/// # Panics
/// When an error points outside the octets, the canonical text of what was read is not XML
/// text with that very canonical form, or more is done than octets and limits allow.
pub fn check(octets: &[u8]) {
    let limits = Limits::default();
    let inside = |error: dm_wbxml::Error| assert!(error.offset <= octets.len(), "{error}");
    let source = match wbxml::open(octets, &limits) {
        Ok(source) => source,
        Err(error) => return inside(error),
    };
    let decoded = wbxml::decode(&source, &limits);
    for limits in [limits, SMALL] {
        work(octets, &source, decoded.as_ref(), limits);
    }
    match decoded {
        Err(error) => inside(error),
        Ok(document) => {
            canonical_text_is_xml(&document);
            models(&document);
        }
    }
}

/// Limits that small documents pass.
const SMALL: Limits =
    Limits { octets: 1 << 20, depth: 5, elements: 12, attributes: 2, text: 200, nested: 1 };

/// Reads under limits: every octet makes at most one event besides the ends, no limit is passed
/// even for a moment, and what is within the limits is not refused for them.
fn work<'s>(
    octets: &[u8],
    source: &'s Source<'_>,
    decoded: Result<&Document<'s>, &dm_wbxml::Error>,
    limits: Limits,
) {
    let mut done = Work { limits, ..Work::default() };
    let read = source.read(MetaRule::default(), &limits, &mut done);
    assert!(done.events <= octets.len(), "{} events of {} octets", done.events, octets.len());
    match (read, decoded) {
        (Ok(()), Ok(document)) => {
            assert_eq!((done.elements, done.depth), (names(document).len(), 0), "all of it");
            let rendered = canonical::text(document).len();
            // A character may become `&quot;`; names with tokens cost no text.
            assert!(rendered <= 2 * 6 * limits.text + 256 * octets.len(), "{rendered} octets");
        }
        (Ok(()), Err(error)) => panic!("only under smaller limits it is read: {error}"),
        (Err(_), Err(_)) => {}
        (Err(error), Ok(document)) => {
            let error = error.into_input();
            let mut all = Work { limits: Limits::default(), ..Work::default() };
            document.write(&mut all).expect("it takes everything");
            let is_over = match error.kind {
                dm_wbxml::ErrorKind::Limit(LimitExceeded::Attributes(_)) => true,
                dm_wbxml::ErrorKind::Limit(LimitExceeded::Depth(most)) => all.deepest > most,
                dm_wbxml::ErrorKind::Limit(LimitExceeded::Elements(most)) => all.elements > most,
                dm_wbxml::ErrorKind::Limit(LimitExceeded::Text(most)) => {
                    all.text > most || all.markup + octets.len() > most
                }
                _ => false,
            };
            assert!(is_over, "within the limits, but {error}");
        }
    }
}

/// Counts what it is given.
#[derive(Default)]
struct Work {
    limits: Limits,
    events: usize,
    elements: usize,
    attributes: usize,
    depth: usize,
    deepest: usize,
    text: usize,
    markup: usize,
}

impl Work {
    fn characters(&mut self, characters: usize) {
        self.events += 1;
        self.text += characters;
        assert!(self.text <= self.limits.text, "{} characters", self.text);
    }
}

impl<'a> Sink<'a> for Work {
    type Error = Infallible;

    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        self.events += 1;
        self.elements += 1;
        self.depth += 1;
        self.attributes = 0;
        self.deepest = self.deepest.max(self.depth);
        self.markup += namespace.len() + local.len();
        assert!(self.elements <= self.limits.elements && self.depth <= self.limits.depth);
        Ok(())
    }

    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Infallible> {
        self.attributes += 1;
        self.markup += name.len() + value.len();
        assert!(self.attributes <= self.limits.attributes);
        self.characters(value.chars().count());
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Infallible> {
        self.characters(text.chars().count());
        Ok(())
    }

    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Infallible> {
        self.characters(octets.len().div_ceil(3) * 4);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.depth -= 1; // no end without a start: it would wrap
        Ok(())
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
    assert_eq!(names(&read), names(document), "and says the same");
}

/// All elements, with their namespaces: what a text that hides one may not show.
pub fn names<'d>(document: &'d Document<'_>) -> Vec<(&'d str, &'d str)> {
    let name = |event| match event {
        Event::Start { namespace, local } => Some((namespace, local)),
        _ => None,
    };
    document.events().filter_map(name).collect()
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
