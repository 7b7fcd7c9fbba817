//! What is written: whole, or not at all, and never where it may not be.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::Stdio;

use super::bench::{Bench, Said, one_line, sealing};

const LAMP: &str = include_str!("../../../../crates/dm-lint/tests/lint/lamp.xml");

#[test]
fn an_output_that_cannot_be_written_is_said() {
    let bench = Bench::ready();
    for (output, words) in [
        ("none/out", ["there is no such folder", "make the folder first"]),
        ("set.xml/out", ["not a folder", "correct the path"]),
        ("st", ["it is a folder", "name a file"]),
    ] {
        bench.fails(1, &sealing("set.xml", output), &[&words[..], &[output]].concat());
        bench.fails(1, &["encode", "set.xml", "-o", output], &words);
        bench.fails(1, &["decode", "set.wbxml", "-o", output], &words);
    }
    bench.fails(1, &["man", "set.xml"], &["set.xml", "another name"]);
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let bench = Bench::ready();
    bench.write("out", vec![b'x'; 100_000]);
    std::fs::set_permissions(bench.file("out"), PermissionsExt::from_mode(0o640)).expect("set");
    symlink("out", bench.file("link")).expect("linked");
    bench.fails(2, &sealing("home.xml", "out"), &["not a SyncML 1.2 message"]);
    assert_eq!(bench.read("out"), vec![b'x'; 100_000]);
    bench.done(&sealing("set.xml", "link"));
    let octets = bench.read("out");
    assert!(octets[0] == 2 && octets.len() < 2_000);
    assert!(bench.file("link").is_symlink());
    assert_eq!(bench.file("out").metadata().expect("there").permissions().mode() & 0o777, 0o640);
    let names: Vec<_> = std::fs::read_dir(bench.path()).expect("read").flatten().collect();
    assert!(names.iter().all(|entry| !entry.file_name().to_string_lossy().starts_with('.')));
}

/// A disk that is full: the device file of that name, by a link so that nothing can hurt it.
#[test]
fn a_full_disk_is_said_and_a_device_file_stays_one() {
    let bench = Bench::ready();
    let full = std::path::Path::new("/dev/full");
    if !full.metadata().is_ok_and(|there| there.file_type().is_char_device()) {
        return; // this system has none
    }
    symlink(full, bench.file("full")).expect("linked");
    let arguments = sealing("set.xml", "full");
    bench.run(&arguments).is_one_clear_error(1, &arguments, &["no space left", "full"]);
    assert!(full.metadata().expect("there").file_type().is_char_device());
    for arguments in [vec!["tree", "st"], vec!["decode", "set.wbxml"], sealing("set.xml", "-")] {
        let out = std::fs::OpenOptions::new().write(true).open(full).expect("opened");
        let output = bench.command(&arguments).stdout(out).output().expect("started");
        let said = Said::of(output);
        assert_eq!(said.code, 1, "{arguments:?}");
        assert!(said.err.starts_with("mgram: cannot write"), "{}", said.err);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_of_tree() {
    let bench = Bench::ready();
    let mut child = bench.command(&["tree", "st"]).stdout(Stdio::piped()).spawn().expect("started");
    drop(child.stdout.take());
    let status = child.wait().expect("ended");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn usage_is_answered_with_status_2_and_no_output() {
    let bench = Bench::ready();
    for arguments in [
        &["bogus"][..],
        &["seal"],
        &["open", "set.wbxml"],
        &["seal", "set.xml", "--bogus"],
        &["open", "set.wbxml", "st", "--now", "noon"],
        &["keygen", "--alg", "rot13", "--server-id", "s", "--name", "k", "-o", "x"],
        &["encode", "set.xml", "-o", "x", "--wbxml", "1.4"],
        &["push", "set.wbxml"],
        &["provision", "new", "--device-id", "d", "--server-id", "s"],
    ] {
        let before = bench.snapshot();
        let said = bench.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.starts_with("error: ") && said.err.contains("--help"), "{}", said.err);
        bench.is_as(&before, arguments);
    }
    let said = bench.run(&[]);
    assert!(said.code == 2 && said.err.contains("Usage: mgram"), "{said:?}");
    assert!(bench.done(&["--version"]).starts_with("mgram 0."));
    assert!(bench.done(&["open", "--help"]).contains("--dry-run"));
}

#[test]
fn names_that_are_not_utf_8_are_told_as_json_too() {
    let bench = Bench::ready();
    let odd = |name: &[u8]| OsString::from_vec(name.to_vec());
    std::fs::create_dir(bench.file("ddf")).expect("a folder");
    bench.write("ddf/home.ddf", LAMP);
    let notes = bench.path().join("ddf").join(odd(b"notes\xFF"));
    std::fs::write(notes, "<notes/>").expect("a file");
    let sealing = sealing("set.xml", "");
    let seal = [&["--json"], &sealing[..sealing.len() - 1]].concat();
    for (arguments, last) in [
        (&["--json", "encode", "set.xml", "-o"][..], &b"a\xFF"[..]),
        (&["--json", "decode", "set.wbxml", "-o"], b"b\xFF"),
        (&seal, b"c\xFF"),
        (&["--json", "keygen", "--server-id", "s", "--name", "k", "-o"], b"d\xFF"),
        (&["--json", "lint", "set.xml", "--partial", "--ddf"], b"ddf"),
    ] {
        let output = bench.command(arguments).arg(odd(last)).output().expect("it runs");
        let said = Said::of(output);
        assert!(said.code < 2, "{arguments:?}: {said:?}");
        let last = said.out.lines().last().expect("a line");
        one_line(&format!("{last}\n"));
    }
}

#[test]
fn no_file_name_steers_the_terminal() {
    let bench = Bench::empty();
    let said = bench.run(&["encode", "no\u{1b}[31m.xml", "-o", "a"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(!said.err.contains('\u{1b}') && said.err.contains("u{1b}"), "{said:?}");
}
