//! `bootstrap`: a document that gives a device its first account. [BOOT 1.2], R5

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use dm_agent::bootstrap::mac::{Sec, Secrets, secret};
use dm_mo::{Bearer, Nap};
use dm_push::wsp::{Parameter, ParameterName, Push, Text, Value, tables};
use dm_syncml::media_type::DMTNDS_WBXML;
use dm_syncml::{
    Command, Data, Item, ItemCommand, Items, Location, Meta, SyncBody, SyncHdr, SyncMl, VerProto,
    Verb, wbxml,
};
use dm_tnds::{MgmtTree, Node};
use dm_wbxml::Version;
use dm_xml::{Builder, Limits, ToInfoset, canonical};
use serde_json::json;

use super::check_reads_back;
use crate::account_options::{AccountOptions, dev_info};
use crate::document::{of_encoding, read_secret, write_secret};
use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::Reporter;

/// Makes a bootstrap document: the account of a server with its pinned keys, an access point, and
/// further objects. The device takes it with `mgram-agent bootstrap`; with --sec it is a push that
/// proves where it comes from.
#[derive(Args, Debug)]
pub struct Bootstrap {
    /// Where the document, or the push, goes: a file of its owner alone, for passwords may be in it;
    /// `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    account: AccountOptions,
    /// The device that it is for; another one refuses it.
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    /// An access point of a mobile network, to which the account refers.
    #[arg(long, value_name = "NAME")]
    apn: Option<String>,
    /// Write a DM message that adds the document to ./Inbox, as devices of other makers have it.
    #[arg(long, requires = "device_id")]
    wrap: bool,
    /// How the document is written. A push is WBXML.
    #[arg(long, value_enum, default_value = "wbxml")]
    format: Format,
    /// Make a push whose MAC is under this secret.
    #[arg(long, value_enum, requires = "secret_file", value_name = "SEC")]
    sec: Option<SecName>,
    /// The file of the secret: for netwpin `imsi:` and digits, `hex:` and octets, or text; for
    /// userpin digits; for usernetwpin the network's secret.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The file of the user's PIN, for usernetwpin.
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// WBXML 1.2.
    Wbxml,
    /// XML text.
    Xml,
}

/// What the key of the MAC is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SecName {
    /// The network's secret.
    Netwpin,
    /// The user's PIN.
    Userpin,
    /// Both.
    Usernetwpin,
    /// A PIN whose second half is made from the document: it is printed.
    Userpinmac,
}

