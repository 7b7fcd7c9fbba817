//! Messages of choices: a header that is in order, commands that are nearly so, a good signature.

use arbitrary::{Result, Unstructured};
use dm_seal::seal;
use dm_syncml::wbxml;
use dm_wbxml::Version;
use dm_xml::{Builder, Limits};

use super::stand_in::StandIn;
use super::{DEVICE, KEY, SERVER};
use crate::infoset::{SYNCML, chance, element, small, text};

const METINF: &str = "syncml:metinf";

const VERBS: &[&str] = &["Replace", "Add", "Delete", "Exec", "Get", "Copy"];

const PLACES: &[&str] = &[
    "./A/B",
    "./A/C",
    "./A/New",
    "./A/C/X/Y",
    "./A",
    ".",
    "./S/B",
    "./Inbox",
    "./DMAcc/Example",
    "./A/B?prop=ACL",
    "./A/B?prop=Name",
    "./A?list=Struct",
    "A/B",
    "./A//B",
    "",
];

const TYPES: &[&str] = &[
    "text/plain",
    "application/vnd.syncml.dmtnds+xml",
    "application/vnd.syncml.dmtnds+wbxml",
    "urn:oma:mo:oma-connmo-nap:1.0",
];

const FORMATS: &[&str] = &["chr", "bin", "b64", "node", "int", "bool", "xml", "null", "float", "x"];

const OBJECT: &str = r#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>N</NodeName><RTProperties><Format><node/></Format><Type><DDFName>urn:oma:mo:oma-connmo-nap:1.0</DDFName></Type></RTProperties><Node><NodeName>L</NodeName><Value>v</Value></Node></Node></MgmtTree>"#;

/// A sealed message as octets.
///
/// # Errors
/// When choices cannot be made.
pub fn sealed(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut message = Message { builder: Builder::new(Limits::default()), cmd_id: 0 };
    message.start("SyncML");
    message.header(choices)?;
    message.start("SyncBody");
    while message.cmd_id < 12 && chance(choices, 3, 4)? {
        message.command(choices, 2)?;
    }
    if chance(choices, 1, 2)? {
        message.leaf("Final", "");
    }
    message.end();
    message.end();
    let document = message.builder.finish().expect("complete");
    // What holds elements of a signature already cannot be signed.
    let sealed = seal(document, KEY, &StandIn, &StandIn);
    let document = sealed.map_err(|_| arbitrary::Error::IncorrectFormat)?;
    Ok(wbxml::encode(&document, Version::V1_2).expect("only signature elements have attributes"))
}

struct Message {
    builder: Builder<'static>,
    cmd_id: u32,
}

impl Message {
    fn start(&mut self, local: &'static str) {
        small(self.builder.start(SYNCML, local));
    }

    fn end(&mut self) {
        self.builder.end();
    }

    fn leaf(&mut self, local: &'static str, text: impl Into<String>) {
        small(self.builder.leaf(SYNCML, local, text.into()));
    }

    fn header(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        self.start("SyncHdr");
        let fixed = [("VerDTD", "1.2"), ("VerProto", "DM/1.2"), ("SessionID", "1"), ("MsgID", "1")];
        fixed.into_iter().for_each(|(local, text)| self.leaf(local, text));
        self.place("Target", DEVICE);
        self.place("Source", SERVER);
        if chance(choices, 1, 2)? {
            let emi = ["c=1", "c=99;x=1900000000", "x=1", "c=", "new=1"];
            self.start("Meta");
            small(self.builder.leaf(METINF, "EMI", *choices.choose(&emi)?));
            self.end();
        }
        self.end();
        Ok(())
    }

    fn place(&mut self, local: &'static str, uri: &str) {
        self.start(local);
        self.leaf("LocURI", uri);
        self.end();
    }

    fn command(&mut self, choices: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let kind = choices.int_in_range(0..=9)?;
        match kind {
            0 | 1 if depth > 0 => self.start(if kind == 0 { "Atomic" } else { "Sequence" }),
            2 => self.start("Alert"),
            _ => self.start(choices.choose(VERBS)?),
        }
        self.cmd_id += 1;
        let cmd_id = if chance(choices, 1, 40)? { 1 } else { self.cmd_id };
        self.leaf("CmdID", cmd_id.to_string());
        if kind < 2 && depth > 0 {
            while self.cmd_id < 12 && chance(choices, 2, 3)? {
                self.command(choices, depth - 1)?;
            }
        } else {
            if kind == 2 {
                self.leaf("Data", *choices.choose(&["1100", "1101", "1200", "x"])?);
            }
            self.meta(choices)?;
            while chance(choices, 2, 3)? {
                self.item(choices)?;
            }
        }
        self.end();
        Ok(())
    }

    fn item(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        self.start("Item");
        if chance(choices, 9, 10)? {
            self.place("Target", choices.choose(PLACES)?);
        }
        if chance(choices, 1, 8)? {
            self.place("Source", choices.choose(PLACES)?);
        }
        self.meta(choices)?;
        match choices.int_in_range(0..=7)? {
            0 => {}
            1 => self.leaf("Data", OBJECT),
            2 => {
                self.start("Data");
                small(self.builder.octets(choices.arbitrary::<Vec<u8>>()?));
                self.end();
            }
            3 => {
                self.start("Data");
                small(self.builder.octets(object_as_wbxml()));
                self.end();
            }
            4 => {
                self.start("Data");
                element(choices, &mut self.builder, 2, &mut 8)?; // nobody asked for these
                self.end();
            }
            _ => self.leaf("Data", text(choices)?),
        }
        self.end();
        Ok(())
    }

    fn meta(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        if chance(choices, 1, 2)? {
            self.start("Meta");
            if chance(choices, 3, 4)? {
                small(self.builder.leaf(METINF, "Format", *choices.choose(FORMATS)?));
            }
            if chance(choices, 3, 4)? {
                small(self.builder.leaf(METINF, "Type", *choices.choose(TYPES)?));
            }
            self.end();
        }
        Ok(())
    }
}

fn object_as_wbxml() -> Vec<u8> {
    let document = dm_xml::parse(OBJECT.as_bytes(), &Limits::default()).expect("well formed");
    wbxml::encode(&document, Version::V1_2).expect("it has no attributes")
}
