//! One infoset in many spellings of XML text: prefixes, quotes, references, CDATA sections,
//! white space in tags, attributes in any order. All have the same canonical form, and it stays.

use std::fmt::Write;

use dm_xml::{Child, Document, Element, canonical};

use super::xmllint;
use crate::infoset::parse;
use crate::{generated, peer};

#[test]
fn every_spelling_of_an_infoset_has_the_canonical_form_that_xmllint_gives_it() {
    if !peer::all_here(&["xmllint"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (mut default_only, mut prefixed) = (0, 0);
    for seed in 7_000..7_100 {
        let text = generated::document(seed);
        let document = parse(&text);
        let wanted = canonical::text(&document);
        for (has_prefixes, count) in [(false, &mut default_only), (true, &mut prefixed)] {
            let spelled = Speller::new(seed, has_prefixes).document(&document);
            let ours = crate::infoset::canonical(&spelled);
            assert_eq!(ours, wanted, "{spelled}");
            let theirs = xmllint(&spelled, folder.path());
            if has_prefixes {
                // The same but for the prefixes, and ours is a form that xmllint leaves as it is.
                assert_eq!(crate::infoset::canonical(&theirs), wanted, "{spelled}");
                assert_eq!(xmllint(&ours, folder.path()), ours);
                assert!(theirs.contains("xmlns:"), "there are prefixes");
            } else {
                assert_eq!(theirs, wanted, "{spelled}");
            }
            *count += u32::from(spelled != wanted);
        }
    }
    assert!(default_only > 90 && prefixed > 90, "{default_only}, {prefixed} differ from the form");
    eprintln!("{default_only} spellings without prefixes and {prefixed} with some");
}

struct Speller {
    state: u64,
    has_prefixes: bool,
}

impl Speller {
    fn new(seed: u64, has_prefixes: bool) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, has_prefixes }
    }

    /// One in `of`: xorshift.
    fn one_in(&mut self, of: u64) -> bool {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33).is_multiple_of(of)
    }

    fn document(&mut self, document: &Document<'_>) -> String {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        self.element(document.root(), &mut vec![("", "")], &mut text);
        text + "\n"
    }

    fn element<'d>(
        &mut self,
        element: Element<'d>,
        scope: &mut Vec<(&'static str, &'d str)>,
        text: &mut String,
    ) {
        const PREFIXES: [&str; 3] = ["p", "q", "x-1"];
        let (space, depth) = (element.namespace(), scope.len());
        let prefix = match self.has_prefixes && !self.one_in(3) {
            true => PREFIXES[usize::from(self.one_in(2)) + usize::from(self.one_in(3))],
            false => "",
        };
        let name = if prefix.is_empty() { String::new() } else { format!("{prefix}:") };
        let name = name + element.local();
        let bound = scope.iter().rev().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
        let mut parts = Vec::new();
        // A declaration may be repeated.
        if bound != Some(space) || self.one_in(7) {
            let colon = if prefix.is_empty() { "" } else { ":" };
            parts.push(format!("xmlns{colon}{prefix}={}", self.quoted(space)));
            scope.push((prefix, space));
        }
        for attribute in element.attributes() {
            let part = format!("{}={}", attribute.name, self.quoted(attribute.value));
            let at = if self.one_in(2) { 0 } else { parts.len() };
            parts.insert(at, part);
        }
        write!(text, "<{name}").expect("a string grows");
        for part in parts {
            let white = if self.one_in(3) { "\n\t" } else { " " };
            write!(text, "{white}{part}").expect("a string grows");
        }
        if element.children().next().is_none() && self.one_in(2) {
            *text += if self.one_in(2) { "/>" } else { " />" };
            scope.truncate(depth);
            return;
        }
        text.push('>');
        for child in element.children() {
            match child {
                Child::Element(element) => self.element(element, scope, text),
                Child::Text(run) => self.run(run, text),
                Child::Octets(octets) => *text += &crate::libwbxml::tree::base64(octets),
            }
        }
        scope.truncate(depth);
        let white = if self.one_in(4) { " " } else { "" };
        write!(text, "</{name}{white}>").expect("a string grows");
    }

    fn quoted(&mut self, value: &str) -> String {
        let quote = if self.one_in(2) { '"' } else { '\'' };
        let special = |c: char| matches!(c, '&' | '<' | '\t' | '\n' | '\r') || c == quote;
        let inner: String = value.chars().map(|c| self.character(c, special(c))).collect();
        format!("{quote}{inner}{quote}")
    }

    fn run(&mut self, run: &str, text: &mut String) {
        // A carriage return in a section would be a line feed.
        if self.one_in(4) && !run.contains("]]>") && !run.contains('\r') {
            write!(text, "<![CDATA[{run}]]>").expect("a string grows");
            return;
        }
        let special = |c: char| matches!(c, '&' | '<' | '>' | '\r');
        let inner: String = run.chars().map(|c| self.character(c, special(c))).collect();
        *text += &inner;
    }

    fn character(&mut self, c: char, has_to: bool) -> String {
        match c {
            '&' if self.one_in(2) => "&amp;".to_owned(),
            '<' if self.one_in(2) => "&lt;".to_owned(),
            _ if has_to || self.one_in(9) => match self.one_in(2) {
                true => format!("&#{};", u32::from(c)),
                false => format!("&#x{:X};", u32::from(c)),
            },
            _ => c.to_string(),
        }
    }
}
