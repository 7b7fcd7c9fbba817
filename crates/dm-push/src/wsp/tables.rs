//! Numbers assigned by WSP and its registry: media types, headers, applications, parameters.
//! [WSP appendix A]
//!
//! ```
//! use dm_push::{media_type::DM_WBXML, wsp::tables::MEDIA_TYPES};
//! assert!(MEDIA_TYPES.contains(&(0x42, DM_WBXML)));
//! ```

use crate::media_type as mt;

/// Content types, by code.
pub const MEDIA_TYPES: [(u32, &str); 10] = [
    (0x27, mt::XML),
    (0x33, mt::MULTIPART_RELATED),
    (0x36, mt::CONNECTIVITY_WBXML),
    (0x42, mt::DM_WBXML),
    (0x43, mt::DM_XML),
    (0x44, mt::NOTIFICATION),
    (0x4E, mt::DS_NOTIFICATION),
    (0x58, mt::DM_NOTIFICATION),
    (0x0302, mt::SYNCML_XML),
    (0x0303, mt::SYNCML_WBXML),
];

/// Push applications, by code.
pub const APPLICATION_IDS: [(u32, &str); 10] = [
    (0x01, "x-wap-application:push.sia"),
    (0x02, "x-wap-application:wml.ua"),
    (0x03, "x-wap-application:wta.ua"),
    (0x04, "x-wap-application:mms.ua"),
    (0x05, "x-wap-application:push.syncml"),
    (0x06, "x-wap-application:loc.ua"),
    (0x07, crate::APPLICATION_ID),
    (0x08, "x-wap-application:drm.ua"),
    (0x09, "x-wap-application:emn.ua"),
    (0x0A, "x-wap-application:wv.ua"),
];

/// Header names of code page 1 that a push may carry, by code.
pub const HEADERS: [(u8, &str); 13] = [
    (0x0D, "Content-Length"),
    (0x0E, "Content-Location"),
    (0x12, "Date"),
    (X_WAP_APPLICATION_ID, "X-Wap-Application-Id"),
    (0x30, "X-Wap-Content-URI"),
    (0x31, "X-Wap-Initiator-URI"),
    (0x32, "Accept-Application"),
    (0x33, "Bearer-Indication"),
    (PUSH_FLAG, "Push-Flag"),
    (0x3F, "X-WAP-TOD"),
    (0x40, "Content-ID"),
    (0x43, "Encoding-Version"),
    (0x46, "X-WAP-Security"),
];

/// Header code of X-Wap-Application-Id.
pub const X_WAP_APPLICATION_ID: u8 = 0x2F;
/// Header code of Push-Flag. Anyone can set it over a bare bearer: decide nothing by it.
pub const PUSH_FLAG: u8 = 0x34;

/// Parameter code of Q, whose value has a form of its own.
pub const Q: u32 = 0x00;
/// Parameter code of Charset.
pub const CHARSET: u32 = 0x01;
/// Parameter code of Type.
pub const TYPE: u32 = 0x09;
/// Parameter code of Start.
pub const START: u32 = 0x0A;
/// Parameter code of SEC: how the message is authenticated.
pub const SEC: u32 = 0x11;
/// Parameter code of MAC: the authentication code, in hexadecimal text.
pub const MAC: u32 = 0x12;
