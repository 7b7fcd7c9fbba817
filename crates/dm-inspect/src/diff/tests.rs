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
