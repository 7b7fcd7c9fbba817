//! Writes the first inputs of every target into `corpus/`, from `messages/` and our own encoder.
//!
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds`; what else is there stays.

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

use dm_push::wsp::{Form, Push};
use dm_seal::seal;
use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spelling};
use dm_wbxml::Version;
use dm_xml::Limits;
use marconigram_fuzz::gate::{self, stand_in::StandIn};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut messages: Vec<PathBuf> =
        fs::read_dir(root.join("messages"))?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    messages.sort();
    for path in &messages {
        message(root, &path.file_stem().unwrap_or_default().to_string_lossy(), &fs::read(path)?)?;
    }
    pushes(root)?;
    for (name, text) in BASE64 {
        write(root, "base64", name, text.as_bytes())?;
    }
    // Choices: what is built of them is as varied as any other.
    let choices: Vec<u8> =
        (0..600_u32).map(|at| (at.wrapping_mul(0x9E37_79B9) >> 24) as u8).collect();
    for target in ["c14n", "gate", "respell", "round_trip", "tnds"] {
        for (number, part) in choices.chunks(150).enumerate() {
            write(root, target, &format!("choices_{number}"), &[&[0], part].concat())?;
        }
    }
    Ok(())
}

fn message(root: &Path, name: &str, text: &[u8]) -> Result<()> {
    let document = dm_xml::parse(text, &Limits::default()).expect("messages are XML");
    write(root, "xml_text", name, text)?;
    write(root, "c14n", name, text)?;
    let is_object = document.root().local() == "MgmtTree";
    if is_object {
        write(root, "tnds", name, text)?;
    }
    // Some cannot be WBXML: an element with a token has no attributes.
    for (version, digit) in [(Version::V1_1, 1), (Version::V1_2, 2), (Version::V1_3, 3)] {
        let Ok(octets) = wbxml::encode(&document, version) else { continue };
        if digit == 2 || name == "replace" {
            write(root, "wbxml_strict", &format!("{name}_1{digit}"), &octets)?;
            write(root, "round_trip", &format!("{name}_1{digit}"), &octets)?;
        }
        if digit == 2 && is_object {
            write(root, "tnds", &format!("{name}_12"), &octets)?;
        }
    }
    if document.root().local() == "SyncML" && name != "prefixes" {
        let unsigned = wbxml::encode(&document, Version::V1_2).expect("as above");
        write(root, "gate", &format!("{name}_unsigned"), &unsigned)?;
        let sealed = seal(document, gate::KEY, &StandIn, &StandIn).expect("not yet signed");
        for (spelling, called) in [(Spelling::Compact, "compact"), (Spelling::Shortest, "shortest")]
        {
            let encoder = wbxml::encoder_spelled(&sealed, spelling);
            let octets = encoder.encode(&sealed, MetaRule::default()).expect("as above");
            write(root, "respell", &format!("{name}_{called}"), &octets)?;
        }
        let sealed = wbxml::encode(&sealed, Version::V1_2).expect("as above");
        write(root, "respell", &format!("{name}_interop"), &sealed)?;
        write(root, "gate", &format!("{name}_sealed"), &sealed)?;
        write(root, "wbxml_strict", &format!("{name}_sealed"), &sealed)?;
    }
    Ok(())
}

fn pushes(root: &Path) -> Result<()> {
    let push = Push::dm(1, b"body");
    write(root, "wsp", "token", &push.write())?;
    write(root, "wsp", "text", &push.write_as(Form::Text))?;
    for (name, octets) in PUSHES {
        let push = Push::read(octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!push.body.is_empty());
        write(root, "wsp", name, octets)?;
    }
    Ok(())
}

fn write(root: &Path, target: &str, name: &str, octets: &[u8]) -> Result<()> {
    let folder = root.join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), octets)
}

const PUSHES: &[(&str, &[u8])] = &[
    ("parameters", b"\x02\x06\x0C\x09\xC2\x91\x80\x92\x30\x31\x41\x46\x00\x81\xAF\x87body"),
    ("headers", b"\x03\x06\x0E\xC2\xAF\x87\xB4\x80\xB1a/b\x00\x8D\x02\x01\x00body"),
    ("names", b"\x04\x06\x0B\xC2X-Odd\x00\x03abcbody"),
];

const BASE64: &[(&str, &str)] = &[
    ("whole", "AAECAwQF"),
    ("one", "+w=="),
    ("two", "+/8="),
    ("bits", "AB=="),
    ("early", "AA==AAAA"),
    ("space", "AAEC\nAwQF"),
    ("url", "-_8="),
    ("none", ""),
    ("odd", "A"),
    ("markup", "<&]]>"),
];
