//! `Meta`: meta-information, wrapped in `MetInf` or not. [REP 1.2 §5], [wire facts: META]

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use dm_xml::{Element, Sink, ToInfoset};

use crate::Error;
use crate::content::{once, text};
use crate::error::ErrorKind::{MixedContent, Unexpected};
use crate::tables::{METINF, SYNCML_1_2};

/// The meta-information of a header, a command or an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta<'a> {
    /// `Format`, as written; see [`dm_tnds::Format`] for the names.
    pub format: Option<Cow<'a, str>>,
    /// `Type`: a media type, or the identifier of a management object.
    pub r#type: Option<Cow<'a, str>>,
    /// What hardly any command or item says: so it is little that each of them holds.
    rest: Option<Box<Rest<'a>>>,
}

/// The fields that mostly are those of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rest<'a> {
    size: Option<Cow<'a, str>>,
    max_msg_size: Option<Cow<'a, str>>,
    max_obj_size: Option<Cow<'a, str>>,
    emi: Vec<Cow<'a, str>>,
}

impl<'a> Meta<'a> {
    /// A Meta of a format and a type, as they are to be written.
    #[must_use]
    pub fn new(format: impl Into<Cow<'a, str>>, r#type: impl Into<Cow<'a, str>>) -> Self {
        Self { format: Some(format.into()), r#type: Some(r#type.into()), rest: None }
    }

    /// Reads a `Meta` element.
    ///
    /// # Errors
    /// When it has text, foreign elements, or two of a kind.
    pub fn read(element: Element<'a>) -> Result<Self, Error> {
        let mut meta = Self::default();
        let mut is_wrapped = false;
        for (at, child) in element.content(METINF).enumerate() {
            let child = child?;
            if is_wrapped {
                return Err(Error::new(Unexpected, child));
            }
            if at == 0 && child.local() == "MetInf" {
                is_wrapped = true;
                child.content(METINF).try_for_each(|field| meta.read_field(field?))?;
            } else {
                meta.read_field(child)?;
            }
        }
        Ok(meta)
    }

    /// `EMI`, each one: the freshness of a message stands here. [profile §7]
    #[must_use]
    pub fn emi(&self) -> &[Cow<'a, str>] {
        self.rest.as_deref().map_or(&[], |rest| &rest.emi)
    }

    fn rest(&mut self) -> &mut Rest<'a> {
        self.rest.get_or_insert_default()
    }

    fn read_field(&mut self, child: Element<'a>) -> Result<(), Error> {
        let slot = match child.local() {
            "Format" => &mut self.format,
            "Type" => &mut self.r#type,
            "Size" => &mut self.rest().size,
            "MaxMsgSize" => &mut self.rest().max_msg_size,
            "MaxObjSize" => &mut self.rest().max_obj_size,
            "EMI" => {
                self.rest().emi.push(text(child)?);
                return Ok(());
            }
            // Known and of no use to a message without a session.
            "Anchor" | "FieldLevel" | "FreeID" | "FreeMem" | "Last" | "Mark" | "Mem" | "Next"
            | "NextNonce" | "SharedMem" | "Version" => return Ok(()),
            "MetInf" => return Err(Error::new(MixedContent, child)),
            _ => return Err(Error::new(Unexpected, child)),
        };
        once(slot, text(child)?, child)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.format.is_none() && self.r#type.is_none() && self.rest.is_none()
    }
}

impl ToInfoset for Meta<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        if self.is_empty() {
            return Ok(());
        }
        sink.start(SYNCML_1_2.into(), "Meta")?;
        let rest = self.rest.as_deref();
        let fields = [
            ("Format", self.format.as_ref()),
            ("Type", self.r#type.as_ref()),
            ("Size", rest.and_then(|rest| rest.size.as_ref())),
            ("MaxMsgSize", rest.and_then(|rest| rest.max_msg_size.as_ref())),
            ("MaxObjSize", rest.and_then(|rest| rest.max_obj_size.as_ref())),
        ];
        for (local, field) in fields {
            if let Some(text) = field {
                sink.leaf(METINF, local, text)?;
            }
        }
        for emi in self.emi() {
            sink.leaf(METINF, "EMI", emi)?;
        }
        sink.end()
    }
}
