//! Plain HTTP push: `POST` of the message to a path on the device.
//!
//! Header fields, defaults and the one rule that both ends share: which content is for a
//! device-management client. WSP pushes obey the same rule. [Sessionless §5.3]
//!
//! ```
//! use dm_push::{APPLICATION_ID, http_push::{Misaddressed, check}, media_type::DM_WBXML};
//! assert_eq!(check(Some(DM_WBXML), Some(APPLICATION_ID)), Ok(()));
//! assert_eq!(check(Some(DM_WBXML), None), Ok(()));
//! assert_eq!(check(Some("text/xml"), None), Err(Misaddressed::ContentType));
//! ```

use crate::{APPLICATION_ID, media_type};

/// The header field that names the application on the device.
pub const APPLICATION_ID_FIELD: &str = "x-wap-application-id";
/// The path that a device listens on unless configured otherwise.
pub const DEFAULT_PATH: &str = "/push";

/// A push is not for a device-management client.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Misaddressed {
    /// The application id names another application.
    #[error("the application id is not {APPLICATION_ID}")]
    ApplicationId,
    /// The content type is absent or another one.
    #[error("the content type is not {}", media_type::DM_WBXML)]
    ContentType,
}

/// Checks that a push is for a device-management client.
///
/// The content type must be [`media_type::DM_WBXML`]; an application id may be absent.
///
/// # Errors
/// [`Misaddressed`] says which of the two differs.
pub fn check(content_type: Option<&str>, application_id: Option<&str>) -> Result<(), Misaddressed> {
    if !content_type.is_some_and(|value| media_type::is(value, media_type::DM_WBXML)) {
        return Err(Misaddressed::ContentType);
    }
    match application_id {
        Some(id) if !id.trim().eq_ignore_ascii_case(APPLICATION_ID) => {
            Err(Misaddressed::ApplicationId)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_application_is_refused() {
        let wml = Some("x-wap-application:wml.ua");
        assert_eq!(check(Some(media_type::DM_WBXML), wml), Err(Misaddressed::ApplicationId));
    }

    #[test]
    fn no_content_type_is_refused() {
        assert_eq!(check(None, Some(APPLICATION_ID)), Err(Misaddressed::ContentType));
    }

    #[test]
    fn xml_text_is_refused() {
        assert_eq!(check(Some(media_type::DM_XML), None), Err(Misaddressed::ContentType));
    }

    #[test]
    fn case_and_white_space_do_not_matter() {
        let id = Some(" X-WAP-Application:syncml.dm ");
        assert_eq!(check(Some("APPLICATION/VND.SYNCML.DM+WBXML ;q=1"), id), Ok(()));
    }
}
