//! DevDetail: what the device is and how long its URIs may be. [STD 1.2 §7.3]

use alloc::string::{String, ToString};

use dm_tnds::{Format, Node};
use dm_tree::{Limits, Tree, Uri};

use crate::MoError;
use crate::object::{Part, Write};

/// The identifier of the object.
pub const IDENTIFIER: &str = "urn:oma:mo:oma-dm-devdetail:1.0";

/// What `./DevDetail` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevDetail {
    /// `URI/MaxDepth`: segments of a URI; 0: no limit.
    pub max_depth: u16,
    /// `URI/MaxTotLen`: length of a URI; 0: no limit.
    pub max_tot_len: u16,
    /// `URI/MaxSegLen`: length of a segment; 0: no limit.
    pub max_seg_len: u16,
    /// `DevTyp`: what kind of device it is.
    pub dev_typ: String,
    /// `OEM`: who built it.
    pub oem: String,
    /// `FwV`: version of the firmware.
    pub fw_v: String,
    /// `SwV`: version of the software.
    pub sw_v: String,
    /// `HwV`: version of the hardware.
    pub hw_v: String,
    /// `LrgObj`: whether objects may come in pieces. Sessionless messages refuse them.
    pub lrg_obj: bool,
}

impl DevDetail {
    /// The same with the limits that the tree keeps. One beyond 16 bits is none to a server.
    #[must_use]
    pub fn with_limits(self, limits: &Limits) -> Self {
        let number = |limit: usize| u16::try_from(limit).unwrap_or(0);
        Self {
            max_depth: number(limits.depth),
            max_tot_len: number(limits.uri_characters),
            max_seg_len: number(limits.segment_characters),
            ..self
        }
    }

    /// Reads the object whose root this is.
    ///
    /// # Errors
    /// When it is none, a node is missing, or a value is of another kind.
    pub fn read(tree: &Tree, uri: &Uri) -> Result<Self, MoError> {
        let root = Part::root(tree, uri, IDENTIFIER)?;
        let missing =
            |at: &Part<'_>, name| at.uri.join(name).map_or_else(MoError::Uri, MoError::Missing);
        let limits = root.inside("URI")?.ok_or_else(|| missing(&root, "URI"))?;
        let limit = |name| {
            let found = limits.value(name, "number from 0 to 65535")?;
            found.ok_or_else(|| missing(&limits, name))
        };
        Ok(Self {
            max_depth: limit("MaxDepth")?,
            max_tot_len: limit("MaxTotLen")?,
            max_seg_len: limit("MaxSegLen")?,
            dev_typ: root.must("DevTyp")?,
            oem: root.must("OEM")?,
            fw_v: root.must("FwV")?,
            sw_v: root.must("SwV")?,
            hw_v: root.must("HwV")?,
            lrg_obj: root
                .value("LrgObj", "true or false")?
                .ok_or_else(|| missing(&root, "LrgObj"))?,
        })
    }

    /// The object as bootstrap writes it: everybody may read it.
    #[must_use]
    pub fn to_tnds(&self) -> Node<'static> {
        let limits = Node::interior("URI", "")
            .with_text("MaxDepth", Some(&self.max_depth.to_string()))
            .with_text("MaxTotLen", Some(&self.max_tot_len.to_string()))
            .with_text("MaxSegLen", Some(&self.max_seg_len.to_string()));
        let mut root = Node::interior("DevDetail", IDENTIFIER)
            .with(limits)
            .with_text("DevTyp", Some(&self.dev_typ))
            .with_text("OEM", Some(&self.oem))
            .with_text("FwV", Some(&self.fw_v))
            .with_text("SwV", Some(&self.sw_v))
            .with_text("HwV", Some(&self.hw_v))
            .with_value("LrgObj", Format::Bool, Some(self.lrg_obj.to_string()));
        root.rt_properties.get_or_insert_default().acl = Some("Get=*".into());
        root
    }
}
