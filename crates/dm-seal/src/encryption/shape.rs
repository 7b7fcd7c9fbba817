//! The closed shape: exactly these elements and attributes, in this order. [profile §6]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_xml::{Element, brief};

use super::EncryptionError;
use crate::base64_value::octets_of;

pub(super) fn wrong(element: Element<'_>) -> EncryptionError {
    EncryptionError::Shape(element.path())
}

/// The child elements, which must be these; nothing but white space beside them.
pub(super) fn children<'d, const N: usize>(
    element: Element<'d>,
    names: [(&str, &str); N],
) -> Result<[Element<'d>; N], EncryptionError> {
    let found: Vec<Element<'d>> = element.elements().take(N + 1).collect();
    let found: [Element<'d>; N] = found.try_into().map_err(|_| wrong(element))?;
    let are_these = found.iter().zip(names).all(|(child, (space, local))| child.is(space, local));
    if element.has_text() || !are_these {
        return Err(wrong(element));
    }
    Ok(found)
}

/// The values of these attributes, in whatever order; there are no others.
pub(super) fn attributes<'d, const N: usize>(
    element: Element<'d>,
    names: [&str; N],
) -> Result<[&'d str; N], EncryptionError> {
    if element.attributes().count() != N {
        return Err(wrong(element));
    }
    let mut values = [""; N];
    for (value, name) in values.iter_mut().zip(names) {
        *value = element.attribute(name).ok_or_else(|| wrong(element))?;
    }
    Ok(values)
}

/// An element of this name with the attribute `Algorithm` and no other: its value.
pub(super) fn algorithm<'d>(element: Element<'d>) -> Result<&'d str, EncryptionError> {
    let [uri] = attributes(element, ["Algorithm"])?;
    Ok(uri)
}

/// An algorithm that has no parameters and must be accepted.
pub(super) fn plain_algorithm<T>(
    element: Element<'_>,
    accept: impl FnOnce(&str) -> Option<T>,
) -> Result<T, EncryptionError> {
    let uri = algorithm(element)?;
    let [] = children(element, [])?;
    accept(uri).ok_or_else(|| refused(element, uri))
}

pub(super) fn refused(element: Element<'_>, uri: &str) -> EncryptionError {
    EncryptionError::Algorithm { element: element.local().into(), uri: brief(uri) }
}

/// The text of an element that holds nothing else and has no attributes.
pub(super) fn text<'d>(element: Element<'d>) -> Result<Cow<'d, str>, EncryptionError> {
    let [] = attributes(element, [])?;
    element.text_only().map_err(|_| wrong(element))
}

/// The octets of an exact base64 value; white space is let through.
pub(super) fn octets(element: Element<'_>) -> Result<Vec<u8>, EncryptionError> {
    let [] = attributes(element, [])?;
    if element.elements().next().is_some() {
        return Err(wrong(element));
    }
    octets_of(element)
        .map(|value| value.octets)
        .ok_or_else(|| EncryptionError::Base64(element.path()))
}
