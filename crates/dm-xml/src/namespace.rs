//! Prefixes in scope. [Namespaces in XML 1.0 §6]

use alloc::borrow::Cow;

use smallvec::SmallVec;

use crate::character::{is_namespace, is_same};

/// Declarations in scope at once; real documents have a handful.
const MOST_IN_SCOPE: usize = 256;

/// The declarations in scope, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    declared: SmallVec<[(&'a str, Cow<'a, str>); 4]>,
    /// For each open element: how many declarations there were before it, if it has any.
    before: SmallVec<[Option<u32>; 16]>,
}

impl<'a> Scope<'a> {
    /// How many declarations are in scope.
    pub(crate) fn depth(&self) -> usize {
        self.declared.len()
    }

    /// Adds a declaration; whether it is allowed.
    pub(crate) fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>) -> bool {
        // xmlns="" takes the default away; an element that then has none deviates.
        let allowed = is_namespace(&uri) && prefix != "xmlns" && prefix != "xml"
            || prefix.is_empty() && uri.is_empty()
            || prefix == "xml" && uri == "http://www.w3.org/XML/1998/namespace";
        self.declared.push((prefix, uri));
        allowed && self.declared.len() <= MOST_IN_SCOPE
    }

    /// An element has begun whose declarations stand from `before` on.
    #[inline]
    pub(crate) fn enter(&mut self, before: usize, declares: bool) {
        self.before.push(if declares { u32::try_from(before).ok() } else { None });
    }

    /// The innermost open element ends.
    #[inline]
    pub(crate) fn exit(&mut self) {
        if let Some(Some(before)) = self.before.pop() {
            self.declared.truncate(before as usize);
        }
    }

    /// Forgets the declarations from `before` on.
    pub(crate) fn leave(&mut self, before: usize) {
        self.declared.truncate(before);
    }

    /// Namespace and local name of an element name, if it has a namespace, and which declaration
    /// in scope it has it from.
    #[inline]
    pub(crate) fn resolve(&self, name: &'a str) -> Option<(usize, Cow<'a, str>, &'a str)> {
        let (prefix, local) = match name.bytes().position(|octet| octet == b':') {
            Some(0) => return None, // a colon without a prefix
            Some(at) => (&name[..at], &name[at + 1..]),
            None => ("", name),
        };
        let at = self.declared.iter().rposition(|(declared, _)| is_same(declared, prefix))?;
        let (_, uri) = &self.declared[at];
        if uri.is_empty() { None } else { Some((at, uri.clone(), local)) }
    }
}
