//! `Meta`: meta-information, wrapped in `MetInf` or not. [REP 1.2 §5], [wire facts: META]

use alloc::borrow::Cow;
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
    /// `Size` in octets, as written.
    pub size: Option<Cow<'a, str>>,
    /// `MaxMsgSize` in octets, as written.
    pub max_msg_size: Option<Cow<'a, str>>,
    /// `MaxObjSize` in octets, as written.
    pub max_obj_size: Option<Cow<'a, str>>,
    /// `EMI`, each one: the freshness of a message stands here. [profile §7]
    pub emi: Vec<Cow<'a, str>>,
}

impl<'a> Meta<'a> {
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

    fn read_field(&mut self, child: Element<'a>) -> Result<(), Error> {
        let slot = match child.local() {
            "Format" => &mut self.format,
            "Type" => &mut self.r#type,
            "Size" => &mut self.size,
            "MaxMsgSize" => &mut self.max_msg_size,
            "MaxObjSize" => &mut self.max_obj_size,
            "EMI" => {
                self.emi.push(text(child)?);
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
        *self == Self::default()
    }
}

impl ToInfoset for Meta<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        if self.is_empty() {
            return Ok(());
        }
        sink.start(SYNCML_1_2.into(), "Meta")?;
        let fields = [
            ("Format", &self.format),
            ("Type", &self.r#type),
            ("Size", &self.size),
            ("MaxMsgSize", &self.max_msg_size),
            ("MaxObjSize", &self.max_obj_size),
        ];
        for (local, field) in fields {
            if let Some(text) = field {
                sink.leaf(METINF, local, text)?;
            }
        }
        for emi in &self.emi {
            sink.leaf(METINF, "EMI", emi)?;
        }
        sink.end()
    }
}
