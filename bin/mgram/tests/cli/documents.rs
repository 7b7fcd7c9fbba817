//! Documents that cannot be encoded, decoded or sealed: what, where, what next.

use super::bench::{Bench, sealing, set};

/// A message with this in place of its header.
fn with_header(header: &str) -> String {
    set("new").replace("<SyncHdr/>", header)
}

#[test]
fn xml_that_is_not_wanted_is_found_by_line_and_column() {
    let bench = Bench::ready();
    let root = "<SyncML xmlns=\"SYNCML:SYNCML1.2\">\n";
    for (name, text, place, what) in [
        (
            "dtd",
            format!("\n<!DOCTYPE SyncML SYSTEM \"x\">{root}</SyncML>"),
            ":2:1",
            "document type",
        ),
        ("pi", format!("{root} <?php x?></SyncML>"), ":2:2", "processing instruction"),
        ("plain", "<SyncML>\n</SyncML>".into(), ":1:1", "undeclared prefix"),
        ("prefix", format!("{root}  <x:SyncHdr/></SyncML>"), ":2:3", "undeclared prefix"),
        ("open", format!("{root}<SyncHdr>"), ":2:10", "not well-formed"),
        ("crossed", format!("{root}<A></B></SyncML>"), ":2:4", "not well-formed"),
        ("two", format!("{root}</SyncML>\n<A/>"), ":3:1", ""),
        ("entity", format!("{root}&bomb;</SyncML>"), ":2:1", ""),
        ("latin1", "<SyncML>".into(), ":1:9", "UTF-8"),
        ("text", "hello".into(), ":1:1", ""),
    ] {
        let file = format!("{name}.xml");
        bench.write(&file, if name == "latin1" { b"<SyncML>\xe4".to_vec() } else { text.into() });
        let place = format!("{file}{place}");
        bench.fails(2, &sealing(&file, "out.wbxml"), &[&place, what]);
        bench.fails(2, &["encode", &file, "-o", "out.wbxml"], &[&place, what]);
    }
}

#[test]
fn a_bomb_of_entities_is_refused_at_once() {
    let bench = Bench::ready();
    let mut bomb = String::from("<!DOCTYPE a [<!ENTITY b0 \"x\">\n");
    for level in 1..30 {
        bomb += &format!("<!ENTITY b{level} \"&b{0};&b{0};\">\n", level - 1);
    }
    bench.write("bomb.xml", bomb + "]><a>&b29;</a>");
    bench.fails(2, &["encode", "bomb.xml", "-o", "out"], &["document type", "bomb.xml:1:1"]);
}

#[test]
fn what_is_no_message_is_not_sealed() {
    let bench = Bench::ready();
    bench.write("empty.xml", "");
    bench.write("html.xml", "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>");
    bench.write("v11.xml", "<SyncML xmlns=\"SYNCML:SYNCML1.1\"><SyncHdr/><SyncBody/></SyncML>");
    bench.write("binary.xml", [7, 3, 0, 255, 254]);
    std::fs::create_dir(bench.file("folder")).expect("made");
    let cut = set("new");
    bench.write("cut.xml", &cut[..cut.len() / 2]);
    for (file, words) in [
        ("empty.xml", ["the file is empty", "XML text"]),
        ("html.xml", ["not a SyncML 1.2 message", "{http://www.w3.org/1999/xhtml}html"]),
        ("v11.xml", ["not a SyncML 1.2 message", "xmlns=\"SYNCML:SYNCML1.2\""]),
        ("home.xml", ["not a SyncML 1.2 message", "MgmtTree"]),
        ("set.wbxml", ["this is WBXML, and XML text is wanted", "mgram decode"]),
        ("binary.xml", ["binary.xml:1:", "XML"]),
        ("folder", ["it is a folder", "name a file"]),
        ("none.xml", ["there is no such file", "correct the path"]),
        ("cut.xml", ["not well-formed", "cut.xml:6:"]),
    ] {
        bench.fails(2, &sealing(file, "out.wbxml"), &[&words[..], &[file]].concat());
    }
}

#[test]
fn a_header_that_is_not_complete_is_named() {
    let bench = Bench::ready();
    let target = "<Target><LocURI>d</LocURI></Target>";
    let usual =
        "<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>";
    let source = "<Source><LocURI>s</LocURI></Source>";
    for (header, words) in [
        (String::new(), ["SyncHdr", "R14"]),
        ("<SyncHdr/>".into(), ["VerDTD is missing", "R14, Sessionless §5.2"]),
        (format!("<SyncHdr>{usual}{target}</SyncHdr>"), ["Source is missing", "R10"]),
        (format!("<SyncHdr>{usual}{source}</SyncHdr>"), ["Target is missing", "R14"]),
        (
            format!("<SyncHdr>{usual}{target}<Source><LocURI/></Source></SyncHdr>"),
            ["without text", "R10"],
        ),
        (format!("<SyncHdr>{usual}{target}{source}{source}</SyncHdr>"), ["given twice", "R10"]),
        (
            format!("<SyncHdr>{}{target}{source}</SyncHdr>", usual.replace("1.2", "1.1")),
            ["VerDTD is not 1.2", "R14"],
        ),
        (
            format!("<SyncHdr>{usual}{target}{source}<Foo/></SyncHdr>"),
            ["does not belong", "SyncHdr/Foo"],
        ),
    ] {
        bench.write("h.xml", with_header(&header));
        let seal = ["seal", "h.xml", "--key", "op/key.pem", "--key-name", "k", "-o", "out"];
        bench.fails(
            2,
            &seal,
            &[&words[..], &["h.xml, Sync", "--server-id and --device-id"]].concat(),
        );
    }
}

