//! Texts made to cost the planner much. How long each took is printed; none may take for ever.

use std::time::Instant;

use dm_wbxml::{Encoder, NoOctets};
use dm_xml::{Builder, Document, Limits};

use crate::PLAIN;

fn document(texts: &[String]) -> Document<'_> {
    let mut builder = Builder::new(Limits::generous());
    builder.start("urn:x", "All").expect("within the limits");
    for text in texts {
        builder.leaf("urn:x", "T", text.as_str()).expect("within the limits");
    }
    builder.end();
    builder.finish().expect("the root has ended")
}

/// Octets of the texts and of the document.
fn plan(name: &str, texts: &[String]) -> (usize, usize) {
    let document = document(texts);
    let begun = Instant::now();
    let octets = Encoder::new(&PLAIN).encode(&document, NoOctets).expect("it can be written");
    let all = texts.iter().map(String::len).sum();
    println!(
        "{name}: {} texts, {all} octets, {} written, {:?}",
        texts.len(),
        octets.len(),
        begun.elapsed()
    );
    (all, octets.len())
}

#[test]
fn each_text_a_beginning_of_the_next() {
    let texts: Vec<String> = (1..2_800).map(|length| "a".repeat(length)).collect();
    let (all, written) = plan("beginnings", &texts);
    assert!(written < all / 10);
}

#[test]
fn each_text_an_end_of_the_next() {
    let long: String = (0..2_800).filter_map(|n| char::from_digit(n * n % 26 + 10, 36)).collect();
    let texts: Vec<String> = (0..2_799).map(|from| long[from..].to_owned()).collect();
    let twice: Vec<String> = texts.iter().chain(&texts).cloned().collect();
    let (all, written) = plan("ends", &twice);
    assert!(written < all / 10);
}

#[test]
fn fifty_thousand_texts_that_differ_in_their_last_characters() {
    let texts: Vec<String> = (0..50_000).map(|n| format!("{}{n:05}", "a".repeat(75))).collect();
    let (all, written) = plan("last characters", &texts);
    assert!(written < all / 5);
}

#[test]
fn fifty_thousand_texts_that_differ_in_their_first_characters() {
    let texts: Vec<String> = (0..50_000).map(|n| format!("{n:05}{}", "a".repeat(75))).collect();
    let (all, written) = plan("first characters", &texts);
    assert!(written > all);
}

#[test]
fn a_tree_of_beginnings_each_used_a_little() {
    let mut texts = Vec::new();
    for n in 0..50_000_u32 {
        let path: Vec<String> = (0..8).map(|at| ((n >> (at * 2)) & 3).to_string()).collect();
        texts.push(format!("./{}", path.join("/node/")));
    }
    let (all, written) = plan("tree", &texts);
    assert!(written < all);
}

#[test]
fn one_text_in_a_million_pieces() {
    let pieces = vec![String::from("ab"); 1_000_000];
    let mut builder = Builder::new(Limits::generous());
    builder.start("urn:x", "All").expect("within the limits");
    for piece in &pieces {
        builder.text(piece.as_str()).expect("within the limits");
    }
    builder.end();
    let document = builder.finish().expect("the root has ended");
    let octets = Encoder::new(&PLAIN).encode(&document, NoOctets).expect("it can be written");
    assert_eq!(octets.len(), 4 + 1 + 1 + 2_000_000 + 1 + 1);
}
