//! Through oFono, which joins segments.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use dm_push::sms::{Reference, ShortMessage};
use dm_push::wsp::Push;
use zbus::Connection;
use zbus::zvariant::Value;

use super::bus::Bus;
use super::modem::{Modem, cut, segments};
use super::{Daemon, long, until};
use crate::bootstrap_push;
use crate::device::Device;
use crate::left_out::skipped;
use crate::message::sealed;
use crate::peer::all_here;

/// oFono on a bus of its own, with a modem.
pub(super) struct Ofono {
    bus: Bus,
    connection: Connection,
    daemon: Option<Daemon>,
    folder: tempfile::TempDir,
    imsi: String,
    modem: Modem,
}

impl Ofono {
    pub(super) async fn start() -> Option<Self> {
        if !all_here(&["ofonod", "dbus-daemon", "python3"]) {
            return None;
        }
        if !is_root() {
            skipped("oFono wants to be root");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let bus = Bus::start(folder.path());
        // oFono keeps unfinished messages by IMSI, across runs.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
        let imsi = format!("00101{:010}", now / 1000 % 10_000_000_000);
        let modem = Modem::start("ofono", &imsi);
        let phone = format!("[phonesim]\nAddress=127.0.0.1\nPort={}\n", modem.port);
        std::fs::write(folder.path().join("phonesim.conf"), phone).expect("written");
        let builder = zbus::connection::Builder::address(bus.address().as_str());
        let connection = builder.expect("an address").build().await.expect("connected");
        let mut ofono = Self { bus, connection, daemon: None, folder, imsi, modem };
        ofono.restart().await;
        Some(ofono)
    }

    /// Ends oFono if it runs, and starts it with its modem on line.
    async fn restart(&mut self) {
        self.daemon = None;
        let mut command = Command::new("/usr/sbin/ofonod");
        command.arg("-n").env("DBUS_SYSTEM_BUS_ADDRESS", self.bus.address());
        command.env("OFONO_PHONESIM_CONFIG", self.folder.path().join("phonesim.conf"));
        self.daemon = Some(Daemon::start(&mut command));
        self.set("Powered", true).await;
        self.set("Online", true).await;
    }

    async fn set(&self, name: &str, value: bool) {
        until("oFono's modem", || async {
            let body = (name, Value::from(value));
            let modem = Some("org.ofono.Modem");
            let call = self.connection.call_method(
                Some("org.ofono"),
                "/phonesim",
                modem,
                "SetProperty",
                &body,
            );
            call.await.is_ok()
        })
        .await;
    }

    /// What to receive, in the words of the configuration.
    fn sms(&self) -> String {
        self.sms_of(SENDER)
    }

    /// The same, of this sender.
    pub(super) fn sms_of(&self, sender: &str) -> String {
        format!(
            "[[sms]]\nvia = \"ofono\"\nbus = \"{}\"\nsecurity = \"source-list\"\nfrom = [\"{sender}\"]\n",
            self.bus.address()
        )
    }

    /// The network delivers this SMS-DELIVER.
    pub(super) fn deliver_tpdu(&mut self, tpdu: &[u8]) {
        self.modem.deliver_tpdu(tpdu);
    }

    fn deliver(&mut self, sender: &str, message: &ShortMessage<'_>) {
        self.modem.deliver(sender, message);
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

const SENDER: &str = "+1234567890";
pub(super) const REGISTERED: &str = "oFono hands pushes over";

#[tokio::test]
async fn a_push_in_33_shuffled_segments_through_ofono_is_carried_out() {
    let Some(mut ofono) = Ofono::start().await else { return };
    let device = Device::new();
    device.configure(&ofono.sms());
    let mut agent = device.start();
    agent.wait_for(REGISTERED, 1);
    let at = |index: usize, count: usize| index * 13 % count;

    // One that loses a segment, one with all of them and some twice, by both kinds of reference.
    segments(&long(1), Reference::Eight(1), |parts| {
        (1..parts.len()).for_each(|index| ofono.deliver(SENDER, &parts[at(index, parts.len())]));
    });
    segments(&long(2), Reference::Sixteen(600), |parts| {
        assert_eq!(parts.len(), 33);
        for index in 0..parts.len() {
            ofono.deliver(SENDER, &parts[at(index, parts.len())]);
            if index % 10 == 0 {
                ofono.deliver(SENDER, &parts[at(index, parts.len())]);
            }
        }
    });
    agent.wait_for(" accepted from=sms +1234567890 ", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("2", 1, 0));
}

#[tokio::test]
async fn ofono_that_restarts_and_a_modem_that_comes_and_goes_are_followed() {
    let Some(mut ofono) = Ofono::start().await else { return };
    let device = Device::new();
    device.configure(&ofono.sms());
    let mut agent = device.start();
    agent.wait_for(REGISTERED, 1);
    let deliver = |ofono: &mut Ofono, sender: &str, number| {
        segments(
            &sealed(number),
            Reference::Eight(u8::try_from(number).expect("small")),
            |parts| {
                parts.iter().for_each(|part| ofono.deliver(sender, part));
            },
        );
    };
    deliver(&mut ofono, SENDER, 1);
    agent.wait_for(" accepted from=sms", 1);

    ofono.set("Powered", false).await;
    ofono.set("Powered", true).await;
    ofono.set("Online", true).await;
    agent.wait_for(REGISTERED, 2);
    deliver(&mut ofono, SENDER, 2);
    agent.wait_for(" accepted from=sms", 2);

    ofono.restart().await;
    agent.wait_for(REGISTERED, 3);
    // Another sender is turned away; nobody but oFono hands anything over.
    deliver(&mut ofono, "+6660000000", 9);
    agent.wait_for("reason=\"source\" from=+6660000000", 1);
    let forged = ofono.forge(&Push::dm(1, &sealed(10)).write()).await;
    assert!(forged.contains("AccessDenied"), "{forged}");
    deliver(&mut ofono, SENDER, 3);
    agent.wait_for(" accepted from=sms", 3);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("3", 3, 0));
}

/// oFono keeps a push on its disk until it is whole, and hands it to whoever listens then; nothing
/// holds it for later.
#[tokio::test]
async fn a_push_that_gets_whole_while_the_agent_is_away_is_nowhere_and_an_unfinished_one_waits() {
    let Some(mut ofono) = Ofono::start().await else { return };
    let device = Device::new();
    device.configure(&ofono.sms());
    let mut agent = device.start();
    agent.wait_for(REGISTERED, 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));

    segments(&long(1), Reference::Eight(1), |parts| {
        parts[1..].iter().for_each(|part| ofono.deliver(SENDER, part));
    });
    segments(&long(2), Reference::Eight(2), |parts| {
        assert!(parts.len() > 1);
        parts.iter().for_each(|part| ofono.deliver(SENDER, part));
    });
    until("oFono to join what is whole", || async { ofono.unfinished() == ["-1-33"] }).await;

    let mut agent = device.start();
    agent.wait_for(REGISTERED, 1);
    segments(&long(1), Reference::Eight(1), |parts| ofono.deliver(SENDER, &parts[0]));
    agent.wait_for(" accepted from=sms +1234567890 ", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("1", 1, 0));
}

#[tokio::test]
async fn a_device_is_bootstrapped_and_then_managed_by_short_messages() {
    let Some(mut ofono) = Ofono::start().await else { return };
    let device = bootstrap_push::unborn("push = true", &ofono.sms());
    let mut agent = device.start();
    agent.wait_for(REGISTERED, 1);
    cut(&bootstrap_push::good(), Reference::Eight(1), |parts| {
        parts.iter().for_each(|part| ofono.deliver(SENDER, part));
    });
    agent.wait_for("bootstrapped from=sms +1234567890", 1);
    segments(&bootstrap_push::message(1), Reference::Eight(2), |parts| {
        parts.iter().for_each(|part| ofono.deliver(SENDER, part));
    });
    agent.wait_for(" accepted from=sms", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.text("./NAP/Home/Addr").as_deref(), Some("by message 1"));
}

impl Ofono {
    /// The messages that it has on its disk, each by its reference and how many segments it has.
    fn unfinished(&self) -> Vec<String> {
        let folder = format!("/var/lib/ofono/{}/sms_assembly", self.imsi);
        let names = std::fs::read_dir(folder).into_iter().flatten();
        let names = names.map(|entry| entry.expect("a file").file_name());
        let name = |name: std::ffi::OsString| name.into_string().expect("a name");
        names.map(name).map(|name| name[name.find('-').expect("a name")..].to_owned()).collect()
    }

    /// Hands a push to everybody who could be the agent, as if by oFono; what was answered.
    async fn forge(&self, push: &[u8]) -> String {
        let dbus = zbus::fdo::DBusProxy::new(&self.connection).await.expect("a bus");
        let mut answers = String::new();
        for name in dbus.list_names().await.expect("names") {
            let info = std::collections::HashMap::from([("Sender", Value::from(SENDER))]);
            let agent = Some("org.ofono.PushNotificationAgent");
            let path = "/org/marconigram/phonesim";
            let body = (push, info);
            let call =
                self.connection.call_method(Some(&name), path, agent, "ReceiveNotification", &body);
            if name.as_str().starts_with(':')
                && Some(name.as_str()) != self.connection.unique_name().map(|own| own.as_str())
            {
                match call.await {
                    Ok(_) => answers.push_str("taken "),
                    Err(error) => answers.push_str(&error.to_string()),
                }
            }
        }
        assert!(!answers.contains("taken "), "{answers}");
        answers
    }
}
