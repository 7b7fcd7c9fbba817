//! Provisioning: everything, or nothing at all.

use super::bench::{Bench, DEVICE, HOME, OPERATOR, PARTNER, provision};
use super::pem::{der, pem, public};

#[test]
fn what_cannot_be_pinned_makes_no_device() {
    let bench = Bench::ready();
    bench.write("empty.pem", "");
    bench.write("broken.pem", pem("CERTIFICATE", &der(&bench.read("op/cert.pem"))[..90]));
    bench.write("small.pem", pem("PUBLIC KEY", &der(&bench.read("op/cert.pem"))[..90]));
    for (cert, words) in [
        ("pa/cert.pem", ["does not name \"dm.operator.example\"", "SubjectAltName"]),
        ("op/key.pem", ["not a certificate or public key", "never has the private key"]),
        ("empty.pem", ["not a certificate or public key", "cert.pem of `mgram keygen`"]),
        ("broken.pem", ["certificate", "broken.pem"]),
        ("small.pem", ["key", "small.pem"]),
        ("none.pem", ["there is no such file", "none.pem"]),
        ("st", ["it is a folder", "st"]),
    ] {
        let mut arguments = provision("new", "op", &[]);
        arguments[7] = cert;
        bench.fails(2, &arguments, &[&words[..], &[cert]].concat());
    }
    let two = provision("new", "op", &["--cert", "op/cert.pem"]);
    bench.fails(2, &two, &["2 --cert and 1 --key-name", "in the same order"]);
    for (at, option) in [(3, "--device-id"), (9, "--key-name")] {
        let mut arguments = provision("new", "op", &[]);
        arguments[at] = " ";
        bench.fails(2, &arguments, &[option, "is empty"]);
    }
}

#[test]
fn an_object_that_does_not_fit_makes_no_device() {
    let bench = Bench::ready();
    bench.write("open.xml", "<MgmtTree xmlns=\"syncml:dmddf1.2\">");
    bench.write("acl.xml", HOME.replace("Get=*&amp;", "Get=*&amp;&amp;"));
    for (tnds, words) in [
        ("none.xml", ["there is no such file", "correct the path"]),
        ("open.xml", ["not well-formed", "open.xml:1:"]),
        ("set.xml", ["MgmtTree", "xmlns=\"syncml:dmddf1.2\""]),
        ("acl.xml", ["malformed ACL: ./Home", "nothing was provisioned"]),
    ] {
        bench.fails(2, &provision("new", "op", &["--tnds", tnds]), &words);
        // The first object fits; it must not stay.
        let both = ["--tnds", "home.xml", "--tnds", tnds];
        bench.fails(2, &provision("deep/new", "op", &both), &words);
    }
    let twice = ["--tnds", "home.xml", "--tnds", "home.xml"];
    bench.fails(2, &provision("new", "op", &twice), &["the node exists: ./Home", "home.xml"]);
    bench.fails(2, &provision("st", "pa", &["--tnds", "home.xml"]), &["the node exists: ./Home"]);
}

#[test]
fn a_device_keeps_its_id_and_each_server_has_one_account() {
    let bench = Bench::ready();
    let words = ["account for the ServerID \"dm.operator.example\" is there", "R22"];
    bench.fails(1, &provision("st", "op", &[]), &words);
    let mut other = provision("st", "pa", &[]);
    other[3] = "urn:imei:9";
    bench.fails(1, &other, &["the state belongs to device", DEVICE, "another state folder"]);
    bench.fails(1, &provision("set.xml/st", "op", &[]), &["not a folder", "set.xml/st"]);
}

#[test]
fn accounts_whose_names_would_collide_both_fit() {
    let bench = Bench::ready();
    bench.write("public.pem", pem("PUBLIC KEY", &public(&der(&bench.read("op/key.pem")))));
    let long = format!("https://{}.example/dm", "long".repeat(80));
    for server_id in ["srv:1", "srv/1", "ärger.example", &long] {
        let mut arguments = provision("st", "op", &[]);
        (arguments[5], arguments[7]) = (server_id, "public.pem");
        bench.done(&arguments);
        let arguments = ["seal", "set.xml", "--key", "op/key.pem", "--key-name", "key-1"];
        let whom = ["--server-id", server_id, "--device-id", DEVICE, "-o", "m"];
        bench.done(&[&arguments[..], &whom].concat());
        let said = bench.done(&["open", "m", "st"]);
        assert!(said.starts_with(&format!("accepted: from {server_id},")), "{said}");
    }
    let tree = bench.done(&["tree", "st", "./DMAcc"]);
    assert!(tree.contains("  srv_1/") && tree.contains("  srv_1-2/"), "{tree}");
    assert!(tree.contains(OPERATOR) && !tree.contains(PARTNER));
}

#[test]
fn a_damaged_state_is_made_anew_only_when_that_is_asked_for() {
    let bench = Bench::ready();
    let file = bench.file("st/state.redb");
    let whole = std::fs::read(&file).expect("readable");
    let option = "--put-damaged-aside";
    let again = provision("st", "op", &[option]);
    bench.fails(1, &again, &["R22"]); // a good one stays as it is
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("written");
    bench.fails(1, &provision("st", "op", &[]), &["is damaged", option]);
    std::fs::write(&file, [7; 5_000]).expect("written");
    bench.fails(2, &provision("st", "op", &[]), &["state.redb", option]);
    let said = bench.done(&again);
    assert!(said.starts_with("st/state.redb.damaged-1: the damaged state, put aside"), "{said}");
    let aside = bench.file("st/state.redb.damaged-1");
    assert_eq!(std::fs::read(aside).expect("kept"), [7; 5_000]);
    bench.done(&["tree", "st"]);
}
