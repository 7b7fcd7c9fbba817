//! tshark reads a pushed datagram: transport headers and WBXML. [Sessionless §5.3], [WSP §8.2.4]

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::device::SERVER_ID;
use crate::infoset::{elements, parse};
use crate::key::Key;
use crate::messages::{MESSAGES, message};
use crate::peer;
use crate::program::{mgram, output};
use crate::sealed_by_us::{VERSIONS, seal};

const PROGRAMS: [&str; 3] = ["tshark", "text2pcap", "openssl"];

/// What tshark calls a tag of a code page that it does not know, which is page 2.
const NAMELESS: &str = "(Requested token code page not defined for this content type)";

#[test]
fn tshark_sees_the_headers_and_the_tags_of_a_push() {
    if !peer::all_here(&PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "es256", SERVER_ID);
    for (version, octet) in VERSIONS.into_iter().zip(["0x01", "0x02", "0x03"]) {
        let sealed = seal(&message("object-in-place").path(), &key, version, folder.path());
        let capture = pushed(&sealed, folder.path());
        let fields = [
            ("wsp.pdu_type", "0x06"),
            ("wsp.header.content_type", "application/vnd.syncml.dm+wbxml"),
            ("wsp.header.x_wap_application_id", "x-wap-application:syncml.dm"),
            ("wbxml.version", octet),
            ("wbxml.public_id.known", "0x00001201"),
            ("_ws.malformed", ""),
            ("wbxml.invalid_token", ""),
        ];
        for (field, expected) in fields {
            assert_eq!(seen(&capture, field), expected, "{field}");
        }

        let text = output(mgram(["decode"]).arg(&sealed));
        let document = parse(&text);
        let of = |namespaces: &[&str]| -> Vec<String> {
            let inside = |namespace| namespaces.contains(&namespace);
            let names = elements(&document).filter(|element| inside(element.namespace()));
            names.map(|element| element.local().to_owned()).collect()
        };
        let known = seen(&capture, "wbxml.known_tag");
        let known: Vec<&str> = known.split('|').filter(|name| *name != NAMELESS).collect();
        assert_eq!(known, of(&["SYNCML:SYNCML1.2", "syncml:metinf"]));

        // tshark sorts literal tags by whether they have attributes and content.
        let literal = ["wbxml.literal_c", "wbxml.literal_a", "wbxml.literal_ac"];
        let literal = literal.map(|field| seen(&capture, field)).join("|");
        let mut literal: Vec<&str> = literal.split('|').collect();
        let mut signature = of(&["http://www.w3.org/2000/09/xmldsig#"]);
        literal.sort_unstable();
        signature.sort_unstable();
        assert_eq!(literal, signature);
    }
}

/// Every message: all names of elements and attributes, in the order of the document.
#[test]
fn tshark_sees_every_name_in_its_place() {
    if !peer::all_here(&PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "rs256", SERVER_ID);
    for message in &MESSAGES {
        let sealed = seal(&message.path(), &key, "1.2", folder.path());
        let text = output(mgram(["decode"]).arg(&sealed));
        let found = rows(&pushed(&sealed, folder.path()));
        assert_eq!(found, expected(&text), "{}", message.name);
        assert!(found.len() > 30, "{}: {} names", message.name, found.len());
    }
}

/// Pushes the message to a socket of ours; yields a capture file with what came out.
fn pushed(sealed: &Path, folder: &Path) -> std::path::PathBuf {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
    let address = socket.local_addr().expect("an address");
    let receipt = output(
        mgram(["push", "--danger-unprotected", "--to", &format!("udp://{address}")]).arg(sealed),
    );
    assert!(receipt.contains("does not prove"), "{receipt}");
    let mut datagram = vec![0; 65_536];
    let length = socket.recv(&mut datagram).expect("a datagram");
    captured(&datagram[..length], folder)
}

/// A capture file with this datagram: wrapped as if from and to the ports by which dissectors know
/// a connectionless push.
pub fn captured(datagram: &[u8], folder: &Path) -> std::path::PathBuf {
    captured_all(&[datagram], folder)
}

/// A capture file with these datagrams, in their order.
pub fn captured_all(datagrams: &[impl AsRef<[u8]>], folder: &Path) -> std::path::PathBuf {
    let line = |datagram: &[u8]| {
        let hex: Vec<String> = datagram.iter().map(|octet| format!("{octet:02x}")).collect();
        format!("000000 {}\n", hex.join(" "))
    };
    let (dump, capture) = (folder.join("dump"), folder.join("capture"));
    let lines: String = datagrams.iter().map(|datagram| line(datagram.as_ref())).collect();
    fs::write(&dump, lines).expect("the dump");
    let wrap = ["-q", "-4", "127.0.0.1,127.0.0.1", "-u", "9200,2948"];
    output(Command::new("text2pcap").args(wrap).arg(&dump).arg(&capture));
    capture
}

/// Nobody's own settings, no look-up of names.
pub fn tshark(capture: &Path) -> Command {
    let home = capture.parent().expect("a folder");
    let mut tshark = Command::new("tshark");
    tshark.env("HOME", home).env("XDG_CONFIG_HOME", home).args(["-n", "-r"]).arg(capture);
    tshark
}

/// The values of a field, joined by a bar.
fn seen(capture: &Path, field: &str) -> String {
    let shape = ["-T", "fields", "-E", "aggregator=|", "-e", field];
    output(tshark(capture).args(shape)).trim_end_matches('\n').to_owned()
}

/// The names in the table that tshark prints: level, state, code page, token, rendering.
fn rows(capture: &Path) -> Vec<String> {
    names(&output(tshark(capture).arg("-V")))
}

/// The names in that table.
pub fn names(table: &str) -> Vec<String> {
    let name = |line: &str| {
        let columns: Vec<&str> = line.splitn(5, '|').map(str::trim).collect();
        let &[_, "Tag" | "Attr", _, token, rendering] = columns.as_slice() else { return None };
        if !(token.starts_with("Known Tag") || token.starts_with("LITERAL")) {
            return None;
        }
        let rendering = rendering.strip_prefix('<')?;
        if rendering.starts_with('(') {
            return Some("?".to_owned());
        }
        rendering.split([' ', '>', '/']).next().map(str::to_owned)
    };
    table.lines().filter_map(name).collect()
}

/// The same from our own decoder; `xmlns` is an attribute where a literal tag changes it.
fn expected(text: &str) -> Vec<String> {
    const DDF: &str = "syncml:dmddf1.2";
    let document = parse(text);
    let mut names = Vec::new();
    for element in elements(&document) {
        names.push(if element.namespace() == DDF { "?" } else { element.local() }.to_owned());
        if element.local() == "Signature" {
            names.push("xmlns".to_owned());
        }
        names.extend(element.attributes().map(|attribute| attribute.name.to_owned()));
    }
    names
}
