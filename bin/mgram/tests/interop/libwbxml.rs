//! libwbxml's tools read what we write, and we what they write: unsigned messages only, for they
//! drop the attributes of a signature.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::device::{DEVICE_ID, Device, SERVER_ID, VENDOR, statuses};
use crate::infoset::{canonical, compact, root_of};
use crate::key::{KEY_NAME, Key};
use crate::messages::{MESSAGES, message};
use crate::peer;
use crate::program::{mgram, output, run};
use crate::sealed_by_us::VERSIONS;

/// What wbxml2xml cannot show, and why; all else comes out as the same infoset.
const UNSHOWN: [(&str, &str); 3] = [
    ("binary", "writes octets into XML text as they are"),
    ("entities", "does not divide `]]>` in a CDATA section"),
    ("object-in-place", "does not know the names of code page 2"),
];

/// What xml2wbxml does not carry over as it is.
const CHANGED: [(&str, &str); 4] = [
    ("binary", "makes base64 of text that is base64 already"),
    ("entities", "writes a line break as carriage return and line feed"),
    ("object-as-text", "calls the text of an object `+wbxml`"),
    ("object-in-place", "makes a document of its own of an object, and octets of that"),
];

/// What xml2wbxml knows the language by.
const DOCTYPE: &str = "<?xml version=\"1.0\"?><!DOCTYPE SyncML PUBLIC \
    \"-//SYNCML//DTD SyncML 1.2//EN\" \
    \"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd\">";

/// Its options: a version, or no string table.
const WRITERS: [&[&str]; 4] = [&["-v", "1.1"], &["-v", "1.2"], &["-v", "1.3"], &["-n"]];

#[test]
fn wbxml2xml_reads_what_we_write() {
    if !peer::all_here(&["wbxml2xml"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (octets, text) = (folder.path().join("octets"), folder.path().join("text.xml"));
    let mut alike = 0;
    for message in &MESSAGES {
        let wanted = fs::read_to_string(message.path()).expect("a message");
        for version in VERSIONS {
            // In one piece each: of a text in pieces it makes CDATA sections inside one another.
            let encode = ["encode", "--strings", "inline", "--wbxml", version, "-o"];
            output(mgram(encode).arg(&octets).arg(message.path()));
            output(Command::new("wbxml2xml").args(["-m", "0", "-o"]).arg(&text).arg(&octets));
            let shown = fs::read(&text).expect("the text");
            let same = is_infoset(&shown, &compact(&wanted));
            let unshown = UNSHOWN.iter().find(|(name, _)| *name == message.name);
            assert_eq!(same, unshown.is_none(), "{}, {version}: {unshown:?}", message.name);
            alike += u32::from(same);
        }
    }
    eprintln!("{alike} read alike, {} messages set aside: {UNSHOWN:?}", UNSHOWN.len());
}

fn is_infoset(shown: &[u8], wanted: &str) -> bool {
    let text = String::from_utf8_lossy(shown);
    let document = dm_xml::parse(root_of(&text).as_bytes(), &dm_xml::Limits::generous());
    document.is_ok_and(|document| dm_xml::canonical::text(&document) == wanted)
}

#[test]
fn we_read_what_xml2wbxml_writes() {
    if !peer::all_here(&["xml2wbxml"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut alike = 0;
    for message in &MESSAGES {
        for options in WRITERS {
            let (wanted, found) = carried(&message.path(), options, folder.path());
            let changed = CHANGED.iter().find(|(name, _)| *name == message.name);
            assert_eq!(wanted == found, changed.is_none(), "{}: {changed:?}", message.name);
            alike += u32::from(wanted == found);
        }
    }
    eprintln!("{alike} read alike, {} messages set aside: {CHANGED:?}", CHANGED.len());
}

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
