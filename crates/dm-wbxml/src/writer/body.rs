//! The body of a document, as it is pushed. [WBXML 1.3 §5.8]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::Sink;
use dm_xml::canonical::Output;
use dm_xml::character::is_same;

use super::number;
use super::table::Table;
use crate::token::{END, HAS_ATTRIBUTES, HAS_CONTENT, LITERAL, OPAQUE, STR_I, STR_T, SWITCH_PAGE};
use crate::{CodePage, MbUInt32, OctetRule, Vocabulary, WithPages, WriteError};

/// Octets gathered before they are handed on.
const PIECE: usize = 4096;

/// Writes the body of the document that is pushed into it.
#[derive(Debug)]
pub struct Writer<'d, R, O: Output> {
    pub(super) vocabulary: &'static Vocabulary,
    pub(super) table: Table<'d>,
    pub(super) rule: WithPages<R>,
    output: O,
    /// What is not handed on yet: the tag of the innermost element is still to be completed.
    octets: Vec<u8>,
    page: u8,
    attribute_page: u8,
    open: Vec<Open<'d>>,
    /// The page of the last element that has one: most often that of the next one, too.
    last_page: Option<&'static CodePage>,
    /// What the innermost element has had since its tag or its last child, until it is known to
    /// be all of its run.
    run: Option<Run<'d>>,
}

#[derive(Debug)]
enum Run<'d> {
    Text(Cow<'d, str>),
    /// Octets where octets are meant.
    Octets(Cow<'d, [u8]>),
}

#[derive(Debug)]
struct Open<'d> {
    namespace: Cow<'d, str>,
    local: &'d str,
    /// Where its tag stands, whose bits are set when attributes and content turn up.
    tag: usize,
    /// Whether it has a token that is for an element without attributes.
    is_bare: bool,
    in_attributes: bool,
    has_content: bool,
    has_elements: bool,
}

impl<'d, R: OctetRule, O: Output> Writer<'d, R, O> {
    pub(super) fn new(
        vocabulary: &'static Vocabulary,
        table: Table<'d>,
        rule: R,
        output: O,
    ) -> Self {
        Self::under(WithPages::new(rule), vocabulary, table, output)
    }

    /// A writer whose rule has come so far already.
    fn under(
        rule: WithPages<R>,
        vocabulary: &'static Vocabulary,
        table: Table<'d>,
        output: O,
    ) -> Self {
        Self {
            vocabulary,
            table,
            rule,
            output,
            octets: Vec::with_capacity(512),
            page: 0,
            attribute_page: 0,
            open: Vec::with_capacity(16),
            last_page: None,
            run: None,
        }
    }

    pub(super) fn into_parts(mut self) -> (Table<'d>, O) {
        self.output.write(&self.octets);
        (self.table, self.output)
    }

