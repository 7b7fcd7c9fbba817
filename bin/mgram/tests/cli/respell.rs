//! The compact spelling: written, read, changed into the other one, and refused where it is off.

use super::bench::{Bench, DEVICE, sealing};

const SMALL: &str = include_str!("../../../../bench/messages/small.xml");
const DOCS: &str = include_str!("../../../../docs/compact.md");

/// The bench with `c.wbxml`: the message in the compact spelling, sealed.
fn bench() -> Bench {
    let bench = Bench::ready();
    bench.done(&[&sealing("set.xml", "c.wbxml")[..], &["--spelling", "compact"]].concat());
    bench
}

#[test]
fn a_device_takes_the_compact_spelling_when_it_is_configured() {
    let bench = bench();
    let said = bench.run(&["open", "c.wbxml", "st"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("stage wbxml: the code page is not defined"), "{}", said.out);
    assert!(said.out.contains("spelling = \"any\""), "{}", said.out);
    let config = |spelling: &str| format!("device_id = \"{DEVICE}\"\nstate = \"st\"\n{spelling}");
    bench.write("off.toml", config("spelling = \"interop\"\n"));
    assert_eq!(bench.run(&["open", "c.wbxml", "st", "--config", "off.toml"]).code, 1);
    bench.write("on.toml", config("spelling = \"any\"\n"));
    let said = bench.done(&["open", "c.wbxml", "st", "--config", "on.toml"]);
    assert!(said.contains("changed  ./Home"), "{said}");
    bench.write("odd.toml", config("spelling = \"both\"\n"));
    bench.fails(2, &["open", "c.wbxml", "st", "--config", "odd.toml"], &["spelling", "interop"]);
}

#[test]
fn a_respelled_message_has_its_signature_and_needs_no_key() {
    let bench = bench();
    let compact = bench.read("c.wbxml").len();
    let said = bench.done(&["respell", "c.wbxml", "--to", "interop", "-o", "i.wbxml"]);
    let interop = bench.read("i.wbxml").len();
    assert!(interop > compact + 300, "{interop} and {compact} octets");
    let sizes = format!("i.wbxml: {interop} octets, {} segments", interop.div_ceil(128));
    let before = format!("({compact} octets, {} segments before)", compact.div_ceil(128));
    assert_eq!(said, format!("{sizes} {before}\n"));
    assert_eq!(bench.done(&["decode", "i.wbxml"]), bench.done(&["decode", "c.wbxml"]));
    bench.done(&["diff", "i.wbxml", "c.wbxml"]);

    let said = bench.json(&["respell", "i.wbxml", "--to", "compact", "-o", "again.wbxml"]);
    assert_eq!(bench.read("again.wbxml"), bench.read("c.wbxml"), "one spelling by our writer");
    let fields: Vec<&str> = said.as_object().expect("an object").keys().map(|key| &**key).collect();
    assert_eq!(fields, ["octets", "octets_before", "output", "segments", "segments_before"]);
    assert_eq!((&said["octets"], &said["octets_before"]), (&compact.into(), &interop.into()));
    // The device that knows no private pages takes it now.
    bench.done(&["open", "i.wbxml", "st"]);
}

#[test]
fn all_spellings_turn_into_each_other_and_each_is_opened_by_those_it_is_for() {
    let bench = bench();
    let config = |spelling: &str| {
        let text = format!("device_id = \"{DEVICE}\"\nstate = \"st\"\nspelling = \"{spelling}\"\n");
        bench.write(&format!("{spelling}.toml"), text);
    };
    for spelling in ["interop", "compact", "any"] {
        config(spelling);
    }
    for to in ["shortest", "interop", "compact", "shortest", "compact", "interop", "shortest"] {
        bench.done(&["respell", "c.wbxml", "--to", to, "-o", to]);
        bench.done(&["respell", to, "--to", "compact", "-o", "again"]);
        assert_eq!(bench.read("again"), bench.read("c.wbxml"), "{to}");
        bench.done(&["diff", to, "c.wbxml"]);
    }
    let [shortest, compact] = ["shortest", "compact"].map(|file| bench.read(file).len());
    assert_eq!(compact - shortest, 33, "{compact} and {shortest} octets");
    for device in ["interop", "compact"] {
        let config = format!("{device}.toml");
        let said = bench.run(&["open", "shortest", "st", "--config", &config]);
        assert_eq!(said.code, 1, "{device}");
        assert!(said.out.contains("(code page 20)"), "{}", said.out);
        assert!(said.out.contains("spelling = \"any\""), "{}", said.out);
    }
    bench.done(&["open", "shortest", "st", "--config", "any.toml"]);
    let said = bench.run(&["open", "c.wbxml", "st", "--config", "any.toml"]);
    assert!(said.code == 1 && said.out.contains("stage freshness"), "{}", said.out);
}

#[test]
fn the_version_stays_as_it_is() {
    let bench = bench();
    bench.done(&["encode", "set.xml", "--wbxml", "1.3", "-o", "v.wbxml"]);
    bench.done(&["respell", "v.wbxml", "--to", "compact", "-o", "w.wbxml"]);
    assert_eq!(bench.read("w.wbxml")[..2], [3, 1]);
}

#[test]
fn what_cannot_be_read_is_not_respelled() {
    let bench = bench();
    let sealed = bench.read("c.wbxml");
    bench.write("cut.wbxml", &sealed[..sealed.len() - 1]);
    let page = sealed.windows(4).position(|found| found == [0x00, 0x10, 0x45, 0x46]);
    let mut strange = sealed.clone();
    strange[page.expect("the private page") + 1] = 0x20;
    bench.write("strange.wbxml", strange);
    for (file, words) in [
        ("cut.wbxml", ["ends early", "octet"]),
        ("strange.wbxml", ["code page is not defined", "page 32"]),
        ("set.xml", ["WBXML", "XML text"]),
        ("none", ["no such file", "none"]),
    ] {
        bench.fails(2, &["respell", file, "--to", "interop", "-o", "out"], &words);
    }
    assert_eq!(bench.run(&["respell", "c.wbxml", "--to", "other", "-o", "out"]).code, 2);
}

#[test]
fn inspect_shows_the_tokens_of_private_pages() {
    let bench = bench();
    let said = bench.done(&["inspect", "c.wbxml"]);
    for row in [
        "SWITCH_PAGE 16             page 16: http://www.w3.org/2000/09/xmldsig#",
        "TAG 16/05 C",
        "ATTRSTART 0/0A",
        "OPAQUE 32",
        "OPAQUE 64",
        "as the profile wants it",
    ] {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed(&said).contains(&squeezed(row)), "{row}: {said}");
    }
    assert!(!said.contains("LITERAL") && !said.contains("unknown-"), "{said}");
}