#[test]
fn what_is_wrong_is_not_dropped_when_the_header_is_completed() {
    let bench = Bench::ready();
    let twice = "<SyncHdr><VerDTD>1.2</VerDTD><VerDTD>1.2</VerDTD></SyncHdr>";
    bench.write("twice.xml", with_header(twice));
    bench.fails(2, &sealing("twice.xml", "out"), &["given twice", "SyncHdr/VerDTD"]);
    bench.write("text.xml", with_header("<SyncHdr>hello</SyncHdr>"));
    bench.fails(2, &sealing("text.xml", "out"), &["text beside elements", "SyncHdr"]);
    bench.write("root.xml", set("new").replacen("<SyncML ", "<SyncML x=\"1\" ", 1));
    bench.fails(2, &sealing("root.xml", "out"), &["attribute \"x\" on \"SyncML\""]);
    let two = "<Target><LocURI>a</LocURI></Target>".repeat(2);
    bench.write("targets.xml", with_header(&format!("<SyncHdr>{two}</SyncHdr>")));
    let mut seal = sealing("targets.xml", "out");
    seal.drain(8..10); // without --device-id
    bench.fails(2, &seal, &["given twice", "SyncHdr/Target"]);
}

#[test]
fn a_body_that_is_not_well_formed_is_named() {
    let bench = Bench::ready();
    let message = set("new");
    for (from, to, words) in [
        ("<Replace>", "<Replace><Foo/>", ["does not belong", "SyncBody/Replace/Foo"]),
        ("<CmdID>1</CmdID>", "", ["CmdID is missing", "SyncBody/Replace"]),
        ("<CmdID>1</CmdID>", "<CmdID>0</CmdID>", ["CmdID is empty, 0", "CmdID"]),
        ("SyncBody>", "SyncBot>", ["SyncBody is missing", "SyncML"]),
    ] {
        bench.write("b.xml", message.replace(from, to));
        bench.fails(2, &sealing("b.xml", "out"), &[&words[..], &["R18", "b.xml, "]].concat());
    }
}

#[test]
fn a_command_without_an_item_is_not_signed() {
    let bench = Bench::ready();
    let message = set("new");
    let item = &message[message.find("<Item>").unwrap()..message.find("</Replace>").unwrap()];
    bench.write("idle.xml", message.replace(item, ""));
    bench.fails(2, &sealing("idle.xml", "out"), &["Replace has no Item", "CmdID 1"]);
}

#[test]
fn a_signed_document_is_not_sealed_again() {
    let bench = Bench::ready();
    bench.done(&["decode", "set.wbxml", "-o", "signed.xml"]);
    bench.fails(2, &sealing("signed.xml", "out"), &["already", "signed.xml", "seal the unsigned"]);
}

#[test]
fn counters_and_expiries_are_numbers_of_19_digits() {
    let bench = Bench::ready();
    for (option, value) in [
        ("--counter", "10000000000000000000"),
        ("--counter", "99999999999999999999"),
        ("--counter", "-1"),
        ("--counter", "one"),
        ("--expires", "10000000000000000000"),
        ("--expires", "1.5"),
    ] {
        let said = bench.run(&[&sealing("set.xml", "out")[..], &[option, value]].concat());
        assert!(said.code == 2 && said.err.starts_with("error: "), "{value}: {said:?}");
    }
    let most = ["--counter", "9999999999999999999", "--expires", "9999999999999999999"];
    bench.done(&[&sealing("set.xml", "out")[..], &most].concat());
    bench.done(&["open", "out", "st"]);
    let emi = "<SyncHdr><Meta><EMI xmlns=\"syncml:metinf\">c=x</EMI></Meta></SyncHdr>";
    bench.write("emi.xml", with_header(emi));
    bench.fails(2, &sealing("emi.xml", "new"), &["EMI", "emi.xml, SyncHdr/Meta/EMI", "--counter"]);
}

#[test]
fn octets_that_are_no_wbxml_are_found_by_offset() {
    let bench = Bench::ready();
    let sealed = bench.read("set.wbxml");
    bench.write("empty", "");
    bench.write("binary", [0x69, 3, 0x6a]);
    bench.write("v14", [&[4][..], &sealed[1..]].concat());
    bench.write("longer", [&sealed[..], &[0]].concat());
    std::fs::create_dir(bench.file("folder")).expect("made");
    for (file, words) in [
        ("empty", ["empty or cut off", "octet 0"]),
        ("binary", ["0x69 is not WBXML", "octet 0"]),
        ("v14", ["0x04 is not WBXML", "octet 0"]),
        ("set.xml", ["0x3c is not WBXML", "this is XML text: use `mgram encode`"]),
        ("longer", ["octet", "code page 0"]),
        ("folder", ["it is a folder", "name a file"]),
        ("none", ["there is no such file", "correct the path"]),
    ] {
        bench.fails(2, &["decode", file], &[&words[..], &[file]].concat());
        bench.fails(2, &["decode", file, "-o", "out.xml"], &words);
    }
    for length in (0..sealed.len()).step_by(41) {
        bench.write("cut", &sealed[..length]);
        let said = bench.run(&["decode", "cut"]);
        said.is_one_clear_error(2, &["decode", "cut"], &["cut, octet ", "code page"]);
    }
}
