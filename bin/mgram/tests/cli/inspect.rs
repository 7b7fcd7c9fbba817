//! `inspect` and `diff`: what they say, and what they leave alone.

use super::bench::{Bench, one_line};

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A push of this message.
fn push(message: &[u8]) -> Vec<u8> {
    [b"\x01\x06\x03\xC2\xAF\x87", message].concat()
}

#[test]
fn a_sealed_message_is_explained() {
    let bench = Bench::ready();
    let said = bench.done(&["inspect", "set.wbxml"]);
    for words in [
        "WBXML          1.2, SyncML 1.2, UTF-8, ",
        "TAG 0/20 C      ",
        "SWITCH_PAGE 1   ",
        "Replace ./Home with \"new\"",
        "shape          as the profile wants it",
        "digest         matches the content, which says nothing of who signed",
        "\"key-1\", by name",
        "not verified: no account was given",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains('\u{1b}') && !said.contains("Deviations"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    assert_eq!(said, bench.done(&["what-is-this", "set.wbxml"]));
}

#[test]
fn with_a_state_the_gate_speaks_and_nothing_changes() {
    let bench = Bench::ready();
    let before = bench.snapshot();
    let arguments = ["inspect", "--as", "model", "set.wbxml", "--state", "st"];
    for _ in 0..2 {
        let said = bench.done(&arguments);
        assert!(said.contains("  accepted: from dm.operator.example"), "{said}");
        assert!(said.contains("changed  ./Home"), "{said}");
        let verdict = &bench.json(&arguments)["messages"][0]["verdict"];
        assert_eq!((&verdict["verdict"], &verdict["dry_run"]), (&"accepted".into(), &true.into()));
    }
    bench.is_as(&before, &arguments);
    assert!(bench.done(&["open", "set.wbxml", "st"]).starts_with("accepted"), "nothing was spent");
    let again = bench.run(&arguments);
    assert_eq!(again.code, 1);
    assert!(again.out.contains("refused at stage freshness"), "{}", again.out);
    let forged = bench.run(&["inspect", "set.xml", "--state", "st"]);
    assert_eq!(forged.code, 1);
    assert!(forged.out.contains("refused at stage wbxml"), "{}", forged.out);
}

/// Without a key it is known that somebody changed it, and not that nobody did.
#[test]
fn a_message_that_was_changed_is_found_out_without_a_key() {
    let bench = Bench::ready();
    let mut octets = bench.read("set.wbxml");
    let at = octets.windows(5).position(|window| window == b"\x03new\0").expect("the value");
    octets[at + 1] = b'N';
    bench.write("changed", octets);
    let told = bench.json(&["inspect", "changed"])["messages"][0].clone();
    assert_eq!(told["signature"]["digest_holds"], false);
    assert_eq!(told["verdict"]["verdict"], "not verified");
    let said = bench.done(&["inspect", "changed"]);
    assert!(said.contains("digest         does not match: the message was changed"), "{said}");
}

#[test]
fn wrappings_are_peeled_and_json_tells_where_octets_came_from() {
    let bench = Bench::ready();
    let message = bench.read("set.wbxml");
    bench.write("push.hex", hex(&push(&message)));
    let value = bench.json(&["inspect", "push.hex"]);
    let told = &value["messages"][0];
    let names: Vec<_> = told["layers"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["hex", "WSP push", "WBXML"]);
    assert_eq!(told["origin"][0]["source_offset"], 6);
    assert_eq!((&told["kind"], &told["octets"]), (&"wbxml".into(), &message.len().into()));
    let rows = told["rows"].as_array().unwrap();
    let joined: String = rows.iter().map(|row| row["hex"].as_str().unwrap()).collect();
    assert_eq!(joined, hex(&message), "every octet is in one row");
    assert_eq!(told["signature"]["keys"][0]["name"], "key-1");
    assert_eq!(told["verdict"]["verdict"], "not verified");
    let keys: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "commands deviations header kind layers missing octets origin root rows signature \
                    unlisted verdict";
    assert_eq!(keys.join(" "), expected);
}

#[test]
fn each_view_is_only_that() {
    let bench = Bench::ready();
    let message = bench.read("set.wbxml");
    bench.write("push", push(&message));
    let text = bench.done(&["inspect", "--as", "xml", "push"]);
    assert!(text.starts_with("<SyncML xmlns=\"SYNCML:SYNCML1.2\">\n  <SyncHdr>\n"), "{text}");
    bench.write("again.xml", &text);
    bench.done(&["diff", "again.xml", "set.wbxml"]);
    bench.write("dump", bench.done(&["inspect", "--as", "hex", "push"]));
    bench.done(&["diff", "dump", "set.wbxml"]);
    let tokens = bench.done(&["inspect", "--as", "tokens", "push"]);
    assert!(tokens.contains("HeadersLen") && !tokens.contains("Verdict"), "{tokens}");
    let model = bench.done(&["inspect", "--as", "model", "push"]);
    assert!(!model.contains("SWITCH_PAGE") && model.contains("Verdict"), "{model}");
}

#[test]
fn deviations_say_where_which_clause_and_what_to_do() {
    let bench = Bench::ready();
    let mut octets = bench.read("set.wbxml");
    octets.push(0x20);
    bench.write("more", &octets);
    let at = octets.len() - 1;
    let deviation = bench.json(&["inspect", "more"])["messages"][0]["deviations"][0].clone();
    assert_eq!(
        (&deviation["rule"], &deviation["offset"]),
        (&"ContentAfterRoot".into(), &at.into())
    );
    assert_eq!(deviation["clause"], "profile §2");
    let said = bench.done(&["inspect", "more"]);
    assert!(said.contains(&format!("octets after the root element at octet {at}")), "{said}");
    assert!(said.contains("clause profile §2; cut the file behind its root element"), "{said}");
}

#[test]
fn what_is_nothing_is_said_to_be_nothing() {
    let bench = Bench::ready();
    bench.write("words", "good morning, \u{1b}[31mred\u{9b}2J\n");
    bench.write("empty", "");
    for file in ["words", "empty"] {
        let said = bench.run(&["inspect", file]);
        assert_eq!((said.code, said.err.as_str()), (2, ""), "{}", said.out);
        assert!(said.out.contains("unknown"), "{}", said.out);
        assert!(!said.out.contains(['\u{1b}', '\u{9b}']), "{}", said.out);
        let said = bench.run(&["--json", "inspect", file]);
        assert_eq!(
            (said.code, &one_line(&said.out)["messages"][0]["kind"]),
            (2, &"unknown".into())
        );
    }
    bench.fails(2, &["inspect", "not-there"], &["there is no such file"]);
    bench.fails(2, &["diff", "words", "set.wbxml"], &["no message was found"]);
    bench.fails(2, &["inspect", "set.wbxml", "--state", "op"], &["op"]);
}

#[test]
fn what_a_message_says_does_not_steer_the_terminal() {
    let bench = Bench::ready();
    let text = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Alert><CmdID>1</CmdID><Data>1100</Data><Item>\
        <Data>a&#x9B;2J&#x202E;b</Data></Item></Alert></SyncBody></SyncML>";
    bench.write("alert.xml", text);
    bench.done(&["encode", "alert.xml", "-o", "alert.wbxml"]);
    for file in ["alert.xml", "alert.wbxml"] {
        for view in [&["inspect", file][..], &["inspect", file, "--as", "xml"]] {
            let said = bench.done(view);
            assert!(!said.contains(['\u{9b}', '\u{202e}']), "{said}");
        }
    }
    assert!(bench.done(&["inspect", "alert.wbxml"]).contains("a\\u{9b}2J\\u{202e}b"));
}

#[test]
fn missing_segments_are_named() {
    let bench = Bench::ready();
    let segment = |number: u8, data: &[u8]| {
        hex(&[b"\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x07\x03", &[number][..], data].concat())
    };
    let message = push(&bench.read("set.wbxml"));
    let (one, rest) = message.split_at(120);
    let (two, three) = rest.split_at(120);
    bench.write("some", [segment(3, three), segment(1, one)].join("\n"));
    let said = bench.run(&["inspect", "--as", "model", "some"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("segment 2 is missing, 2 of 3 segments came"), "{}", said.out);
    bench.fails(2, &["diff", "some", "set.wbxml"], &["segments of the message are missing"]);
    let lines = [segment(3, three), segment(1, one), segment(2, two), segment(3, three)];
    bench.write("all", lines.join("\n"));
    assert_eq!(bench.done(&["diff", "all", "set.wbxml"]), "the infosets are the same\n");
    std::fs::create_dir(bench.file("folder")).expect("a folder");
    for (number, part) in [(2, one), (1, two), (3, three)] {
        let sequence = [1, 2, 3][[one, two, three].iter().position(|it| *it == part).unwrap()];
        bench.write(&format!("folder/{number}"), segment(sequence, part));
    }
    assert_eq!(bench.done(&["diff", "folder", "set.wbxml"]), "the infosets are the same\n");
}

/// Cut off anywhere: something is shown, or it is said that there is nothing.
#[test]
fn every_end_has_an_exit_status_and_json() {
    let bench = Bench::ready();
    let message = bench.read("set.wbxml");
    for end in (0..message.len()).step_by(31) {
        bench.write("cut", &message[..end]);
        for arguments in
            [&["--json", "inspect", "cut"][..], &["--json", "inspect", "cut", "--state", "st"]]
        {
            let said = bench.run(arguments);
            assert!((0..=2).contains(&said.code) && said.err.is_empty(), "{end}: {said:?}");
            assert_eq!(one_line(&said.out)["messages"][0]["octets"], end, "{arguments:?}");
        }
    }
}

#[test]
fn differences_have_exit_status_1() {
    let bench = Bench::ready();
    bench.write("other.xml", super::bench::set("other"));
    bench.seal("other.xml", "other.wbxml", 1);
    let said = bench.run(&["diff", "set.wbxml", "other.wbxml"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("~ SyncML/SyncBody/Replace/Item/Data\n  - \"new\"\n  + \"other\"\n"),
        "{}",
        said.out
    );
    let said = bench.run(&["--json", "diff", "set.wbxml", "other.wbxml"]);
    assert_eq!((said.code, &one_line(&said.out)["same"]), (1, &false.into()));
}

#[test]
fn an_input_without_an_end_is_refused_before_the_memory_is_full() {
    Bench::empty().fails(
        2,
        &["inspect", "/dev/zero"],
        &["more than 268435456 octets", "/dev/zero"],
    );
}

#[test]
fn a_capture_of_many_packets_that_are_no_use_is_told() {
    let bench = Bench::empty();
    let mut capture =
        vec![0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    capture.resize(capture.len() + 16 * 100_000, 0);
    bench.write("empty.pcap", capture);
    let said = bench.run(&["inspect", "empty.pcap"]);
    assert_eq!(said.code, 2);
    assert!(said.out.contains("100000 packets"));
    // A comparison of each with each takes minutes: the runner ends it.
}
