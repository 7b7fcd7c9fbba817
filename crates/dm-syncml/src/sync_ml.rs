//! `SyncML`: a message as a whole. [REP 1.2 §4.1.4]

use dm_xml::{Element, Sink, ToInfoset};

use crate::tables::SYNCML_1_2;
use crate::{Error, SyncBody, SyncHdr};

/// A message: header and body.
///
/// ```
/// use dm_syncml::{SyncMl, wbxml};
/// let text = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.3
/// </VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>IMEI:1</LocURI></Target>
/// <Source><LocURI>srv.example</LocURI></Source></SyncHdr><SyncBody><Final/></SyncBody></SyncML>"#;
/// let text: Vec<u8> = text.split(|&octet| octet == b'\n').flatten().copied().collect();
/// let document = dm_xml::parse(&text, &dm_xml::Limits::default()).unwrap();
/// let mut message = SyncMl::read(document.root()).unwrap();
/// message.sync_hdr.target.loc_uri = "IMEI:2".into();
/// assert!(dm_xml::canonical::text(&message).contains("<LocURI>IMEI:2</LocURI>"));
/// ```
#[derive(Clone, Debug)]
pub struct SyncMl<'a> {
    /// `SyncHdr`.
    pub sync_hdr: SyncHdr<'a>,
    /// `SyncBody`.
    pub sync_body: SyncBody<'a>,
}

impl<'a> SyncMl<'a> {
    /// Reads the message with this root, as [`SyncHdr::read`] and [`SyncBody::read`] do.
    ///
    /// # Errors
    /// What they say.
    pub fn read(root: Element<'a>) -> Result<Self, Error> {
        Ok(Self { sync_hdr: SyncHdr::read(root)?, sync_body: SyncBody::read(root)? })
    }
}

impl ToInfoset for SyncMl<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), "SyncML")?;
        self.sync_hdr.write(sink)?;
        self.sync_body.write(sink)?;
        sink.end()
    }
}
