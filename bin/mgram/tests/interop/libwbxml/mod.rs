//! libwbxml's tools read what we write, and we what they write: unsigned messages only, for they
//! drop the attributes of a signature.

pub mod differences;
pub mod reasons;
mod shapes;
pub mod tree;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::device::{DEVICE_ID, Device, SERVER_ID, VENDOR, statuses};
use crate::infoset::{canonical, compact};
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::peer;
use crate::program::{mgram, output, run};

/// What xml2wbxml knows the language by.
const DOCTYPE: &str = "<?xml version=\"1.0\"?><!DOCTYPE SyncML PUBLIC \
    \"-//SYNCML//DTD SyncML 1.2//EN\" \
    \"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd\">";

/// Its options: a version, or no string table.
const WRITERS: [&[&str]; 4] = [&["-v", "1.1"], &["-v", "1.2"], &["-v", "1.3"], &["-n"]];

/// An object that xml2wbxml made a document of goes the whole way into a tree.
#[test]
fn a_device_takes_the_objects_that_xml2wbxml_writes() {
    if !peer::all_here(&["xml2wbxml", "openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "es256", SERVER_ID);
    let message = message("object-in-place");
    for options in WRITERS {
        let (_, text) = carried(&message.path(), options, folder.path());
        assert!(text.contains("<Data>A"), "the object is octets: {text}");
        let (file, sealed) = (folder.path().join("text.xml"), folder.path().join("sealed"));
        fs::write(&file, &text).expect("the text");
        let names = ["--server-id", SERVER_ID, "--device-id", DEVICE_ID, "--key-name", KEY_NAME];
        let mut seal = mgram(["seal", "--key"]);
        output(seal.arg(&key.secret).args(names).arg("-o").arg(&sealed).arg(&file));
        let device = Device::new(folder.path().join(options.concat()), &key, VENDOR.as_ref());
        let before = device.tree();
        assert_eq!(statuses(&device.open(&sealed, &[])), [200]);
        assert_eq!(device.tree(), message.applied_to(&before), "{options:?}");
    }
}

/// A message as it is, and as it comes out of xml2wbxml and our decoder.
fn carried(message: &Path, options: &[&str], folder: &Path) -> (String, String) {
    let wanted = compact(&fs::read_to_string(message).expect("a message"));
    let (text, octets) = (folder.join("text.xml"), folder.join("octets"));
    fs::write(&text, format!("{DOCTYPE}{wanted}")).expect("the text");
    let said = run(Command::new("xml2wbxml").args(options).arg("-o").arg(&octets).arg(&text));
    assert_eq!(said.code, 0, "{said:?}");
    let found = output(mgram(["decode"]).arg(&octets));
    (wanted, canonical(&found))
}
