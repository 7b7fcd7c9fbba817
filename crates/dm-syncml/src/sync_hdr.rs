//! `SyncHdr`. [REP 1.2 §4.1.4], [Sessionless §5.2]

use alloc::borrow::Cow;
use alloc::boxed::Box;

use dm_xml::{Element, Sink, ToInfoset};

use crate::content::{elements, flag, once, required, text};
use crate::error::ErrorKind::{self, Empty, NotSyncMl, Unexpected};
use crate::tables::SYNCML_1_2;
use crate::{Data, Error, Location, Meta};

/// The header of a message. The elements of a session are superfluous and must be there (R14).
#[derive(Clone, Debug)]
pub struct SyncHdr<'a> {
    /// `VerProto`.
    pub ver_proto: VerProto,
    /// `SessionID`; never empty.
    pub session_id: Cow<'a, str>,
    /// `MsgID`; never empty.
    pub msg_id: Cow<'a, str>,
    /// `Target`: the device, or a group.
    pub target: Location<'a>,
    /// `Source`: the ServerID (R10).
    pub source: Location<'a>,
    /// `RespURI`: means nothing here, nobody responds (R19).
    pub resp_uri: Option<Cow<'a, str>>,
    /// `NoResp`: means nothing here.
    pub no_resp: bool,
    /// The `Data` of `Cred`: means nothing here, the signature authenticates.
    pub cred: Option<Box<Cred<'a>>>,
    /// `Meta`.
    pub meta: Meta<'a>,
}

/// `Cred`. [REP 1.2 §4.1.1]
#[derive(Clone, Debug)]
pub struct Cred<'a> {
    /// Format and Type of the credential.
    pub meta: Meta<'a>,
    /// The credential.
    pub data: Option<Data<'a>>,
}

/// A protocol version that is accepted; `VerDTD` is 1.2 in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerProto {
    /// `DM/1.2`.
    Dm1_2,
    /// `DM/1.3`: what we write.
    #[default]
    Dm1_3,
}

impl VerProto {
    fn as_str(self) -> &'static str {
        match self {
            Self::Dm1_2 => "DM/1.2",
            Self::Dm1_3 => "DM/1.3",
        }
    }
}

impl<'a> SyncHdr<'a> {
    /// Reads the header of the message with this root.
    ///
    /// # Errors
    /// When the root is not `SyncML` of SyncML 1.2, its first element is not `SyncHdr`, a
    /// mandatory element is missing or empty, or one stands twice.
    ///
    /// ```
    /// use dm_syncml::SyncHdr;
    /// let text = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>
    ///   <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>
    ///   <Target><LocURI>IMEI:1</LocURI></Target><Source><LocURI>srv.example</LocURI></Source>
    ///   </SyncHdr><SyncBody/></SyncML>"#;
    /// let document = dm_xml::parse(text, &dm_xml::Limits::default()).unwrap();
    /// assert_eq!(SyncHdr::read(document.root()).unwrap().source.loc_uri, "srv.example");
    /// ```
    pub fn read(root: Element<'a>) -> Result<Self, Error> {
        if !root.is(SYNCML_1_2, "SyncML") {
            return Err(Error::new(NotSyncMl, root));
        }
        if root.has_text() {
            return Err(Error::new(ErrorKind::MixedContent, root));
        }
        let header = root.elements().next().filter(|first| first.is(SYNCML_1_2, "SyncHdr"));
        Self::read_header(required(header, "SyncHdr", root)?)
    }

