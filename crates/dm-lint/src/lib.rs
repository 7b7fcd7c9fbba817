//! Checks messages and objects against device descriptions. [TND 1.2 §9], [TNDS 1.2]
//!
//! A [`Catalog`] holds the descriptions, merged into one tree in which a node is found in time
//! linear in its URI. [`check_message`] and [`check_object`] walk a document once and yield
//! [`Findings`]: which element, which node, which description decided, which clause, what to do.
//! [`check_descriptions`] checks the descriptions themselves.
//!
//! ```
//! use dm_lint::{Catalog, Options, Rule, Source, check_message};
//! use dm_tnds::ddf::Ddf;
//! let limits = dm_xml::Limits::default();
//! let text = br#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node>
//!   <NodeName>Lamp</NodeName><Path>./Vendor</Path><DFProperties><AccessType><Get/></AccessType>
//!   <DFFormat><int/></DFFormat><DFType><MIME>text/plain</MIME></DFType></DFProperties>
//!   </Node></MgmtTree>"#;
//! let document = dm_xml::parse(text, &limits).unwrap();
//! let ddf = Ddf::read(document.root()).unwrap();
//! let catalog = Catalog::new(vec![Source { name: "lamp.xml".into(), ddf, deviations: vec![] }]);
//!
//! let text = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Replace><CmdID>1</CmdID>
//!   <Meta><Format xmlns="syncml:metinf">int</Format></Meta><Item>
//!   <Target><LocURI>./Vendor/Lamp</LocURI></Target><Data>1</Data></Item></Replace>
//!   </SyncBody></SyncML>"#;
//! let document = dm_xml::parse(text, &limits).unwrap();
//! let findings = check_message(document.root(), &catalog, &Options::default()).unwrap();
//! let finding = &findings.list[0];
//! assert_eq!((finding.rule, finding.element.as_str()), (Rule::MissingRight, "SyncBody/Replace/Item"));
//! assert_eq!(finding.remedy, "send one of the commands the node takes: Get");
//! ```

#![no_std]

extern crate alloc;

mod allowed;
mod catalog;
mod described;
mod description;
mod dm_1_1;
mod finding;
mod instances;
mod item;
mod linter;
mod message;
mod nearest;
mod object;
mod pattern;
mod uri;
mod value;

pub use catalog::{Catalog, Source};
pub use described::Described;
pub use description::check_descriptions;
pub use finding::{Decider, Finding, Findings, Rule, Severity};
pub use linter::Options;
pub use message::check_message;
pub use object::check_object;
