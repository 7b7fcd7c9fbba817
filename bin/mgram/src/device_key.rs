//! Keys that devices decrypt with, as the commands make and read them. [profile §6]

use std::path::Path;

use dm_agent::device_keys;
use dm_crypto::{DeviceKey, KeyError, KeyPair};
use serde_json::json;

use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::Reporter;
use crate::state::of_device_key;

/// Reads `NAME=PEM`, or `PEM` whose name is that of the file without its ending.
pub fn read(text: &str) -> Result<DeviceKey, Fault> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Path::new(path)),
        None => {
            let path = Path::new(text);
            (path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default(), path)
        }
    };
    check_not_empty("--device-key", name)?;
    device_keys::read(name, path).map_err(|error| of_device_key(&error))
}

/// Makes a key and its certificate.
pub fn generate(device_id: &str, name: &str) -> Result<KeyPair, Fault> {
    check_not_empty("the device id", device_id)?;
    dm_crypto::generate_device_key(device_id, name).map_err(|error| match error {
        KeyError::NotAscii => Fault::unreadable("the device id cannot be a name in a certificate")
            .at(device_id)
            .next("use a device id of ASCII characters"),
        _ => Fault::refused(error),
    })
}

/// Says where a new key is, and what to do with it.
pub fn report(reporter: &Reporter, [key, cert]: [&Path; 2], device_id: &str, name: &str) {
    let [key, cert] = [key.display(), cert.display()];
    let value = json!({
        "key": key.to_string(), "cert": cert.to_string(), "device_id": device_id, "key_name": name,
    });
    reporter.result(&value, || {
        format!(
            "{key} (secret, for the device)\n{cert}\nnext: mgram seal MESSAGE --encrypt-to {cert}, \
             and mgram open MESSAGE STATE_DIR --device-key {name}={key}"
        )
    });
}