impl Bootstrap {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        if self.sec.is_some() && self.format == Format::Xml {
            return Err(Fault::unreadable("a push with a MAC is WBXML, not XML text")
                .clause("SEC 1.2 §5.1.7.2")
                .next("leave --format or --sec out"));
        }
        let mut nodes = self.nodes()?;
        for (_, object) in self.account.objects()? {
            nodes.extend(object.nodes);
        }
        let object = MgmtTree::new(nodes);
        let octets = match self.wrap {
            true => self.written(&self.message(self.encoded(&object)?))?,
            false => self.written(&object)?,
        };
        let (octets, pin) = self.pushed(octets)?;
        write_secret(Some(&self.output), &octets)?; // its objects may bring passwords
        if self.output.as_os_str() != "-" {
            reporter.result(
                &json!({
                    "output": self.output.to_string_lossy(), "octets": octets.len(),
                    "server_id": self.account.server_id, "key_names": self.account.key_name,
                    "sec": self.sec.map(|sec| sec.of().as_str()), "pin": pin,
                }),
                || {
                    let what = if self.sec.is_some() { "push" } else { "document" };
                    let pin = pin.as_ref().map_or(String::new(), |pin| format!("\nPIN: {pin}"));
                    let output = self.output.display();
                    format!(
                        "{output}: {what} of {} octets, account of {}{pin}",
                        octets.len(),
                        self.account.server_id
                    )
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the options say.
    fn nodes(&self) -> Result<Vec<Node<'static>>, Fault> {
        let mut account = self.account.account()?;
        let mut nodes = Vec::new();
        if let Some(dev_id) = &self.device_id {
            nodes.push(dev_info(dev_id)?.object());
        }
        if let Some(apn) = &self.apn {
            check_not_empty("--apn", apn)?;
            let (addr, addr_type) = (Some(apn.clone()), Some("APN".to_owned()));
            let bearer = Some(Bearer::Ps3gpp);
            nodes.push(Nap { addr, addr_type, bearer, ..Nap::default() }.to_tnds("Internet"));
            account = account.with(Node::leaf("PrefConRef", "./Inbox/Internet"));
        }
        nodes.push(account);
        Ok(nodes)
    }

    /// The message that delivers an object to the Inbox. [BOOT 1.2 §5.4]
    fn message(&self, object: Vec<u8>) -> SyncMl<'_> {
        let meta = Meta::new("bin", DMTNDS_WBXML);
        let (target, data) = (Some(Location::new("./Inbox")), Some(Data::Octets(object.into())));
        let add = ItemCommand {
            verb: Verb::Add,
            cmd_id: "1".into(),
            meta: Meta::default(),
            correlator: None,
            items: Items::from_iter([Item { target, meta, data, ..Item::default() }]),
        };
        SyncMl {
            sync_hdr: SyncHdr {
                ver_proto: VerProto::Dm1_2,
                session_id: "1".into(),
                msg_id: "1".into(),
                target: Location::new(self.device_id.as_deref().unwrap_or_default()),
                source: Location::new(self.account.server_id.as_str()),
                resp_uri: None,
                no_resp: false,
                cred: None,
                meta: Meta::default(),
            },
            sync_body: SyncBody { commands: vec![Command::Items(add)], r#final: true },
        }
    }

    /// A document, or a message around one, in the form that is asked for.
    fn written(&self, document: &impl ToInfoset) -> Result<Vec<u8>, Fault> {
        match self.format {
            Format::Xml => self.xml(document),
            Format::Wbxml => self.encoded(document),
        }
    }

    fn encoded(&self, document: &impl ToInfoset) -> Result<Vec<u8>, Fault> {
        let octets = wbxml::encode(document, Version::V1_2)
            .map_err(|error| of_encoding(&error, &self.output))?;
        check_reads_back(document, &octets, &self.output)?;
        Ok(octets)
    }

    fn xml(&self, document: &impl ToInfoset) -> Result<Vec<u8>, Fault> {
        let mut builder = Builder::new(Limits::generous());
        document
            .write(&mut builder)
            .map_err(|error| Fault::unreadable(error).in_file(&self.output))?;
        let unfinished = || Fault::refused("the document has no end").in_file(&self.output);
        let document = builder.finish().ok_or_else(unfinished)?;
        Ok((canonical::text(&document) + "\n").into_bytes())
    }

    /// The push, where one is asked for, and the PIN where that is made from the document.
    fn pushed(&self, document: Vec<u8>) -> Result<(Vec<u8>, Option<String>), Fault> {
        let (Some(name), Some(file)) = (self.sec, &self.secret_file) else {
            return Ok((document, None));
        };
        let sec = name.of();
        let wanted = || {
            Fault::unreadable(format!("no secret for {}", sec.as_str()))
                .in_file(self.pin_file.as_ref().unwrap_or(file))
                .clause("SEC 1.2 §5.1.7.2")
                .next("give digits as the PIN, in --pin-file beside --secret-file for usernetwpin")
        };
        let from = |path: &PathBuf| secret(&read_secret(path)?).ok_or_else(wanted);
        let mut push = Push::dm(1, &document);
        let mut parameter = |code, value| {
            let name = ParameterName::Code(code);
            push.content_type.parameters.push(Parameter { name, value });
        };
        parameter(tables::SEC, Value::Short(sec.code()));
        if sec == Sec::UserPinMac {
            let half = from(file)?;
            let half = core::str::from_utf8(&half).map_err(|_| wanted())?;
            if !(5..=20).contains(&half.len()) || !half.bytes().all(|c| c.is_ascii_digit()) {
                return Err(wanted().next("give the first half of the PIN: 5 to 20 digits"));
            }
            let pin = Sec::pin_with_mac(half, &document);
            return Ok((push.write(), Some(pin)));
        }
        let mut secrets = Secrets::default();
        match sec {
            Sec::UserPin => secrets.userpin = Some(from(file)?),
            _ => secrets.netwpin = Some(from(file)?),
        }
        if let Some(file) = self.pin_file.as_ref().filter(|_| sec == Sec::UserNetwPin) {
            secrets.userpin = Some(from(file)?);
        }
        let mac = sec.mac(&secrets, &document).ok_or_else(wanted)?;
        let text = Text::new(mac.as_bytes()).map_err(Fault::refused)?;
        parameter(tables::MAC, Value::Text(text));
        Ok((push.write(), None))
    }
}

impl SecName {
    fn of(self) -> Sec {
        match self {
            Self::Netwpin => Sec::NetwPin,
            Self::Userpin => Sec::UserPin,
            Self::Usernetwpin => Sec::UserNetwPin,
            Self::Userpinmac => Sec::UserPinMac,
        }
    }
}