#[test]
fn inspect_shows_what_a_token_of_a_whole_element_brings() {
    let bench = bench();
    bench.done(&["respell", "c.wbxml", "--to", "shortest", "-o", "s.wbxml"]);
    let said = bench.done(&["inspect", "s.wbxml"]);
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for row in [
        "00 14 SWITCH_PAGE 20 page 20: tokens of whole elements",
        "45 TAG 20/05 C <Signature> whole: ecdsa-sha256",
        "OPAQUE 96 DigestValue 32, SignatureValue 64 octets",
        "STR_I KeyName \"",
        "01 END </Signature>",
        "as the profile wants it",
    ] {
        assert!(squeezed(&said).contains(row), "{row}: {said}");
    }
    // Every octet is in a row, and each row begins where the one before ends.
    let octets = bench.read("s.wbxml");
    let rows = bench.json(&["inspect", "s.wbxml"]);
    let page = octets.windows(3).position(|found| found == [0, 20, 0x45]).expect("the token");
    let text = rows.to_string();
    for offset in [page, page + 2, page + 3, page + 3 + 98] {
        assert!(text.contains(&format!("\"offset\":{offset},")), "{offset}: {text}");
    }
    // A token that brings too little is told, and the rest is shown all the same.
    let mut short = octets.clone();
    short.drain(page + 5..page + 5 + 80);
    short[page + 4] = 16;
    bench.write("short.wbxml", short);
    let said = bench.run(&["inspect", "short.wbxml"]);
    assert!(said.out.contains("the token of a whole element without"), "{}", said.out);
    assert!(said.out.contains("</SyncML>"), "{}", said.out);
}

/// The table at the top of the docs, and the sizes that the profile is held to.
#[test]
fn sizes_are_as_the_docs_say() {
    let bench = Bench::ready();
    bench.write("small.xml", SMALL);
    bench.done(&["encode", "small.xml", "-o", "unsigned"]);
    let seal = ["seal", "small.xml", "--key", "op/key.pem", "--key-name", "k1", "-o"];
    bench.done(&[&seal[..], &["interop"]].concat());
    bench.done(&[&seal[..], &["compact", "--spelling", "compact"]].concat());
    let device = ["keygen", "--device", "urn:imei:004999010640001", "--name", "d1", "-o", "enc"];
    bench.done(&device);
    let whole = ["--encrypt-to", "enc/cert.pem", "--encrypt", "message"];
    bench.done(&[&seal[..], &["whole", "--spelling", "compact"], &whole].concat());
    bench.done(&[&seal[..], &["shortest", "--spelling", "shortest"]].concat());
    for (file, row) in [
        ("unsigned", "unsigned"),
        ("interop", "sealed, interop"),
        ("compact", "sealed, compact"),
        ("whole", "sealed, compact, all of it encrypted"),
        ("shortest", "sealed, shortest"),
    ] {
        let octets = bench.read(file).len();
        let row = format!("| {row} | {octets} | {} |", octets.div_ceil(128));
        assert!(DOCS.contains(&row), "{row}");
    }
    let size = |file| bench.read(file).len();
    for (file, words) in [
        ("interop", "signature of a small message takes {} octets"),
        ("compact", "private code pages and raw octets: {} octets"),
        ("shortest", "*one* token with what varies in it, {} octets"),
    ] {
        let costs = words.replace("{}", &(size(file) - size("unsigned")).to_string());
        assert!(DOCS.contains(&costs), "{costs}");
    }
}