    /// A writer for the next child of the innermost element: what it writes would be written here.
    pub(super) fn for_child<'p>(&self, table: Table<'p>) -> Writer<'p, R, Vec<u8>>
    where
        R: Clone,
    {
        let mut writer = Writer::under(self.rule.clone(), self.vocabulary, table, Vec::new());
        (writer.page, writer.attribute_page) = self.pages();
        let parent = Open::new(Cow::Owned(self.in_force().into()), "", 0, true);
        writer.open.push(Open { has_content: true, ..parent });
        writer
    }

    /// The namespace of the innermost element.
    pub(super) fn in_force(&self) -> &str {
        self.open.last().map_or("", |open| &open.namespace)
    }

    pub(super) fn rule(&self) -> &WithPages<R> {
        &self.rule
    }

    pub(super) fn set_rule(&mut self, rule: WithPages<R>) {
        self.rule = rule;
    }

    /// The pages in force, for tags and for attributes.
    pub(super) fn pages(&self) -> (u8, u8) {
        (self.page, self.attribute_page)
    }

    /// Other pages are in force, because octets were taken that switch to them.
    pub(super) fn set_pages(&mut self, tags: Option<u8>, attributes: u8) {
        self.page = tags.unwrap_or(self.page);
        self.attribute_page = attributes;
    }

    /// A child of the innermost element is to come, whose tag is on this page.
    pub(super) fn begin_child(&mut self, page: Option<u8>) {
        self.flush();
        self.content();
        if let Some(parent) = self.open.last_mut() {
            parent.has_elements = true;
        }
        self.hand_on();
        if let Some(page) = page.filter(|&page| page != self.page) {
            self.octets.extend_from_slice(&[SWITCH_PAGE, page]);
            self.page = page;
        }
    }

    /// Hands on octets of whole elements, behind [`begin_child`](Self::begin_child).
    pub(super) fn take_octets(&mut self, octets: &[u8]) {
        self.output.write(&self.octets);
        self.octets.clear();
        self.output.write(octets);
    }

    /// Page and token of an element.
    #[inline]
    fn place(&mut self, namespace: &str, local: &str) -> Option<(&'static CodePage, u8)> {
        let page = match self.last_page {
            Some(page) if is_same(page.namespace(), namespace) => page,
            _ => self.vocabulary.page_of(namespace)?,
        };
        self.last_page = Some(page);
        Some((page, page.token(local)?))
    }

    /// The innermost element has content: its tag says so and its attributes end.
    #[inline]
    fn content(&mut self) {
        if let Some(open) = self.open.last_mut()
            && !open.has_content
        {
            open.has_content = true;
            self.octets[open.tag] |= HAS_CONTENT;
            if open.in_attributes {
                self.octets.push(END);
            }
        }
    }

    /// Everything before this place is complete.
    #[inline]
    fn hand_on(&mut self) {
        if self.octets.len() >= PIECE {
            self.output.write(&self.octets);
            self.octets.clear();
        }
    }

    #[inline]
    fn flush(&mut self) {
        match self.run.take() {
            Some(Run::Text(text)) => self.string(text),
            Some(Run::Octets(octets)) => self.string(STANDARD.encode(octets).into()),
            None => {}
        }
    }

    /// Text: in place, or by reference to what it begins with and the rest in place.
    #[inline]
    fn string(&mut self, text: Cow<'d, str>) {
        let mut length = 0;
        if let Some(reference) = self.table.next_reference(&text) {
            self.octets.push(STR_T);
            MbUInt32(reference.offset).encode(&mut self.octets);
            length = reference.length;
        }
        self.inline(&text[length..]);
        self.table.met(text);
    }

    #[inline]
    fn inline(&mut self, text: &str) {
        if !text.is_empty() {
            self.octets.push(STR_I);
            self.octets.extend_from_slice(text.as_bytes());
            self.octets.push(0);
        }
    }

    /// What stands last in an element: octets, if they are meant and there is nothing beside them.
    fn last_run(&mut self, run: Run<'d>) -> Result<(), WriteError> {
        let is_alone = self.open.last().is_none_or(|open| !open.has_elements);
        match run {
            Run::Octets(octets) if is_alone => return self.opaque(&octets),
            Run::Text(text) if is_alone && self.rule.is_octets() => {
                return self.octets_or_text(text);
            }
            run => {
                self.run = Some(run);
                self.flush();
            }
        }
        Ok(())
    }

    /// Text where octets are meant: octets, if it is the base64 text of some.
    fn octets_or_text(&mut self, text: Cow<'d, str>) -> Result<(), WriteError> {
        match STANDARD.decode(text.as_bytes()) {
            Ok(octets) if !octets.is_empty() => return self.opaque(&octets),
            _ => self.string(text),
        }
        Ok(())
    }

    fn opaque(&mut self, octets: &[u8]) -> Result<(), WriteError> {
        self.octets.push(OPAQUE);
        number(octets.len())?.encode(&mut self.octets);
        self.octets.extend_from_slice(octets);
        Ok(())
    }

    fn literal(&mut self, name: &'d str) -> Result<(), WriteError> {
        let offset = self.table.offset(name)?;
        self.octets.push(LITERAL);
        MbUInt32(offset).encode(&mut self.octets);
        Ok(())
    }

    /// The tag of the innermost element says that attributes follow.
    fn begin_attribute(&mut self) {
        if let Some(open) = self.open.last_mut() {
            self.octets[open.tag] |= HAS_ATTRIBUTES;
            open.in_attributes = true;
        }
    }

    /// An attribute of a language that has tokens for them; false when it has none for this one.
    fn token_attribute(&mut self, name: &str, value: &str) -> bool {
        let pages = self.vocabulary.attributes.iter();
        let starts = pages.filter_map(|page| {
            let (token, rest) = page.longest_start(name, value)?;
            Some((rest.len(), page.number() != self.attribute_page, page, token, rest))
        });
        let Some((.., page, token, rest)) = starts.min_by_key(|&(rest, other, ..)| (rest, other))
        else {
            return false;
        };
        self.switch_attribute_page(page.number());
        self.octets.push(token);
        self.token_value(rest);
        true
    }

    /// What the start token left of a value: one token for all of it, else tokens of the page in
    /// force for as much of its beginning as they cover, and the rest in place.
    fn token_value(&mut self, mut rest: &str) {
        let mut pages = self.vocabulary.attributes.iter();
        let whole = pages.find_map(|page| Some((page.number(), page.value_token(rest)?)));
        if let Some((page, token)) = whole {
            self.switch_attribute_page(page);
            self.octets.push(token);
            return;
        }
        if let Some(page) = self.vocabulary.attribute_page(self.attribute_page) {
            while let Some((token, behind)) = page.longest_value(rest) {
                self.octets.push(token);
                rest = behind;
            }
        }
        self.inline(rest);
    }

    fn switch_attribute_page(&mut self, page: u8) {
        if page != self.attribute_page {
            self.octets.extend_from_slice(&[SWITCH_PAGE, page]);
            self.attribute_page = page;
        }
    }
}

