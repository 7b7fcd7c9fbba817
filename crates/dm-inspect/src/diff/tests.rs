use super::*;
use crate::{Input, peel};

fn message(text: &str) -> Message {
    peel(&[Input::new("in", text)], None).messages.remove(0)
}

fn changes(old: &str, new: &str) -> Vec<String> {
    let told = |change: Change| match change {
        Change::Added(line) => format!("+{line}"),
        Change::Removed(line) => format!("-{line}"),
        Change::Changed { path, old, new } => format!("~{path} {old} {new}"),
    };
    diff(&message(old), &message(new)).into_iter().map(told).collect()
}

#[test]
fn what_differs_is_told_with_its_path() {
    let old = "<a xmlns='urn:x'><b>1</b><c/><d e='1'/></a>";
    assert_eq!(changes(old, old), [""; 0]);
    assert_eq!(changes(old, "<a xmlns='urn:x'>\n <b>1</b><c></c><d e=\"1\"/></a>"), [""; 0]);
    assert_eq!(changes(old, "<a xmlns='urn:x'><b>2</b><c/><d e='1'/></a>"), ["~a/b \"1\" \"2\""]);
    assert_eq!(changes(old, "<a xmlns='urn:x'><b>1</b><d e='1'/></a>"), ["-a/c: \"\""]);
    assert_eq!(
        changes(old, "<a xmlns='urn:x'><b>1</b><c/><d e='2'/></a>"),
        ["~a/d e=\"1\" \"\" e=\"2\" \"\""]
    );
    assert_eq!(
        changes(old, "<a xmlns='urn:x'><c/><b>1</b><d e='1'/></a>").len(),
        2,
        "order counts"
    );
    assert_eq!(changes(old, "<a xmlns='urn:y'><b>1</b><c/><d e='1'/></a>").len(), 1);
}

#[test]
fn encoding_does_not_count() {
    let text = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Final/></SyncBody></SyncML>";
    assert_eq!(changes(text, "02A4016A006D6B120101"), [""; 0]);
}

/// A document inside is compared as an infoset too; its octets count, for they are signed.
#[test]
fn documents_inside_are_compared_element_by_element() {
    let message = |inner: &[u8]| {
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, inner);
        format!("<SyncML xmlns='urn:x'><Data>{base64}</Data></SyncML>")
    };
    let old = message(b"\x02\xA4\x01\x6A\x00\x6D\x57\x03a\x00\x01\x01");
    let new = message(b"\x02\xA4\x01\x6A\x00\x6D\x57\x03b\x00\x01\x01");
    let other_version = message(b"\x03\xA4\x01\x6A\x00\x6D\x57\x03a\x00\x01\x01");
    let found = changes(&old, &new);
    assert_eq!(found.len(), 2);
    assert_eq!(found[1], "~SyncML/Data/SyncML/LocURI \"a\" \"b\"");
    let found = changes(&old, &other_version);
    assert!(found.len() == 1 && found[0].starts_with("~SyncML/Data a document of 12"), "{found:?}");
}

#[test]
fn many_differences_end_too() {
    let many = |name: &str| format!("<a xmlns='urn:x'>{}</a>", format!("<{name}/>").repeat(5_000));
    assert_eq!(changes(&many("b"), &many("c")).len(), 10_000);
}

/// The steps lead from the one to the other.
#[test]
fn steps_make_the_second_of_the_first() {
    let mut seed = 1_u32;
    let mut random = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) % below
    };
    for _ in 0..500 {
        let mut list = || (0..random(12)).map(|_| random(3)).collect::<Vec<u32>>();
        let pair = (list(), list());
        let (mut made, mut at) = (Vec::new(), 0);
        for step in edits(&pair) {
            match step {
                Step::Keep => {
                    made.push(pair.0[at]);
                    at += 1;
                }
                Step::Remove(which) => {
                    assert_eq!(which, at);
                    at += 1;
                }
                Step::Add(which) => made.push(pair.1[which]),
            }
        }
        assert_eq!((made, at), (pair.1.clone(), pair.0.len()), "{pair:?}");
    }
}

#[test]
fn a_long_path_has_its_end_and_hides_no_difference() {
    let nested = |levels: usize, leaf: &str| {
        let name = "n".repeat(40);
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let inside = format!("{}{leaf}{}", open.repeat(levels), close.repeat(levels));
        format!("<a xmlns='urn:x'>{inside}</a>")
    };
    let found = changes(&nested(100, "<b>1</b>"), &nested(100, "<b>2</b>"));
    assert_eq!(found.len(), 1);
    let path = found[0].strip_prefix('~').and_then(|rest| rest.strip_suffix(" \"1\" \"2\""));
    let path = path.expect("a changed text");
    assert!(path.starts_with("\u{2026}/nnnn") && path.ends_with("nnnn/b"), "{path}");
    assert!(path.len() <= 260, "{path}");
    assert_eq!(changes(&nested(100, "<b/>"), &nested(100, "<b/>")), [""; 0]);
    assert_eq!(changes(&nested(100, "<b/>"), &nested(101, "<b/>")).len(), 3);
    let (inside, beside) = ("<b><c/></b>", "<b/><c/>");
    assert!(!changes(&nested(100, inside), &nested(100, beside)).is_empty());
}
