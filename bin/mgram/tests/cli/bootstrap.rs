//! Bootstrap documents: made here, looked at by others.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::bench::{Bench, DEVICE, HOME, OPERATOR};

/// The arguments that make a document for the operator's account.
fn making<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual = ["bootstrap", "-o", output, "--server-id", OPERATOR, "--cert", "op/cert.pem"];
    [&usual[..], &["--key-name", "key-1", "--device-id", DEVICE, "--apn", "internet"], more]
        .concat()
}

#[test]
fn both_forms_say_the_same_and_others_read_them() {
    let bench = Bench::ready();
    bench.done(&making("b.wbxml", &["--tnds", "home.xml"]));
    bench.done(&making("b.xml", &["--tnds", "home.xml", "--format", "xml"]));
    bench.done(&["decode", "b.wbxml", "-o", "again.xml"]);
    let again = String::from_utf8(bench.read("again.xml")).unwrap();
    assert_eq!(again, String::from_utf8(bench.read("b.xml")).unwrap());
    assert!(again.contains("<Value>./Inbox/Internet</Value>"), "{again}");
    assert!(HOME.contains("Home") && again.contains("<NodeName>Home</NodeName>"));
}

#[test]
fn what_it_writes_is_its_owners_alone_also_over_a_file_of_all() {
    let bench = Bench::ready();
    bench.write("pin", "1234");
    bench.write("there", "");
    std::fs::set_permissions(bench.file("there"), Permissions::from_mode(0o644)).expect("set");
    for (file, more) in [
        ("new", &["--tnds", "home.xml"][..]),
        ("there", &["--tnds", "home.xml"]),
        ("push", &["--sec", "userpin", "--secret-file", "pin"]),
    ] {
        bench.done(&making(file, more));
        let mode = bench.file(file).metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
}

#[test]
fn a_push_carries_sec_and_a_mac_that_openssl_computes_too() {
    let bench = Bench::ready();
    bench.write("netwpin", "imsi:244070100000213\n");
    bench.done(&making("b.wbxml", &[]));
    bench.done(&making("b.wsp", &["--sec", "netwpin", "--secret-file", "netwpin"]));
    let (push, body) = (bench.read("b.wsp"), bench.read("b.wbxml"));
    // TID, Push, length of the headers; then the general form of a content type.
    assert_eq!(push[1..2], [6]);
    let at = push.windows(4).position(|part| part == [0xC2, 0x91, 0x80, 0x92]).expect("SEC, MAC");
    let mac = &push[at + 4..at + 44];
    assert_eq!(push[at + 44], 0);
    assert!(push.ends_with(&body));
    let key = "hexkey:2944701000002031";
    let output = Command::new("openssl")
        .args(["dgst", "-sha1", "-mac", "HMAC", "-macopt", key])
        .arg(bench.file("b.wbxml"))
        .output();
    let Ok(output) = output else {
        println!("1 skipped: openssl is not installed");
        return;
    };
    let theirs = String::from_utf8(output.stdout).unwrap();
    let theirs = theirs.trim().rsplit(' ').next().unwrap().to_uppercase();
    assert_eq!(theirs.as_bytes(), mac);
}

#[test]
fn a_message_around_a_document_adds_it_to_the_inbox() {
    let bench = Bench::ready();
    bench.done(&making("b.wbxml", &[]));
    for (file, more) in [("m.wbxml", &["--wrap"][..]), ("m.xml", &["--wrap", "--format", "xml"])] {
        bench.done(&making(file, more));
    }
    bench.done(&["decode", "m.wbxml", "-o", "again.xml"]);
    let message = String::from_utf8(bench.read("again.xml")).unwrap();
    assert_eq!(message, String::from_utf8(bench.read("m.xml")).unwrap());
    let wanted = ["<Add>", "./Inbox", "vnd.syncml.dmtnds+wbxml", DEVICE, OPERATOR, "<Final>"];
    for part in wanted {
        assert!(message.contains(part), "{part}: {message}");
    }
    let (document, octets) = (bench.read("b.wbxml"), bench.read("m.wbxml"));
    assert!(octets.windows(document.len()).any(|part| part == document), "as it is alone");
    let usual = ["bootstrap", "-o", "x", "--server-id", OPERATOR, "--cert", "op/cert.pem"];
    let without = [&usual[..], &["--key-name", "k", "--wrap"]].concat();
    assert_eq!(bench.run(&without).code, 2, "for which device?");
}

#[test]
fn tshark_decodes_the_push() {
    let bench = Bench::ready();
    bench.write("pin", "1234");
    bench.done(&making("b.wsp", &["--sec", "userpin", "--secret-file", "pin"]));
    let hex: Vec<String> = bench.read("b.wsp").iter().map(|octet| format!("{octet:02x}")).collect();
    bench.write("dump", format!("000000 {}\n", hex.join(" ")));
    let wrapped = Command::new("text2pcap")
        .args(["-q", "-4", "127.0.0.1,127.0.0.1", "-u", "9200,2948"])
        .args([bench.file("dump"), bench.file("capture")])
        .output();
    let seen = Command::new("tshark")
        .env("HOME", bench.path())
        .args(["-n", "-V", "-r"])
        .arg(bench.file("capture"))
        .output();
    let (Ok(wrapped), Ok(seen)) = (wrapped, seen) else {
        println!("1 skipped: tshark is not installed");
        return;
    };
    assert!(wrapped.status.success());
    let seen = String::from_utf8_lossy(&seen.stdout);
    for wanted in ["application/vnd.syncml.dm+wbxml", "USERPIN", "x-wap-application:syncml.dm"] {
        assert!(seen.contains(wanted), "{wanted}: {seen}");
    }
    assert!(!seen.contains("Malformed"), "{seen}");
}

#[test]
fn what_cannot_be_proven_is_not_made() {
    let bench = Bench::ready();
    bench.write("pin", "12a4");
    bench.write("net", "hex:00");
    let sec = |sec, more: &[&'static str]| [&["--sec", sec, "--secret-file"][..], more].concat();
    for (more, words) in [
        (sec("userpin", &["pin"]), ["no secret for USERPIN", "give digits"]),
        (sec("usernetwpin", &["net"]), ["no secret for USERNETWPIN", "--pin-file"]),
        (sec("userpinmac", &["pin"]), ["first half of the PIN", "pin"]),
        (sec("netwpin", &["net", "--format", "xml"]), ["not XML text", "SEC 1.2"]),
        (sec("netwpin", &["none"]), ["there is no such file", "none"]),
    ] {
        bench.fails(2, &making("b.wsp", &more), &words);
        assert!(!bench.file("b.wsp").exists());
    }
}

#[test]
fn a_pin_is_made_from_the_document() {
    let bench = Bench::ready();
    bench.write("half", "12345");
    let made = bench.json(&making("b.wsp", &["--sec", "userpinmac", "--secret-file", "half"]));
    let pin = made["pin"].as_str().unwrap();
    assert!(pin.starts_with("12345") && pin.len() == 10, "{pin}");
}