impl<'d, R: OctetRule, O: Output> Sink<'d> for Writer<'d, R, O> {
    type Error = WriteError;

    #[inline]
    fn start(&mut self, namespace: Cow<'d, str>, local: &'d str) -> Result<(), WriteError> {
        match self.place(&namespace, local) {
            Some((page, identity)) => {
                self.rule.start(&namespace, local, page.holds_octets(identity));
                self.begin_child(Some(page.number()));
                let tag = self.octets.len();
                self.octets.push(identity);
                let is_bare = !self.vocabulary.has_attributes(page);
                self.open.push(Open::new(namespace, local, tag, is_bare));
            }
            None => {
                self.rule.start(&namespace, local, false);
                self.begin_child(None);
                let inherits =
                    self.open.last().is_some_and(|open| is_same(&open.namespace, &namespace));
                if !inherits && namespace.is_empty() {
                    return Err(WriteError::NoNamespace { element: local.into() });
                }
                let tag = self.octets.len();
                self.literal(local)?;
                self.open.push(Open::new(namespace.clone(), local, tag, false));
                if !inherits {
                    self.attribute("xmlns", namespace)?;
                }
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &'d str, value: Cow<'d, str>) -> Result<(), WriteError> {
        if let Some(open) = self.open.last().filter(|open| open.is_bare) {
            let (element, attribute) = (open.local.into(), name.into());
            return Err(WriteError::AttributeOnToken { element, attribute });
        }
        self.begin_attribute();
        if self.token_attribute(name, &value) {
            return Ok(());
        }
        self.literal(name)?;
        self.string(value);
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: Cow<'d, str>) -> Result<(), WriteError> {
        if text.is_empty() {
            return Ok(());
        }
        self.content();
        self.rule.text(&text);
        self.run = Some(Run::Text(match self.run.take() {
            None => text,
            Some(Run::Text(before)) => before + text,
            Some(Run::Octets(octets)) => Cow::Owned(STANDARD.encode(octets) + &text),
        }));
        Ok(())
    }

    fn octets(&mut self, octets: Cow<'d, [u8]>) -> Result<(), WriteError> {
        self.content();
        if self.rule.is_octets() && self.run.is_none() && !octets.is_empty() {
            self.run = Some(Run::Octets(octets));
            return Ok(());
        }
        self.text(Cow::Owned(STANDARD.encode(octets)))
    }

    #[inline]
    fn leaf(
        &mut self,
        namespace: &'d str,
        local: &'d str,
        text: &'d str,
    ) -> Result<(), WriteError> {
        let place = self.place(namespace, local);
        let is_text = |page: &CodePage, identity| !text.is_empty() && !page.holds_octets(identity);
        let Some((page, identity)) = place.filter(|&(page, identity)| is_text(page, identity))
        else {
            self.start(Cow::Borrowed(namespace), local)?;
            self.text(Cow::Borrowed(text))?;
            return self.end();
        };
        let is_octets = self.rule.leaf(namespace, local, text);
        self.begin_child(Some(page.number()));
        self.octets.push(identity | HAS_CONTENT);
        match is_octets {
            true => self.octets_or_text(Cow::Borrowed(text))?,
            false => self.string(Cow::Borrowed(text)),
        }
        self.octets.push(END);
        Ok(())
    }

    #[inline]
    fn end(&mut self) -> Result<(), WriteError> {
        if let Some(run) = self.run.take() {
            self.last_run(run)?;
        }
        self.rule.end();
        if let Some(open) = self.open.pop()
            && (open.has_content || open.in_attributes)
        {
            self.octets.push(END);
        }
        Ok(())
    }
}

impl<'d> Open<'d> {
    #[inline]
    fn new(namespace: Cow<'d, str>, local: &'d str, tag: usize, is_bare: bool) -> Self {
        Self {
            namespace,
            local,
            tag,
            is_bare,
            in_attributes: false,
            has_content: false,
            has_elements: false,
        }
    }
}
