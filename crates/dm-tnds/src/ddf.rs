//! DDF: what a device can hold, described by its maker. [TND 1.2 §9], [DDF 1.2]
//!
//! A [`Ddf`] is a device description document, `application/vnd.syncml.dmddf1.2+xml`: for each
//! node its name, the commands it takes, how often it occurs, its format, and, in the Windows DDF
//! v2, which values it takes. It shares its DTD with TNDS, and code page 2 with it.
//!
//! ```
//! use dm_tnds::ddf::{Access, Ddf, Occurrence};
//! let text = br#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node>
//!   <NodeName>Lamp</NodeName><Path>./Vendor/Acme</Path><DFProperties>
//!   <AccessType><Get/><Replace/></AccessType><DFFormat><int/></DFFormat>
//!   <Occurrence><ZeroOrOne/></Occurrence><DFType><MIME>text/plain</MIME></DFType>
//!   </DFProperties></Node></MgmtTree>"#;
//! let document = dm_xml::parse(text, &dm_xml::Limits::default()).unwrap();
//! let ddf = Ddf::read(document.root()).unwrap();
//! let lamp = ddf.roots().next().unwrap();
//! assert_eq!(ddf.uri(lamp), "./Vendor/Acme/Lamp");
//! assert!(ddf.node(lamp).properties.access_type.has(Access::Replace));
//! assert_eq!(ddf.node(lamp).properties.occurrence, Some(Occurrence::ZeroOrOne));
//! ```

mod access_type;
mod allowed_values;
mod content;
mod document;
mod occurrence;
mod properties;
mod read;
mod vendor;

pub use access_type::{Access, AccessType};
pub use allowed_values::{AllowedValues, EnumValue, ValueType};
pub use document::{Ddf, DdfNode, NodeId};
pub use occurrence::Occurrence;
pub use properties::{Applicability, CaseSense, DfProperties, DfType, NodeNaming, Scope};
pub use read::{Deviation, DeviationKind};

/// The media type of a description as XML text.
pub const MEDIA_TYPE_XML: &str = "application/vnd.syncml.dmddf1.2+xml";
/// The media type of a description as WBXML.
pub const MEDIA_TYPE_WBXML: &str = "application/vnd.syncml.dmddf1.2+wbxml";
/// The namespace of the elements that the Windows DDF v2 adds.
pub const MSFT: &str = "http://schemas.microsoft.com/MobileDevice/DM";
