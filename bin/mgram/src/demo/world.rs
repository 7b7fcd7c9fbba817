//! The cast: an operator, another server, a forger, five devices; and what they send.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::agent::Agent;
use super::story::Story;
use crate::fault::Fault;

/// The operator's ServerID.
pub const OPERATOR: &str = "dm.operator.example";
/// A server that has an account, and no right to change the APN.
pub const PARTNER: &str = "dm.partner.example";
/// The group that all five devices are in.
pub const GROUP: &str = "urn:example:group:meters";
/// The name of every key in the demo: a name proves nothing.
pub const KEY_NAME: &str = "key-1";

/// Everything that the story needs.
#[derive(Debug)]
pub struct World {
    /// Where everything is.
    pub folder: PathBuf,
    /// The devices.
    pub agents: Vec<Agent>,
}

impl World {
    /// Makes keys, devices and messages.
    pub fn new(folder: PathBuf, story: &Story) -> Result<Self, Fault> {
        let world = Self { folder, agents: Vec::new() };
        story.scene("The cast");
        story.tell(
            "An operator and a partner get signing keys. A forger makes one of the same name.",
        );
        for (who, alg, server_id) in [
            ("operator", "es256", OPERATOR),
            ("partner", "rs256", PARTNER),
            ("forger", "es256", OPERATOR),
        ] {
            let key = world.path(who);
            let arguments =
                ["keygen", "--alg", alg, "--server-id", server_id, "--name", KEY_NAME, "-o", &key];
            world.mgram(story, who == "operator", &arguments)?;
        }
        world.write("home.xml", HOME)?;
        world.write("new-apn.xml", NEW_APN)?;
        world.write("steal-apn.xml", STEAL_APN)?;
        world.with_devices(story)
    }

    fn with_devices(mut self, story: &Story) -> Result<Self, Fault> {
        story.tell("Five devices are bootstrapped: an account for each server, its key pinned.");
        for number in 1..=5 {
            let agent = Agent::new(&self.folder, number, GROUP)?;
            for (index, (who, server_id)) in
                [("operator", OPERATOR), ("partner", PARTNER)].into_iter().enumerate()
            {
                let state = agent.state().display().to_string();
                let cert = self.path(&format!("{who}/cert.pem"));
                let home = self.path("home.xml");
                let mut arguments = vec![
                    "provision",
                    &state,
                    "--device-id",
                    &agent.device_id,
                    "--server-id",
                    server_id,
                    "--cert",
                    &cert,
                    "--key-name",
                    KEY_NAME,
                ];
                if index == 0 {
                    arguments.extend(["--tnds", &home]);
                }
                self.mgram(story, number == 1 && index == 0, &arguments)?;
            }
            self.agents.push(agent);
        }
        Ok(self)
    }

    /// A file of the demo.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Fault> {
        let path = self.folder.join(name);
        std::fs::write(&path, text).map_err(|error| Fault::refused(error).in_file(&path))
    }

    /// Runs this program as a person would; fails when the command does.
    pub fn mgram(&self, story: &Story, show: bool, arguments: &[&str]) -> Result<String, Fault> {
        let output = self.try_mgram(story, show, arguments)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Fault::refused(format!("`mgram {}` failed: {said}", arguments.join(" "))))
    }

    /// Runs this program as a person would, whatever comes of it.
    pub fn try_mgram(
        &self,
        story: &Story,
        show: bool,
        arguments: &[&str],
    ) -> Result<Output, Fault> {
        if show {
            let short: Vec<String> = arguments.iter().map(|text| self.shorten(text)).collect();
            story.command(&format!("mgram {}", short.join(" ")));
        }
        let own = std::env::current_exe().map_err(Fault::missing)?;
        Command::new(own).args(arguments).output().map_err(Fault::missing)
    }

    /// Paths as they look from inside the demo's folder.
    fn shorten(&self, text: &str) -> String {
        let inside = Path::new(text).strip_prefix(&self.folder);
        inside.map_or_else(|_| text.to_owned(), |inside| inside.display().to_string())
    }

    /// Leaves the devices running until the user has seen enough.
    pub fn stay(mut self, story: &Story) -> Result<(), Fault> {
        for agent in &mut self.agents {
            agent.start()?;
        }
        story.scene("The devices are running again. Try this in another terminal:");
        story.command(&format!("cd {}", self.folder.display()));
        story.command(&format!(
            "mgram seal new-apn.xml --key operator/key.pem --key-name {KEY_NAME} --server-id {OPERATOR} \
             --device-id {} --counter 1 -o mine.wbxml",
            self.agents[0].device_id
        ));
        story.command(&format!(
            "mgram push mine.wbxml --danger-unprotected --to {}",
            self.agents[0].address("udp")
        ));
        story.command("mgram decode mine.wbxml");
        story.command("tail device-1/log-*.txt");
        story.tell(
            "Ctrl-C stops the devices; then `mgram tree` and `mgram journal` show their states.",
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Fault::refused)?;
        runtime.block_on(tokio::signal::ctrl_c()).map_err(Fault::refused)?;
        self.agents.iter_mut().try_for_each(Agent::stop)
    }
}

/// What each device has before: its home network, which only the operator may change.
const HOME: &str = include_str!("home.xml");
/// The new APN: a ConnMO NAP, delivered to the Inbox.
const NEW_APN: &str = include_str!("new-apn.xml");
/// A Replace of the APN, as the partner would like it.
const STEAL_APN: &str = include_str!("steal-apn.xml");
