//! Messages: written as text, sealed and encoded as a server does it.

use dm_crypto::AwsLc;
use dm_seal::seal;
use dm_syncml::wbxml;
use dm_wbxml::Version;
use dm_xml::{Limits, canonical, parse};

use crate::command::escaped;
use crate::{DEVICE_ID, Server};

/// A message, piece by piece.
#[derive(Clone)]
pub struct Message {
    /// Who signs it, whatever it says.
    pub server: &'static Server,
    /// `VerProto`.
    pub ver_proto: String,
    /// `SessionID`.
    pub session_id: String,
    /// `MsgID`.
    pub msg_id: String,
    /// `Target/LocURI`.
    pub target: String,
    /// `Source/LocURI`.
    pub source: String,
    /// `Meta/EMI`, each one.
    pub emi: Vec<String>,
    /// The content of `SyncBody`, without `Final`.
    pub commands: String,
    /// How it is encoded.
    pub version: Version,
}

impl Message {
    /// A message of this server to the device, without commands.
    #[must_use]
    pub fn new(server: &'static Server) -> Self {
        Self {
            server,
            ver_proto: "DM/1.3".to_owned(),
            session_id: "1".to_owned(),
            msg_id: "1".to_owned(),
            target: DEVICE_ID.to_owned(),
            source: server.id.to_owned(),
            emi: Vec::new(),
            commands: String::new(),
            version: Version::default(),
        }
    }

    /// With this command behind the others.
    #[must_use]
    pub fn with(mut self, command: impl AsRef<str>) -> Self {
        self.commands.push_str(command.as_ref());
        self
    }

    /// With this EMI.
    #[must_use]
    pub fn emi(mut self, text: impl Into<String>) -> Self {
        self.emi.push(text.into());
        self
    }

    /// With another SessionID, which makes it another message.
    #[must_use]
    pub fn session(mut self, id: impl ToString + Copy) -> Self {
        self.session_id = id.to_string();
        self
    }

    /// To another Target.
    #[must_use]
    pub fn to(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// As this server's, whoever signs it.
    #[must_use]
    pub fn claiming(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
    }

    /// In this version of WBXML.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The header as XML text.
    #[must_use]
    pub fn header(&self) -> String {
        let emi = |text: &String| format!("<EMI xmlns=\"syncml:metinf\">{}</EMI>", escaped(text));
        let meta: String = self.emi.iter().map(emi).collect();
        let meta = if meta.is_empty() { String::new() } else { format!("<Meta>{meta}</Meta>") };
        format!(
            "<SyncHdr><VerDTD>1.2</VerDTD><VerProto>{}</VerProto><SessionID>{}</SessionID>\
             <MsgID>{}</MsgID><Target><LocURI>{}</LocURI></Target>\
             <Source><LocURI>{}</LocURI></Source>{meta}</SyncHdr>",
            self.ver_proto,
            self.session_id,
            self.msg_id,
            escaped(&self.target),
            escaped(&self.source)
        )
    }

    /// The unsigned message as XML text.
    #[must_use]
    pub fn text(&self) -> String {
        let (header, commands) = (self.header(), &self.commands);
        format!(
            "<SyncML xmlns=\"SYNCML:SYNCML1.2\">{header}<SyncBody>{commands}<Final/></SyncBody>\
             </SyncML>"
        )
    }

    /// The sealed message as canonical XML text.
    #[must_use]
    pub fn sealed_text(&self) -> String {
        seal_text(&self.text(), self.server)
    }

    /// The sealed message as octets.
    #[must_use]
    pub fn seal(&self) -> Vec<u8> {
        encode(&self.sealed_text(), self.version)
    }

    /// The unsigned message as octets.
    #[must_use]
    pub fn unsealed(&self) -> Vec<u8> {
        encode(&self.text(), self.version)
    }
}

/// Signs XML text with the key of a server, whatever it says; yields canonical XML text.
#[must_use]
pub fn seal_text(text: &str, server: &Server) -> String {
    let document = parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML");
    let sealed = seal(document, server.key_name, &*server.key, &AwsLc).expect("a key signs");
    canonical::text(&sealed)
}

/// Encodes XML text, signed or not, as our writer does.
#[must_use]
pub fn encode(text: &str, version: Version) -> Vec<u8> {
    let document = parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML");
    wbxml::encode(&document, version).expect("WBXML can carry it")
}

/// The canonical infoset that octets stand for.
///
/// # Errors
/// Why they stand for none.
pub fn infoset(octets: &[u8]) -> Result<String, dm_wbxml::Error> {
    let limits = Limits::default();
    let source = wbxml::open(octets, &limits)?;
    Ok(canonical::text(&wbxml::decode(&source, &limits)?))
}
