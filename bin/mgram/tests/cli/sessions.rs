//! The sessions of the documents go as they are written there.

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
