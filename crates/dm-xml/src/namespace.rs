//! Prefixes in scope. [Namespaces in XML 1.0 §6]
//!
//! quick-xml resolves prefixes too, but to the raw text of the declaration, with its entities.

use std::borrow::Cow;

use crate::XmlErrorKind;
use crate::character::is_namespace;

/// Declarations in scope at once; real documents have a handful.
const MOST_IN_SCOPE: usize = 256;

/// The declarations in scope, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    declared: Vec<(&'a str, Cow<'a, str>)>,
    /// How many declarations there were when each open element began.
    before: Vec<usize>,
}

impl<'a> Scope<'a> {
    /// An element begins.
    pub(crate) fn enter(&mut self) {
        self.before.push(self.declared.len());
    }

    /// The innermost element ends.
    pub(crate) fn leave(&mut self) {
        if let Some(before) = self.before.pop() {
            self.declared.truncate(before);
        }
    }

    /// Takes an attribute of the innermost element if it is a declaration, else gives it back.
    pub(crate) fn declare(
        &mut self,
        (name, value): (&'a str, Cow<'a, str>),
    ) -> Option<(&'a str, Cow<'a, str>)> {
        let prefix = match name.split_once(':') {
            None if name == "xmlns" => "",
            Some(("xmlns", prefix)) => prefix,
            _ => return Some((name, value)),
        };
        self.declared.push((prefix, value));
        None
    }

    /// Checks the declarations of the innermost element.
    pub(crate) fn check(&self) -> Result<(), XmlErrorKind> {
        let before = self.before.last().copied().unwrap_or(0);
        let allowed = self.declared[before..].iter().all(|(prefix, uri)| {
            // xmlns="" takes the default away; an element that then has none is refused.
            is_namespace(uri) && *prefix != "xmlns" && *prefix != "xml"
                || prefix.is_empty() && uri.is_empty()
                || *prefix == "xml" && uri == "http://www.w3.org/XML/1998/namespace"
        });
        if allowed && self.declared.len() <= MOST_IN_SCOPE {
            Ok(())
        } else {
            Err(XmlErrorKind::Namespace)
        }
    }

    /// Namespace and local name of an element name.
    pub(crate) fn resolve(&self, name: &'a str) -> Result<(Cow<'a, str>, &'a str), XmlErrorKind> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let found = self.declared.iter().rev().find(|(declared, _)| *declared == prefix);
        match found {
            Some((_, uri)) if !uri.is_empty() => Ok((uri.clone(), local)),
            _ => Err(XmlErrorKind::Namespace),
        }
    }
}
