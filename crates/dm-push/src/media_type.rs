//! Media types that a device-management push may carry.
//!
//! The codes that WSP assigns to them are in [`crate::wsp::tables::MEDIA_TYPES`].

/// An OMA DM message in WBXML: the only type of a sessionless message. [Sessionless §5.2]
pub const DM_WBXML: &str = "application/vnd.syncml.dm+wbxml";
/// An OMA DM message in XML text.
pub const DM_XML: &str = "application/vnd.syncml.dm+xml";
/// The trigger of OMA DM 1.2, which asks the device to start a session.
pub const NOTIFICATION: &str = "application/vnd.syncml.notification";
/// The trigger of data synchronization.
pub const DS_NOTIFICATION: &str = "application/vnd.syncml.ds.notification";
/// The trigger of OMA DM 1.3.
pub const DM_NOTIFICATION: &str = "application/vnd.syncml.dm.notification";
/// An OMA client provisioning document in WBXML.
pub const CONNECTIVITY_WBXML: &str = "application/vnd.wap.connectivity-wbxml";
/// A multipart of related parts, in WSP's binary form.
pub const MULTIPART_RELATED: &str = "application/vnd.wap.multipart.related";
/// XML text of no particular kind.
pub const XML: &str = "application/xml";
/// A SyncML message in XML text.
pub const SYNCML_XML: &str = "application/vnd.syncml+xml";
/// A SyncML message in WBXML.
pub const SYNCML_WBXML: &str = "application/vnd.syncml+wbxml";

/// Whether `value` names the media type `name`: without regard to case and parameters.
///
/// ```
/// use dm_push::media_type::{DM_WBXML, is};
/// assert!(is("Application/vnd.syncml.dm+wbxml; charset=utf-8", DM_WBXML));
/// assert!(!is("application/vnd.syncml.dm+wbxml2", DM_WBXML));
/// ```
#[must_use]
pub fn is(value: &str, name: &str) -> bool {
    let essence = value.split(';').next().unwrap_or(value);
    essence.trim().eq_ignore_ascii_case(name)
}
