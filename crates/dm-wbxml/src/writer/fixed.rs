//! An element that is the same in many documents, written once.

use alloc::boxed::Box;
use alloc::vec::Vec;

use dm_xml::canonical::Output;
use dm_xml::{Element, Sink};

use super::table::Table;
use super::{TablePlan, Writer};
use crate::{OctetRule, WithPages, WriteError};

/// The octets of an element, and where they are the octets of that element: with the same
/// [`TablePlan`], in the same namespace, on the same pages, and where the rule which content is
/// octets has come to the same.
///
/// ```
/// use dm_wbxml::{CodePage, Encoder, NoOctets, Strings, Vocabulary};
/// use dm_xml::{Limits, Sink, parse};
/// static PAGES: [CodePage; 1] = [CodePage::new(0, "urn:x", &["All", "Uri"])];
/// static X: Vocabulary =
///     Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
/// let document = parse(b"<All xmlns='urn:x'><Uri>./A</Uri></All>", &Limits::default()).unwrap();
/// let uri = document.root().elements().next().unwrap();
/// let encoder = Encoder::new(&X);
/// let plan = encoder.plan(&document, NoOctets).unwrap();
/// let mut writer = encoder.planned_writer(&plan, NoOctets);
/// writer.start("urn:x".into(), "All").unwrap();
/// let fixed = writer.fixed(&plan, uri).unwrap();
/// assert!(writer.put_fixed(&fixed) && writer.put_fixed(&fixed));
/// writer.end().unwrap();
/// let octets = encoder.finish(writer).unwrap();
/// assert_eq!(octets, b"\x02\x7F\x6A\0\x45\x46\x03./A\0\x01\x46\x03./A\0\x01\x01");
/// ```
#[derive(Clone, Debug)]
pub struct Fixed<R> {
    octets: Vec<u8>,
    namespace: Box<str>,
    before: State<R>,
    /// None when it is as before.
    behind: Option<State<R>>,
}

/// What the octets of an element depend on, and what they change.
#[derive(Clone, Debug, PartialEq)]
struct State<R> {
    pages: (u8, u8),
    rule: WithPages<R>,
}

impl<R: OctetRule + Clone + PartialEq, O: Output> Writer<'_, R, O> {
    /// Writes an element as if it were the next child of the innermost element, and keeps it.
    ///
    /// # Errors
    /// When WBXML cannot carry it, or [`WriteError::NotPlanned`] when a name of it is not in the
    /// plan that this writer has.
    pub fn fixed(&self, plan: &TablePlan, element: Element<'_>) -> Result<Fixed<R>, WriteError> {
        let mut writer = self.for_child(Table::of_plan(plan));
        writer.element(element)?;
        let before = self.state();
        let behind = Some(writer.state()).filter(|behind| *behind != before);
        let (table, octets) = writer.into_parts();
        if table.octets().len() > plan.octets.len() {
            return Err(WriteError::NotPlanned);
        }
        Ok(Fixed { octets, namespace: self.in_force().into(), before, behind })
    }

    /// Puts an element as the next child of the innermost element, if these are its octets here;
    /// whether it did.
    pub fn put_fixed(&mut self, fixed: &Fixed<R>) -> bool {
        let is_here = fixed.before.pages == self.pages()
            && fixed.before.rule == *self.rule()
            && *fixed.namespace == *self.in_force();
        if is_here {
            self.begin_child(None);
            self.take_octets(&fixed.octets);
            if let Some(State { pages: (tags, attributes), rule }) = &fixed.behind {
                self.set_pages(Some(*tags), *attributes);
                self.set_rule(rule.clone());
            }
        }
        is_here
    }

    fn state(&self) -> State<R> {
        State { pages: self.pages(), rule: self.rule().clone() }
    }
}

#[cfg(test)]
mod tests {
    use dm_xml::{Document, Limits, ToInfoset, parse};

    use super::*;
    use crate::{CodePage, Encoder, Vocabulary};

