//! `RTProperties`: the run-time properties inside an object. [TNDS 1.2 §9.2.1]

use alloc::borrow::Cow;

use crate::Format;

/// The run-time properties of a node inside an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RtProperties<'a> {
    /// `ACL`: the access control list, as text. ACLs of new nodes stand here and nowhere else
    /// [Sessionless §5.4].
    pub acl: Option<Cow<'a, str>>,
    /// `Format`.
    pub format: Option<Format>,
    /// `Title`.
    pub title: Option<Cow<'a, str>>,
    /// `Type`.
    pub r#type: Option<Type<'a>>,
    /// `TStamp`, read and kept out of the tree: the device stamps its own time.
    pub t_stamp: Option<Cow<'a, str>>,
    /// `VerNo`, read and kept out of the tree: the device counts its own changes.
    pub ver_no: Option<Cow<'a, str>>,
}

impl RtProperties<'_> {
    pub(crate) fn into_owned(self) -> RtProperties<'static> {
        RtProperties {
            acl: owned(self.acl),
            format: self.format,
            title: owned(self.title),
            r#type: self.r#type.map(|r#type| match r#type {
                Type::DdfName(text) => Type::DdfName(Cow::Owned(text.into_owned())),
                Type::Mime(text) => Type::Mime(Cow::Owned(text.into_owned())),
            }),
            t_stamp: owned(self.t_stamp),
            ver_no: owned(self.ver_no),
        }
    }
}

pub(crate) fn owned(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

/// `Type` of a node: a media type on a leaf, an object identifier on an interior node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type<'a> {
    /// `DDFName`: the identifier of the management object, or empty.
    DdfName(Cow<'a, str>),
    /// `MIME`.
    Mime(Cow<'a, str>),
}

impl Type<'_> {
    /// The text, whichever kind it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Type::DdfName(text) | Type::Mime(text) => text,
        }
    }
}
