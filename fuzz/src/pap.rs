//! PAP: what is read can be written, and is the same when it is read again; the parts of an entity stand in it.

use dm_push::pap::{self, Address};

/// A document, an address, and the body of an entity.
///
/// # Panics
/// When an error points outside, what was written is read as something else, or a part is from elsewhere.
pub fn check(octets: &[u8]) {
    match pap::read(octets) {
        Ok(document) => {
            // What is read may be too long to be written, or have white space that an attribute cannot keep.
            if let Ok(text) = document.write() {
                assert_eq!(pap::read(text.as_bytes()), Ok(document), "{text}");
            }
        }
        Err(error) => assert!(error.offset <= octets.len(), "{error}"),
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        match text.parse::<Address>() {
            Ok(address) => assert_eq!(address.to_string().parse(), Ok(address), "{text}"),
            Err(error) => assert!(error.offset <= text.len(), "{error}"),
        }
    }
    if let Ok(parts) = pap::split("multipart/related; boundary=\"b\"", octets) {
        let length = parts.control.len() + parts.content.len() + parts.content_type.len();
        assert!(length <= octets.len());
    }
}
