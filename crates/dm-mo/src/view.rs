//! The management objects that this crate knows, each with its description. [DDF 1.2]

use crate::{dev_detail, dev_info, dm_acc, nap, proxy};

/// A management object and its description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// What people call it.
    pub name: &'static str,
    /// Its identifiers; the first is written.
    pub identifiers: &'static [&'static str],
    /// The name of its description's file.
    pub file: &'static str,
    /// The description: the text of a DDF document.
    pub ddf: &'static str,
}

/// All of them.
///
/// ```
/// let nap = dm_mo::VIEWS.iter().find(|view| view.name == "NAP").unwrap();
/// assert_eq!(nap.identifiers, ["urn:oma:mo:oma-connmo-nap:1.0"]);
/// assert!(nap.ddf.contains("<NodeName>BearerType</NodeName>"));
/// ```
pub const VIEWS: [View; 5] = [
    View {
        name: "DMAcc",
        identifiers: &dm_acc::IDENTIFIERS,
        file: "dmacc.xml",
        ddf: include_str!("../ddf/dmacc.xml"),
    },
    View {
        name: "DevInfo",
        identifiers: &[dev_info::IDENTIFIER],
        file: "devinfo.xml",
        ddf: include_str!("../ddf/devinfo.xml"),
    },
    View {
        name: "DevDetail",
        identifiers: &[dev_detail::IDENTIFIER],
        file: "devdetail.xml",
        ddf: include_str!("../ddf/devdetail.xml"),
    },
    View {
        name: "NAP",
        identifiers: &[nap::IDENTIFIER],
        file: "nap.xml",
        ddf: include_str!("../ddf/nap.xml"),
    },
    View {
        name: "Proxy",
        identifiers: &[proxy::IDENTIFIER],
        file: "proxy.xml",
        ddf: include_str!("../ddf/proxy.xml"),
    },
];