    static PAGES: [CodePage; 2] = [
        CodePage::new(0, "urn:x", &["All", "Bin", "Value"]),
        CodePage::new(1, "urn:y", &["Other"]),
    ];
    static X: Vocabulary =
        Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };

    /// Behind `Bin`, every `Value` holds octets.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct BehindBin {
        is_bin: bool,
        is_value: bool,
    }

    impl OctetRule for BehindBin {
        fn start(&mut self, _: &str, local: &str) {
            self.is_bin |= local == "Bin";
            self.is_value = local == "Value";
        }
        fn text(&mut self, _: &str) {}
        fn end(&mut self) {
            self.is_value = false;
        }
        fn is_octets(&self) -> bool {
            self.is_bin && self.is_value
        }
    }

    /// Puts the last child of the first document as the last child of the second one, in place of
    /// what is there; whether it was put, and the octets.
    fn put(kept: &str, other: &str) -> (bool, Vec<u8>) {
        let parsed = |text: &str| -> Document<'static> {
            parse(alloc::string::String::from(text).leak().as_bytes(), &Limits::default()).unwrap()
        };
        let (kept, other) = (parsed(kept), parsed(other));
        let encoder = Encoder::new(&X);
        let plan = encoder.plan(&kept, BehindBin::default()).unwrap();
        let before_last = |document: &Document<'static>| {
            let document: &'static Document<'static> =
                alloc::boxed::Box::leak(alloc::boxed::Box::new(document.clone()));
            let plan = alloc::boxed::Box::leak(alloc::boxed::Box::new(plan.clone()));
            let mut writer = encoder.planned_writer(plan, BehindBin::default());
            let root = document.root();
            writer.start(root.namespace().into(), root.local()).unwrap();
            let children: Vec<_> = root.elements().collect();
            let (last, before) = children.split_last().unwrap();
            before.iter().for_each(|child| child.push(&mut writer).unwrap());
            (writer, *last)
        };
        let (writer, last) = before_last(&kept);
        let fixed = writer.fixed(&plan, last).unwrap();
        let (mut writer, last) = before_last(&other);
        let is_put = writer.put_fixed(&fixed);
        if !is_put {
            last.push(&mut writer).unwrap();
        }
        writer.end().unwrap();
        let octets = encoder.finish(writer).unwrap();
        let mut anew = encoder.planned_writer(&plan, BehindBin::default());
        other.write(&mut anew).unwrap();
        assert_eq!(octets, encoder.finish(anew).unwrap());
        (is_put, octets)
    }

    #[test]
    fn an_element_is_put_only_where_its_octets_are_the_same() {
        let value = "<Value xmlns='urn:x'>AAEC</Value>";
        let all =
            |before: &str, child: &str| alloc::format!("<All xmlns='urn:x'>{before}{child}</All>");
        let plain = all("", value);
        assert!(put(&plain, &plain).0);
        assert!(put(&plain, &all("<All/>", value)).0);
        let octets = all("<Bin/>", value);
        assert!(put(&octets, &octets).0);
        assert_ne!(put(&octets, &octets).1, put(&plain, &plain).1);
        assert!(!put(&plain, &octets).0, "the rule has come to another state");
        let page = all("<Other xmlns='urn:y'/>", value);
        assert!(!put(&plain, &page).0, "another page is in force");
        assert!(put(&page, &page).0);
        let literal = "<Strange xmlns='urn:x'/>";
        let inside = alloc::format!("<None xmlns='urn:z'>{literal}</None>");
        assert!(put(&all("", literal), &all("", literal)).0);
        assert!(!put(&all("", literal), &inside).0, "another namespace is in force");
    }

    #[test]
    fn a_name_that_is_not_planned_is_not_kept() {
        let plain = parse(b"<All xmlns='urn:x'/>", &Limits::default()).unwrap();
        let strange = parse(b"<Strange xmlns='urn:z'/>", &Limits::default()).unwrap();
        let encoder = Encoder::new(&X);
        let plan = encoder.plan(&plain, BehindBin::default()).unwrap();
        let writer = encoder.planned_writer(&plan, BehindBin::default());
        assert_eq!(writer.fixed(&plan, strange.root()).unwrap_err(), WriteError::NotPlanned);
    }
}
