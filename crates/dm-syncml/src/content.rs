//! Reading content models: elements only, text only, once only.

use alloc::borrow::Cow;

use dm_xml::{Content, Element};

use crate::error::ErrorKind::Twice;
use crate::tables::SYNCML_1_2;
use crate::{Error, ErrorKind};

/// The child elements of an element that holds nothing else, all of SyncML 1.2.
#[inline]
pub(crate) fn elements(element: Element<'_>) -> Content<'_, 'static> {
    element.content(SYNCML_1_2)
}

/// The text of an element that holds nothing else.
#[inline]
pub(crate) fn text(element: Element<'_>) -> Result<Cow<'_, str>, Error> {
    Ok(element.text_only()?)
}

/// Fills a slot that may be filled once.
pub(crate) fn once<T>(slot: &mut Option<T>, value: T, element: Element<'_>) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::new(Twice, element)),
    }
}

/// A flag element: its presence counts, and it may stand once.
pub(crate) fn flag(slot: &mut bool, element: Element<'_>) -> Result<(), Error> {
    if core::mem::replace(slot, true) { Err(Error::new(Twice, element)) } else { Ok(()) }
}

/// What a mandatory slot holds.
pub(crate) fn required<T>(
    slot: Option<T>,
    name: &'static str,
    parent: Element<'_>,
) -> Result<T, Error> {
    slot.ok_or_else(|| Error::new(ErrorKind::Missing(name), parent))
}