    fn read_header(header: Element<'a>) -> Result<Self, Error> {
        let (mut ver_dtd, mut ver_proto, mut session_id, mut msg_id) = (None, None, None, None);
        let (mut target, mut source, mut resp_uri) = (None, None, None);
        let (mut no_resp, mut cred, mut meta) = (false, None, None);
        for child in elements(header) {
            let child = child?;
            match child.local() {
                "VerDTD" => once(&mut ver_dtd, read_ver_dtd(child)?, child)?,
                "VerProto" => once(&mut ver_proto, read_ver_proto(child)?, child)?,
                "SessionID" => once(&mut session_id, filled(child)?, child)?,
                "MsgID" => once(&mut msg_id, filled(child)?, child)?,
                "Target" => once(&mut target, address(child)?, child)?,
                "Source" => once(&mut source, address(child)?, child)?,
                "RespURI" => once(&mut resp_uri, text(child)?, child)?,
                "NoResp" => flag(&mut no_resp, child)?,
                "Cred" => once(&mut cred, Box::new(read_cred(child)?), child)?,
                "Meta" => once(&mut meta, read_meta(child)?, child)?,
                _ => return Err(Error::new(Unexpected, child)),
            }
        }
        required(ver_dtd, "VerDTD", header)?;
        Ok(Self {
            ver_proto: required(ver_proto, "VerProto", header)?,
            session_id: required(session_id, "SessionID", header)?,
            msg_id: required(msg_id, "MsgID", header)?,
            target: required(target, "Target", header)?,
            source: required(source, "Source", header)?,
            resp_uri,
            no_resp,
            cred,
            meta: meta.unwrap_or_default(),
        })
    }
}

impl ToInfoset for SyncHdr<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), "SyncHdr")?;
        sink.leaf(SYNCML_1_2, "VerDTD", "1.2")?;
        sink.leaf(SYNCML_1_2, "VerProto", self.ver_proto.as_str())?;
        sink.leaf(SYNCML_1_2, "SessionID", &self.session_id)?;
        sink.leaf(SYNCML_1_2, "MsgID", &self.msg_id)?;
        self.target.write("Target", sink)?;
        self.source.write("Source", sink)?;
        if let Some(resp_uri) = &self.resp_uri {
            sink.leaf(SYNCML_1_2, "RespURI", resp_uri)?;
        }
        if self.no_resp {
            sink.leaf(SYNCML_1_2, "NoResp", "")?;
        }
        if let Some(cred) = &self.cred {
            sink.start(SYNCML_1_2.into(), "Cred")?;
            cred.meta.write(sink)?;
            if let Some(data) = &cred.data {
                data.write(sink)?;
            }
            sink.end()?;
        }
        self.meta.write(sink)?;
        sink.end()
    }
}

fn read_ver_dtd(element: Element<'_>) -> Result<(), Error> {
    if text(element)? == "1.2" { Ok(()) } else { Err(Error::new(ErrorKind::VerDtd, element)) }
}

fn read_ver_proto(element: Element<'_>) -> Result<VerProto, Error> {
    match &*text(element)? {
        "DM/1.2" => Ok(VerProto::Dm1_2),
        "DM/1.3" => Ok(VerProto::Dm1_3),
        _ => Err(Error::new(ErrorKind::VerProto, element)),
    }
}

fn read_meta(element: Element<'_>) -> Result<Meta<'_>, Error> {
    let meta = Meta::read(element)?;
    match meta.emi().iter().all(|emi| emi.len() <= LONGEST) {
        true => Ok(meta),
        false => Err(Error::new(ErrorKind::Unreasonable, element)),
    }
}

fn read_cred(element: Element<'_>) -> Result<Cred<'_>, Error> {
    let (mut meta, mut data) = (None, None);
    for child in elements(element) {
        let child = child?;
        match child.local() {
            "Meta" => once(&mut meta, Meta::read(child)?, child)?,
            "Data" => once(&mut data, Data::read(child)?, child)?,
            _ => return Err(Error::new(Unexpected, child)),
        }
    }
    Ok(Cred { meta: meta.unwrap_or_default(), data })
}

/// Text that must not be empty, and is kept: in journals, as a key of what is remembered.
fn filled(element: Element<'_>) -> Result<Cow<'_, str>, Error> {
    let text = text(element)?;
    check(&text, element)?;
    Ok(text)
}

/// The most octets of a text of the header. ServerIDs and device ids are far shorter.
const LONGEST: usize = 1_024;

fn check(text: &str, element: Element<'_>) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::new(Empty, element));
    }
    if text.len() > LONGEST || has_controls(text) {
        return Err(Error::new(ErrorKind::Unreasonable, element));
    }
    Ok(())
}

fn has_controls(text: &str) -> bool {
    let is_usual = text.bytes().fold(true, |all, octet| all & (b' '..0x7F).contains(&octet));
    !is_usual && text.contains(char::is_control)
}

/// A location with a URI.
fn address(element: Element<'_>) -> Result<Location<'_>, Error> {
    let location = Location::read(element)?;
    check(&location.loc_uri, element)?;
    Ok(location)
}
