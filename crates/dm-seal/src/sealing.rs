//! A message on its way to its digest and its octets at once. [profile §3]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_wbxml::{Fixed, OctetRule, TablePlan, WriteError, Writer};
use dm_xml::{Element, Place, Sink};

use crate::Hasher;
use crate::digesting::{Digesting, Stray};

/// Why a message cannot be sealed.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It has an element of a signature.
    Stray,
    /// WBXML cannot carry it.
    Write(WriteError),
}

/// An element of the message that the sealer was prepared with, digested and written in advance.
#[derive(Debug)]
pub(crate) struct Known<'d, R> {
    /// Held, so that no other element can come to stand in its place.
    element: Element<'d>,
    canonical: Vec<u8>,
    fixed: Fixed<R>,
}

/// What is done with elements of documents.
#[derive(Debug)]
enum Elements<'a, 'p, R> {
    /// They are prepared.
    Gathered(&'p TablePlan, Vec<Known<'a, R>>),
    /// Those that are prepared are put; the place at which the next one is expected.
    Put(&'p [Known<'p, R>], usize),
}

/// Takes a message; the end of its root is left out of the octets, as the signature goes before it.
#[derive(Debug)]
pub(crate) struct Sealing<'a, 'p, H: Hasher, R> {
    digesting: Digesting<'a, H>,
    writer: Writer<'p, R, Vec<u8>>,
    elements: Elements<'a, 'p, R>,
}

impl<'a: 'p, 'p, H: Hasher, R: OctetRule + Clone + PartialEq> Sealing<'a, 'p, H, R> {
    /// To gather what can be prepared, of the message that the plan was made for.
    pub(crate) fn gathering(
        hasher: H,
        writer: Writer<'p, R, Vec<u8>>,
        plan: &'p TablePlan,
    ) -> Self {
        let elements = Elements::Gathered(plan, Vec::new());
        Self { digesting: Digesting::new(hasher), writer, elements }
    }

    /// To seal, with these elements known, in the order that [`gathered`](Self::gathered) gives.
    pub(crate) fn new(
        hasher: H,
        writer: Writer<'p, R, Vec<u8>>,
        known: &'p [Known<'p, R>],
    ) -> Self {
        let elements = Elements::Put(known, 0);
        Self { digesting: Digesting::new(hasher), writer, elements }
    }

    /// The elements that were prepared.
    pub(crate) fn gathered(self) -> Vec<Known<'a, R>> {
        let Elements::Gathered(_, mut known) = self.elements else { return Vec::new() };
        known.sort_unstable_by_key(|known| known.element.place());
        known
    }

    /// The digest, still to be ended, and the octets, behind the last child of the root.
    pub(crate) fn finish(self) -> (H, Writer<'p, R, Vec<u8>>) {
        (self.digesting.finish(), self.writer)
    }

    /// Puts an element that is known and is to be written as it was; whether it is.
    fn put(&mut self, element: Element<'a>) -> bool {
        let Elements::Put(known, next) = &mut self.elements else { return false };
        let Some(at) = find(known, element.place(), *next) else { return false };
        *next = at + 1;
        let known = &known[at];
        // In the same namespace the canonical form is the same.
        let is_put = self.writer.put_fixed(&known.fixed);
        if is_put {
            self.digesting.writer().put(&known.canonical);
        }
        is_put
    }
}

/// Messages that are alike have their elements in the same order.
fn find<R>(known: &[Known<'_, R>], place: Place, next: usize) -> Option<usize> {
    match known.get(next) {
        Some(known) if known.element.place() == place => Some(next),
        _ => known.binary_search_by_key(&place, |known| known.element.place()).ok(),
    }
}

impl<'a: 'p, 'p, H: Hasher, R: OctetRule + Clone + PartialEq> Sink<'a> for Sealing<'a, 'p, H, R> {
    type Error = Stop;

    #[inline]
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Stop> {
        self.digesting.start(namespace.clone(), local)?;
        Ok(self.writer.start(namespace, local)?)
    }

    #[inline]
    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Stop> {
        self.digesting.attribute(name, value.clone())?;
        Ok(self.writer.attribute(name, value)?)
    }

    #[inline]
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Stop> {
        self.digesting.writer().characters(&text);
        Ok(self.writer.text(text)?)
    }

    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Stop> {
        self.digesting.writer().base64(&octets);
        Ok(self.writer.octets(octets)?)
    }

    #[inline]
    fn leaf(&mut self, namespace: &'a str, local: &'a str, text: &'a str) -> Result<(), Stop> {
        if self.digesting.depth() == 0 {
            self.start(namespace.into(), local)?;
            self.text(text.into())?;
            return self.end();
        }
        self.digesting.leaf(namespace, local, text)?;
        Ok(self.writer.leaf(namespace, local, text)?)
    }

    #[inline]
    fn end(&mut self) -> Result<(), Stop> {
        self.digesting.end()?;
        if self.digesting.depth() > 0 {
            self.writer.end()?;
        }
        Ok(())
    }

    fn element(&mut self, element: Element<'a>) -> Result<(), Stop> {
        let is_inside = self.digesting.depth() > 0 && !self.digesting.is_in_encrypted();
        if is_inside && self.put(element) {
            return Ok(());
        }
        if is_inside
            && let Elements::Gathered(plan, known) = &mut self.elements
            && let Ok(fixed) = self.writer.fixed(plan, element)
        {
            let canonical = self.digesting.writer().canonical_here(element);
            known.push(Known { element, canonical, fixed });
        }
        element.push(self)
    }
}

impl From<Stray> for Stop {
    fn from(_: Stray) -> Self {
        Self::Stray
    }
}

impl From<WriteError> for Stop {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}
