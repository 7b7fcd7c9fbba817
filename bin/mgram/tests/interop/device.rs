//! A device in a folder, seen through `mgram`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::key::{KEY_NAME, Key};
use crate::program::{mgram, output, run};

/// The device that the messages of this folder are for, and the server that sends them.
pub const DEVICE_ID: &str = "IMEI:493005100592800";
pub const SERVER_ID: &str = "srv.interop.example";

/// The tree that the messages of this folder work on.
pub const VENDOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/vendor.xml");

/// The time on the device's clock: in 2026.
const NOW: &str = "1780000000";

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Interior,
    Text(String),
    /// In hexadecimal.
    Octets(String),
}

/// A state folder.
#[derive(Debug)]
pub struct Device {
    state: PathBuf,
    device_id: String,
}

impl Device {
    /// Provisioned with an account that pins this key, and with an object.
    pub fn new(state: PathBuf, key: &Key, object: &Path) -> Self {
        Self::of_server(state, SERVER_ID, key, object)
    }

    /// As [`Self::new`], of another server.
    pub fn of_server(state: PathBuf, server_id: &str, key: &Key, object: &Path) -> Self {
        let mut provision = mgram(["provision"]);
        provision.arg(&state).args(["--device-id", DEVICE_ID, "--server-id", server_id]);
        provision.arg("--cert").arg(&key.pinned).args(["--key-name", KEY_NAME]);
        output(provision.arg("--tnds").arg(object));
        Self { state, device_id: DEVICE_ID.to_owned() }
    }

    /// Takes a message; yields the verdict as JSON.
    pub fn open(&self, message: &Path, options: &[&str]) -> Json {
        self.open_at(message, &[&["--now", NOW], options].concat())
    }

    /// As [`Self::open`], at whatever time the options say.
    pub fn open_at(&self, message: &Path, options: &[&str]) -> Json {
        let mut open = mgram(["--json", "open"]);
        json(&run(open.args(options).arg(message).arg(&self.state)).out)
    }

    /// As [`Self::open`], with a user who agrees to everything.
    pub fn open_with_user(&self, message: &Path) -> Json {
        let config = self.state.with_extension("toml");
        let (device_id, state) = (&self.device_id, self.state.display());
        let text = format!("device_id = {device_id:?}\nstate = \"{state}\"\nui = \"yes\"\n");
        std::fs::write(&config, text).expect("the configuration");
        self.open(message, &["--config", config.to_str().expect("a path in UTF-8")])
    }

    /// All nodes by URI.
    pub fn tree(&self) -> BTreeMap<String, Value> {
        let tree = json(&output(mgram(["--json", "tree"]).arg(&self.state)));
        let nodes = tree["nodes"].as_array().expect("nodes");
        nodes.iter().map(|node| (text(&node["uri"]), value(node))).collect()
    }
}

/// What `mgram --json` printed.
pub fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text:?}"))
}

/// A string in JSON.
pub fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn value(node: &Json) -> Value {
    if node["size"].is_null() {
        return Value::Interior;
    }
    match &node["value_hex"] {
        Json::String(hex) => Value::Octets(hex.clone()),
        _ => Value::Text(node["value"].as_str().unwrap_or_default().to_owned()),
    }
}

/// The status code of each command, in the order in which they were done.
pub fn statuses(verdict: &Json) -> Vec<u64> {
    let commands = verdict["commands"].as_array().map(Vec::as_slice).unwrap_or_default();
    commands.iter().filter_map(|command| command["status"].as_u64()).collect()
}

/// The URIs of the nodes that changed, each with how.
pub fn changes(verdict: &Json) -> Vec<(String, String)> {
    let changes = verdict["changes"].as_array().expect("changes");
    changes.iter().map(|change| (text(&change["uri"]), text(&change["change"]))).collect()
}
