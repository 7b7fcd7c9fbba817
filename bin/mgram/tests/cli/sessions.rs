//! The sessions of the documents go as they are written there.

use std::net::{TcpListener, UdpSocket};

use super::bench::Bench;
use super::session::{page, run, write_documents};

#[test]
fn signing_elsewhere_goes_as_written() {
    let bench = Bench::empty();
    bench.write("message.xml", page("inspect/unsigned.xml"));
    assert!(run(&bench, &page("signing-elsewhere.md")) >= 6);
}

#[test]
fn sealing_goes_as_written() {
    let (bench, page) = (Bench::empty(), page("sealing.md"));
    write_documents(&bench, &page);
    bench.write("torn", "marconigram-counters 1\nfloor 0\n7 dm.operator.example urn:imei:0049990");
    assert!(run(&bench, &page) >= 20);
}

#[test]
fn the_lab_goes_as_written() {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let at = device.local_addr().expect("an address");
    // Ports of the page that others may have are free ones here.
    let gateway = TcpListener::bind("127.0.0.1:0").expect("bound").local_addr();
    let bearer = UdpSocket::bind("127.0.0.1:0").expect("bound").local_addr();
    let free = [("8080", gateway.expect("one")), ("9200", bearer.expect("one")), ("2948", at)];
    let page = free.iter().fold(page("lab.md"), |page, (port, at)| {
        page.replace(&format!("127.0.0.1:{port}"), &at.to_string())
    });
    write_documents(&bench, &page);
    assert!(run(&bench, &page) >= 8);
}
