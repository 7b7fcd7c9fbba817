//! The digest of a message that is to be signed, and the watch for elements of a signature in it.
//! [profile §3]

use alloc::borrow::Cow;

use dm_xml::character::is_same;
use dm_xml::{ElementPath, Sink, ToInfoset, canonical};
use smallvec::SmallVec;

use crate::algorithm::{DS, XENC};
use crate::{Hasher, SealError};

/// An element of a signature was met.
#[derive(Debug)]
pub(crate) struct Stray;

/// Takes a message, and hands its canonical form to a digest.
#[derive(Debug)]
pub(crate) struct Digesting<'a, H: Hasher> {
    watch: Watch,
    writer: canonical::Writer<'a, H>,
}

impl<'a, H: Hasher> Digesting<'a, H> {
    pub(crate) fn new(hasher: H) -> Self {
        Self { watch: Watch::default(), writer: canonical::Writer::new(hasher) }
    }

    /// The digest of all of it, still to be ended.
    pub(crate) fn finish(self) -> H {
        self.writer.finish()
    }

    /// How many elements are open.
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        self.watch.depth
    }

    /// Whether an `EncryptedData` is open, in which other elements may stand.
    pub(crate) fn is_in_encrypted(&self) -> bool {
        self.watch.encrypted.is_some()
    }

    /// The canonical form so far.
    pub(crate) fn writer(&mut self) -> &mut canonical::Writer<'a, H> {
        &mut self.writer
    }
}

impl<'a, H: Hasher> Sink<'a> for Digesting<'a, H> {
    type Error = Stray;

    #[inline]
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Stray> {
        self.watch.start(&namespace, local)?;
        let Ok(()) = self.writer.start(namespace, local);
        Ok(())
    }

    #[inline]
    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Stray> {
        let Ok(()) = self.writer.attribute(name, value);
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Stray> {
        self.writer.characters(&text);
        Ok(())
    }

    #[inline]
    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Stray> {
        self.writer.base64(&octets);
        Ok(())
    }

    #[inline]
    fn leaf(&mut self, namespace: &'a str, local: &'a str, text: &'a str) -> Result<(), Stray> {
        self.watch.start(namespace, local)?;
        let Ok(()) = self.writer.leaf(namespace, local, text);
        self.watch.end();
        Ok(())
    }

    #[inline]
    fn end(&mut self) -> Result<(), Stray> {
        self.watch.end();
        let Ok(()) = self.writer.end();
        Ok(())
    }
}

/// Follows a message and finds elements of a signature; what `EncryptedData` borrows of them is
/// none.
#[derive(Debug, Default)]
struct Watch {
    depth: usize,
    /// How many elements were open with the outermost `EncryptedData`.
    encrypted: Option<usize>,
}

impl Watch {
    #[inline]
    fn start(&mut self, namespace: &str, local: &str) -> Result<(), Stray> {
        self.depth += 1;
        if is_same(namespace, DS) && (self.encrypted.is_none() || local == "Signature") {
            return Err(Stray);
        }
        if self.encrypted.is_none() && is_same(namespace, XENC) && local == "EncryptedData" {
            self.encrypted = Some(self.depth);
        }
        Ok(())
    }

    #[inline]
    fn end(&mut self) {
        if self.encrypted == Some(self.depth) {
            self.encrypted = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }
}

/// Where the element of a signature is that was met in this message.
#[cold]
pub(crate) fn already_signed(message: &impl ToInfoset) -> SealError {
    let mut path = Path::default();
    let _ = message.write(&mut path); // it ends at that element
    SealError::AlreadySigned(ElementPath::new(path.names))
}

/// The names of the open elements, until one is of a signature.
#[derive(Default)]
struct Path<'a> {
    watch: Watch,
    names: SmallVec<[&'a str; 16]>,
}

impl<'a> Sink<'a> for Path<'a> {
    type Error = Stray;

    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Stray> {
        self.names.push(local);
        self.watch.start(&namespace, local)
    }

    fn attribute(&mut self, _: &'a str, _: Cow<'a, str>) -> Result<(), Stray> {
        Ok(())
    }

    fn text(&mut self, _: Cow<'a, str>) -> Result<(), Stray> {
        Ok(())
    }

    fn octets(&mut self, _: Cow<'a, [u8]>) -> Result<(), Stray> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Stray> {
        self.watch.end();
        self.names.pop();
        Ok(())
    }
}
