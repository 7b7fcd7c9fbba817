//! `--json`: one line, these fields.

use std::net::UdpSocket;

use serde_json::Value;

use super::bench::{Bench, DEVICE, OPERATOR, one_line, provision, sealing};

fn keys(value: &Value) -> String {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_command_prints_one_line_with_its_fields() {
    let bench = Bench::ready();
    let keygen = bench.json(&["keygen", "--server-id", "s", "--name", "k", "-o", "new"]);
    assert_eq!(keys(&keygen), "cert key key_name server_id");
    let provisioned = bench.json(&provision("st", "pa", &[]));
    assert_eq!(
        keys(&provisioned),
        "device_cert device_id key_names nodes put_aside server_id state"
    );
    assert_eq!(provisioned["device_id"], DEVICE);
    let sealed = bench.json(&sealing("set.xml", "a.wbxml"));
    assert_eq!(
        keys(&sealed),
        "alg counter encrypted expires key_name octets output recipient server_id target warnings"
    );
    assert_eq!(sealed["octets"], bench.read("a.wbxml").len());
    assert_eq!(keys(&bench.json(&["encode", "set.xml", "-o", "b"])), "octets output xml_octets");
    assert_eq!(keys(&bench.json(&["decode", "set.wbxml"])), "xml");
    assert_eq!(keys(&bench.json(&["decode", "set.wbxml", "-o", "c"])), "octets output");
    let node = &bench.json(&["tree", "st", "./Home"])["nodes"][0];
    let fields = "acl format size t_stamp title type uri value value_hex ver_no";
    assert_eq!((keys(node).as_str(), &node["value"]), (fields, &"old".into()));
}

#[test]
fn both_verdicts_and_the_journal_are_json() {
    let bench = Bench::ready();
    let accepted = bench.json(&["open", "set.wbxml", "st"]);
    let fields = "changes commands digest dry_run execs key_name notes server_id sha1 target \
                  unbound_ciphertext verdict";
    assert_eq!(keys(&accepted), fields);
    assert_eq!(accepted["verdict"], "accepted");
    assert_eq!(keys(&accepted["commands"][0]), "cmd_id name status why");
    assert_eq!(accepted["commands"][0]["status"], 200);
    assert_eq!(accepted["changes"][0], serde_json::json!({"uri": "./Home", "change": "changed"}));
    assert_eq!(accepted["digest"].as_str().map(str::len), Some(64));

    let refused = bench.run(&["--json", "open", "set.wbxml", "st"]);
    assert_eq!(refused.code, 1);
    let refused = one_line(&refused.out);
    let fields = "changes clause dry_run next offset refusal server_id stage verdict what";
    assert_eq!((keys(&refused).as_str(), &refused["refusal"]), (fields, &"Replayed".into()));
    assert_eq!((&refused["stage"], &refused["server_id"]), (&"freshness".into(), &OPERATOR.into()));

    let journal = bench.json(&["journal", "st"]);
    assert_eq!(
        (&journal["entries"][0]["number"], keys(&journal["entries"][1]).as_str()),
        (&1.into(), "entry number")
    );
    assert_eq!(journal["entries"][0]["entry"]["verdict"], "accepted");
    assert_eq!(journal["entries"][1]["entry"]["refusal"], "Replayed");
}

#[test]
fn a_receipt_is_json_and_claims_little() {
    let bench = Bench::ready();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let to = format!("udp://{}", socket.local_addr().expect("an address"));
    let said = bench.run(&["--json", "push", "set.wbxml", "--danger-unprotected", "--to", &to]);
    let events = said.out.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>();
    let events = events.expect("lines of JSON");
    let [plan, receipt, result] = &events[..] else { panic!("{events:?}") };
    assert_eq!(keys(plan), "cost event id octets octets_on_the_way route segments to");
    let in_receipt =
        "does_not_prove event id note protection receipt route rung segment segments status to";
    assert_eq!(keys(receipt), in_receipt);
    let in_result = "does_not_prove event id octets protection route rung segments status to";
    assert_eq!(keys(result), in_result);
    for event in [receipt, result] {
        assert_eq!((&event["rung"], &event["status"]), (&2.into(), &"handed over".into()));
        assert_eq!(event["protection"], Value::Null);
    }
    let mut buffer = [0; 2_000];
    let length = socket.recv(&mut buffer).expect("a datagram");
    assert!(buffer[..length].ends_with(&bench.read("set.wbxml")));
}

#[test]
fn arguments_that_are_not_understood_are_one_line_of_json() {
    let bench = Bench::ready();
    for (arguments, what, next) in [
        (
            &["--json", "decode"][..],
            "the following required arguments were not provided: <INPUT>",
            "write it as mgram decode <INPUT>",
        ),
        (
            &["decode", "set.wbxml", "--outptu", "a", "--json"],
            "unexpected argument '--outptu' found",
            "a similar argument exists: '--output'",
        ),
        (
            &["--json", "inspect", "a", "--now", "1"],
            "the following required arguments were not provided: --state <DIR>",
            "write it as mgram inspect --state <DIR> --now <SECONDS> <FILES>...",
        ),
    ] {
        let said = bench.run(arguments);
        assert_eq!((said.code, said.err.as_str()), (2, ""), "{arguments:?}");
        let error = &one_line(&said.out)["error"];
        assert_eq!(keys(error), "clause next what where");
        assert_eq!((&error["what"], &error["next"]), (&what.into(), &next.into()));
    }
    // Behind `--` it is a name, and without it people read.
    for arguments in [&["decode", "a", "b", "--", "--json"][..], &["decode"]] {
        let said = bench.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.starts_with("error: "), "{}", said.err);
    }
    let help = bench.run(&["--json", "--help"]);
    assert!(help.code == 0 && help.out.contains("Usage: mgram"), "{help:?}");
}
