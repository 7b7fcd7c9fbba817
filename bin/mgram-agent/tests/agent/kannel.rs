//! A push that a server hands to Kannel (PAP), and Kannel to the agent (WSP over UDP).

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::device::Device;
use super::message::sealed;
use super::peer::{Peer, free_port};

/// A push message in the Push Access Protocol, to this address.
fn pap(to: &str, id: &str, message: &[u8]) -> Vec<u8> {
    let control = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 1.0//EN\" \
         \"http://www.wapforum.org/DTD/pap_1.0.dtd\"><pap><push-message push-id=\"{id}\">\
         <address address-value=\"WAPPUSH={to}/TYPE=IPv4@ppg.example\"/>\
         <quality-of-service delivery-method=\"unconfirmed\"/></push-message></pap>"
    );
    let head = format!(
        "--part\r\nContent-Type: application/xml\r\n\r\n{control}\r\n--part\r\n\
         Content-Type: application/vnd.syncml.dm+wbxml\r\n\
         X-WAP-Application-Id: x-wap-application:syncml.dm\r\n\r\n"
    );
    let body = [head.as_bytes(), message, b"\r\n--part--\r\n"].concat();
    let login = STANDARD.encode("pi:pipass");
    let request = format!(
        "POST /wappush HTTP/1.1\r\nHost: ppg\r\nAuthorization: Basic {login}\r\n\
         Content-Type: multipart/related; boundary=part; type=\"application/xml\"\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [request.as_bytes(), &body].concat()
}

#[test]
fn a_push_through_a_push_proxy_gateway_changes_the_tree() {
    let programs = ["bearerbox", "wapbox", "smsbox"];
    let Some(kannel) = Peer::own("kannel", &programs) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    // Kannel's ports 9200 and 9201, and the port that it pushes to, are fixed: addresses of our own.
    let own = std::process::id() % 64_000;
    let [gateway, to] = [64, 65].map(|net| format!("127.{net}.{}.{}", own / 250, own % 250 + 2));
    let ports = [(); 5].map(|()| free_port().to_string());
    let _kannel = kannel.start(&[
        ("KANNEL_WORK", folder.path().to_str().expect("UTF-8")),
        ("KANNEL_WDP_ADDR", &gateway),
        ("KANNEL_PAP_PORT", &ports[0]),
        ("KANNEL_ADMIN_PORT", &ports[1]),
        ("KANNEL_WAPBOX_PORT", &ports[2]),
        ("KANNEL_SMSBOX_PORT", &ports[3]),
        ("KANNEL_FAKESMSC_PORT", &ports[4]),
    ]);
    let device = Device::new();
    device.configure(&format!(
        "[[listen]]\ntransport = \"udp\"\naddress = \"{to}:2948\"\nsecurity = \"source-list\"\n\
         from = [\"{gateway}\"]\n"
    ));
    let mut agent = device.start();
    for number in [1, 2] {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", ports[0])).expect("connected");
        let id = format!("{number}@server.example");
        stream.write_all(&pap(&to, &id, &sealed(number))).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let is_accepted = answer.contains("code=\"1001\"") || answer.contains("code =\"1001\"");
        assert!(is_accepted, "{answer}");
        agent.wait_for(" accepted from=udp", usize::try_from(number).expect("small"));
    }
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("2", 2, 0));
}
