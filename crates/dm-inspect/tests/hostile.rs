//! Octets that somebody cut off or changed: everything is shown as far as it goes, and all of it
//! ends.

use std::fs;
use std::path::Path;

use dm_inspect::{Form, Input, diff, examine, peel, rows, xml};

/// The examples of `docs/inspect.md`, and what is in them.
fn examples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/inspect");
    let files = fs::read_dir(folder).expect("the examples").map(|entry| entry.expect("an entry"));
    let mut found: Vec<_> = files
        .map(|file| {
            (
                file.file_name().to_string_lossy().into_owned(),
                fs::read(file.path()).expect("readable"),
            )
        })
        .collect();
    assert!(found.len() >= 3, "{} examples", found.len());
    let message =
        found.iter().find(|(name, _)| name == "message.wbxml").expect("a message").1.clone();
    let message = peel(&[Input::new("message", message)], None).messages.remove(0);
    found.push(("text".to_owned(), xml(&message).expect("an infoset").into_bytes()));
    found
}

/// Everything that can be asked.
fn look(octets: &[u8], form: Option<Form>) {
    let peeled = peel(&[Input::new("in", octets)], form);
    for message in &peeled.messages {
        let shown: usize = rows(message).map(|row| row.octets.len()).sum();
        assert!(shown <= message.octets.len());
        let findings = examine(message, &dm_crypto::AwsLc);
        assert!(findings.deviations.len() < 2_000);
        let _ = xml(message);
    }
    if let [first, .., last] = &peeled.messages[..] {
        let _ = diff(first, last);
    }
}

#[test]
fn every_truncation_is_shown() {
    for (name, octets) in examples() {
        for end in 0..octets.len() {
            look(&octets[..end], None);
        }
        eprintln!("{name}: {} truncations", octets.len());
    }
}

#[test]
fn every_octet_may_be_another() {
    for (name, octets) in examples() {
        // Two digits are an octet, and a dump has it twice.
        let step = if name.ends_with(".hex") { 5 } else { 1 };
        for at in (0..octets.len()).step_by(step) {
            for change in [0x01, 0x40, 0x80, 0xFF, octets[at]] {
                let mut changed = octets.clone();
                changed[at] ^= change;
                look(&changed, None);
            }
        }
        eprintln!("{name}: {} changes", octets.len() / step * 5);
    }
}

#[test]
fn whatever_somebody_says_it_is() {
    for (_, octets) in examples() {
        for (_, form) in Form::ALL {
            for end in (0..octets.len()).step_by(7) {
                look(&octets[..end], Some(form));
            }
        }
    }
}

/// Inputs that would take hours if anything were done for each two octets, so that the runner would
/// end the test: looked at, and compared with what differs from them at the very end.
#[test]
fn large_inputs_are_shown_and_compared() {
    let head = b"\x02\xA4\x01\x6A\x00".to_vec();
    let many = |piece: &[u8], count: usize| piece.repeat(count);
    let text = |open: &str, inside: &str, count: usize| format!("{open}{}", inside.repeat(count));
    let namespace = format!("urn:{}", "n".repeat(200_000));
    let inputs: [(&str, Vec<u8>); 12] = [
        ("deep", [head.clone(), many(b"\x6D", 300_000)].concat()),
        ("elements", [head.clone(), b"\x6D".to_vec(), many(b"\x12", 300_000)].concat()),
        (
            "empty strings",
            [b"\x02\xA4\x01\x6A\x83\xA9\x00".to_vec(), many(b"\x00", 54_400), b"\x6D\x01".to_vec()]
                .concat(),
        ),
        ("texts inside", [head, b"\x6D".to_vec(), many(b"\x03<a>\x00", 50_000)].concat()),
        ("start tags", text("", "<a ", 100_000).into_bytes()),
        ("comments", text("", "<!--", 100_000).into_bytes()),
        ("leaves", text("<a xmlns='urn:a'>", "<b/>", 50_000).into_bytes()),
        (
            "leaves of a long namespace",
            (text(&format!("<a xmlns='{namespace}'>"), "<b/>", 50_000) + "</a>").into_bytes(),
        ),
        (
            "leaves with a long path",
            (text("", &format!("<{} xmlns='urn:a'>", "n".repeat(64)), 250)
                + &text("", "<b/>", 50_000)
                + &text("", &format!("</{}>", "n".repeat(64)), 250))
                .into_bytes(),
        ),
        ("a dump", text("0000:", " 0  ", 100_000).into_bytes()),
        ("dumps", text("", &format!("0000:{}\n", " 0  ".repeat(250)), 200).into_bytes()),
        ("segments", text("", "0b05040b8423f000032a0201ff\n", 3_000).into_bytes()),
    ];
    for (name, input) in &inputs {
        look(input, None);
        let (changed, is_a_leaf) = changed_at_the_end(input);
        let message = |octets: &[u8]| peel(&[Input::new("in", octets)], None).messages.remove(0);
        let (one, same, other) = (message(input), message(input), message(&changed));
        assert_eq!(diff(&one, &same), [], "{name}");
        let differs = !diff(&one, &other).is_empty();
        assert!(differs || !is_a_leaf, "{name}: the last leaf is another one");
    }
}

/// Another last leaf, or where there is none another last octet.
fn changed_at_the_end(input: &[u8]) -> (Vec<u8>, bool) {
    let mut changed = input.to_vec();
    let leaf = input.windows(4).rposition(|found| found == b"<b/>");
    match leaf {
        Some(at) => changed[at + 1] = b'c',
        None => *changed.last_mut().expect("not empty") ^= 1,
    }
    (changed, leaf.is_some())
}
