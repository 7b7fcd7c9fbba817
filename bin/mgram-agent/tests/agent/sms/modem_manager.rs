//! Through ModemManager, which takes the headers off and joins segments.

#![expect(clippy::too_many_arguments, reason = "CheckAuthorization has that many")]

use std::collections::HashMap;
use std::process::Command;

use dm_push::sms::Reference;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use super::bus::Bus;
use super::modem::{Modem, segments};
use super::{Daemon, long, until};
use crate::device::Device;
use crate::message::sealed;
use crate::peer::all_here;

const SERVICE: Option<&str> = Some("org.freedesktop.ModemManager1");

/// ModemManager on a bus of its own, with a modem.
struct Manager {
    bus: Bus,
    connection: Connection,
    daemon: Option<Daemon>,
    _folder: tempfile::TempDir,
    modem: Modem,
    name: String,
}

/// Whom ModemManager asks whether somebody may do something: everybody may.
struct PolicyKit;

#[interface(name = "org.freedesktop.PolicyKit1.Authority")]
impl PolicyKit {
    async fn check_authorization(
        &self,
        _subject: (String, HashMap<String, OwnedValue>),
        _action: String,
        _details: HashMap<String, String>,
        _flags: u32,
        _cancellation: String,
    ) -> ((bool, bool, HashMap<String, String>),) {
        ((true, false, HashMap::new()),)
    }

    #[zbus(property)]
    async fn backend_name(&self) -> String {
        "test".into()
    }

    #[zbus(property)]
    async fn backend_version(&self) -> String {
        "1".into()
    }

    #[zbus(property)]
    async fn backend_features(&self) -> u32 {
        0
    }
}

impl Manager {
    async fn start() -> Option<Self> {
        if !all_here(&["ModemManager", "dbus-daemon", "python3"]) {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let bus = Bus::start(folder.path());
        let builder = zbus::connection::Builder::address(bus.address().as_str());
        let connection = builder.expect("an address").build().await.expect("connected");
        let server = connection.object_server();
        server.at("/org/freedesktop/PolicyKit1/Authority", PolicyKit).await.expect("there");
        connection.request_name("org.freedesktop.PolicyKit1").await.expect("the name");
        let name = folder.path().file_name().expect("a name").to_string_lossy().into_owned();
        let modem = Modem::start(&format!("@{name}"), "001010000000001");
        let mut manager = Self { bus, connection, daemon: None, _folder: folder, modem, name };
        manager.restart().await;
        Some(manager)
    }

    /// Ends ModemManager if it runs, and starts it with its modem switched on.
    async fn restart(&mut self) {
        self.daemon = None;
        let mut command = Command::new("/usr/sbin/ModemManager");
        command.args(["--test-enable", "--test-no-udev", "--test-no-suspend-resume"]);
        command.args(["--test-no-qrtr", "--no-auto-scan"]);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", self.bus.address());
        self.daemon = Some(Daemon::start(&mut command));
        let root = "/org/freedesktop/ModemManager1";
        let profile = ("p", "generic", vec![format!("abstract:{}", self.name)]);
        until("ModemManager", || async {
            let test = Some("org.freedesktop.ModemManager1.Test");
            let call = self.connection.call_method(SERVICE, root, test, "SetProfile", &profile);
            call.await.is_ok()
        })
        .await;
        until("ModemManager's modem", || async {
            let (modem, body) = (Some("org.freedesktop.ModemManager1.Modem"), (true,));
            let path = "/org/freedesktop/ModemManager1/Modem/0";
            self.connection.call_method(SERVICE, path, modem, "Enable", &body).await.is_ok()
        })
        .await;
    }
}

#[tokio::test]
async fn pushes_that_modem_manager_joined_are_carried_out_and_deleted_from_the_modem() {
    let Some(mut manager) = Manager::start().await else { return };
    let device = Device::new();
    device.configure(&format!(
        "[[sms]]\nvia = \"modemmanager\"\nbus = \"{}\"\nsecurity = \"source-list\"\n\
         from = [\"+1234567890\"]\nservice_centres = [\"+358401000000\"]\n",
        manager.bus.address()
    ));
    // One is in the modem before the agent is.
    segments(&sealed(1), Reference::Eight(1), |parts| {
        parts.iter().for_each(|part| manager.modem.deliver("+1234567890", part));
    });
    let mut agent = device.start();
    agent.wait_for(" accepted from=sms +1234567890 ", 1);
    until("deleted", || std::future::ready(manager.modem.count() == 0)).await;

    segments(&long(2), Reference::Sixteen(600), |parts| {
        for index in 0..parts.len() {
            manager.modem.deliver("+1234567890", &parts[index * 13 % parts.len()]);
        }
    });
    agent.wait_for(" accepted from=sms", 2);
    until("deleted", || std::future::ready(manager.modem.count() == 0)).await;

    segments(&sealed(9), Reference::Eight(9), |parts| {
        parts.iter().for_each(|part| manager.modem.deliver("+6660000000", part));
    });
    agent.wait_for("reason=\"source\" from=+6660000000", 1);
    until("deleted", || std::future::ready(manager.modem.count() == 0)).await;

    manager.restart().await;
    segments(&sealed(3), Reference::Eight(3), |parts| {
        parts.iter().for_each(|part| manager.modem.deliver("+1234567890", part));
    });
    agent.wait_for(" accepted from=sms", 3);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("3", 3, 0));
}
