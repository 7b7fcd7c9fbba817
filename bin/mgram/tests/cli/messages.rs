//! Octets that are no message for this device: refused by the gate, with everything as it was.

use super::bench::{Bench, Said, sealing, set};

/// Opens octets that have to be refused: exit status 1, the verdict on standard output, and
/// nothing different on the device but the journal.
fn refused(bench: &Bench, octets: &[u8], words: &[&str]) -> Said {
    bench.write("m", octets);
    let before = bench.state();
    let said = bench.run(&["open", "m", "st"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""), "{words:?}: {}", said.out);
    assert!(said.out.starts_with("refused at stage ") && said.out.ends_with("nothing changed\n"));
    assert!(said.out.contains("\n  clause: ") && said.out.contains("\n  next: "), "{}", said.out);
    words.iter().for_each(|word| assert!(said.out.contains(word), "{word}: {}", said.out));
    let after = bench.state();
    assert!((&after.nodes, &after.freshness) == (&before.nodes, &before.freshness), "{words:?}");
    assert_eq!(after.journal.len(), before.journal.len() + 1);
    said
}

#[test]
fn octets_that_are_no_message_are_refused() {
    let bench = Bench::ready();
    let sealed = bench.read("set.wbxml");
    refused(&bench, &[], &["stage wbxml", "octet 0"]);
    refused(&bench, &[0xff; 300], &["stage wbxml", "R9"]);
    refused(&bench, &bench.read("set.xml"), &["stage wbxml", "0x3c", "mgram encode"]);
    refused(&bench, &vec![2; 1 << 20], &["stage wbxml"]);
    refused(&bench, &vec![2; (1 << 20) + 1], &["stage size", "1048576", "split the message"]);
    for length in (1..sealed.len()).step_by(97) {
        refused(&bench, &sealed[..length], &["stage wbxml", "octet"]);
    }
    bench.done(&["open", "set.wbxml", "st"]);
}

#[test]
fn a_changed_octet_is_refused_wherever_it_is() {
    let bench = Bench::ready();
    let sealed = bench.read("set.wbxml");
    for at in (1..sealed.len()).step_by(61) {
        // not octet 0: another version of WBXML may carry the same message
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        refused(&bench, &changed, &[]);
    }
    bench.done(&["open", "set.wbxml", "st"]);
}

#[test]
fn a_message_for_others_by_others_or_unsigned_is_refused() {
    let bench = Bench::ready();
    let sealed = |arguments: &[&str]| {
        bench.done(arguments);
        bench.read("m")
    };
    let mut other_device = sealing("set.xml", "m");
    other_device[9] = "urn:imei:9";
    refused(&bench, &sealed(&other_device), &["stage target", "urn:imei:9"]);
    let mut other_server = sealing("set.xml", "m");
    other_server[7] = "nobody.example";
    refused(&bench, &sealed(&other_server), &["stage account", "nobody.example", "DMAcc"]);
    bench.done(&["decode", "set.wbxml", "-o", "signed.xml"]);
    let text = String::from_utf8(bench.read("signed.xml")).expect("UTF-8");
    let unsigned = text.split("<Signature").next().expect("a head").to_owned() + "</SyncML>";
    bench.write("unsigned.xml", unsigned);
    let octets = sealed(&["encode", "unsigned.xml", "-o", "m"]);
    refused(&bench, &octets, &["not signed", "R12", "mgram seal"]);
    let octets = sealed(&["encode", "home.xml", "-o", "m"]);
    refused(&bench, &octets, &["stage header"]);
}

#[test]
fn counters_go_up() {
    let bench = Bench::ready();
    for (counter, value) in [(100, "a"), (36, "b"), (101, "c")] {
        bench.write("m.xml", set(value));
        bench.seal("m.xml", "ok", counter);
        bench.done(&["open", "ok", "st"]);
    }
    for (counter, words) in [(101, "was used before"), (36, "more than 64 below"), (1, "64 below")]
    {
        bench.write("m.xml", set("late"));
        bench.seal("m.xml", "late", counter);
        let octets = bench.read("late");
        refused(&bench, &octets, &["stage freshness", words, "above all used before"]);
    }
}

#[test]
fn a_message_that_no_device_would_take_is_not_sealed() {
    let bench = Bench::ready();
    bench.write("big.xml", set(&"x".repeat(1 << 20)));
    let words = ["a device takes at most 1048576", "big.xml", "split it"];
    bench.fails(2, &sealing("big.xml", "out"), &words);
}

#[test]
fn a_message_that_cannot_be_read_never_gets_to_the_gate() {
    let bench = Bench::ready();
    std::fs::create_dir(bench.file("folder")).expect("made");
    bench.fails(2, &["open", "none", "st"], &["there is no such file", "none"]);
    bench.fails(2, &["open", "folder", "st"], &["it is a folder", "folder"]);
}
