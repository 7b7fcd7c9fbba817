//! Media types of messages and objects. [syncml-dm facts §10]

/// A message as WBXML: what is sealed and pushed.
pub const DM_WBXML: &str = "application/vnd.syncml.dm+wbxml";
/// A message as XML text.
pub const DM_XML: &str = "application/vnd.syncml.dm+xml";
/// A serialized sub-tree as WBXML.
pub const DMTNDS_WBXML: &str = "application/vnd.syncml.dmtnds+wbxml";
/// A serialized sub-tree as XML text.
pub const DMTNDS_XML: &str = "application/vnd.syncml.dmtnds+xml";
