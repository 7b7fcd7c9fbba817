use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_wbxml::{Encoder, ErrorKind, Skeleton, Strings};
use dm_xml::{Document, Limits, canonical, parse};

use super::*;
use crate::MetaRule;
use crate::tables::compact::tests::{DOCS, rows, sealed};
use crate::wbxml::{Spelling, Spellings, decode, encoder_spelled, open_spelled};

/// The shape as XML text: `{0}` is the first value, `{octets}` and `{text}` are what is left open,
/// `{hex}` the hexadecimal digits of a text.
fn template(shape: &'static Shape) -> String {
    let (mut text, mut open) = (String::new(), Vec::new());
    start_tag(&shape.root, &mut text, &mut open);
    for step in shape.steps {
        match step {
            Step::Start(bone) => start_tag(bone, &mut text, &mut open),
            Octets => text += "{octets}",
            Text => text += "{text}",
            End => end_tag(&mut text, &mut open),
        }
    }
    end_tag(&mut text, &mut open);
    text
}

fn start_tag(bone: &'static Bone, text: &mut String, open: &mut Vec<&'static Bone>) {
    *text += &format!("<{}", bone.local);
    if open.last().is_none_or(|above| above.namespace != bone.namespace) {
        *text += &format!(" xmlns=\"{}\"", bone.namespace);
    }
    for (name, value) in bone.attributes {
        *text += &match value {
            Given(at) => format!(" {name}=\"{{{at}}}\""),
            Hexadecimal => format!(" {name}=\"00{{hex}}\""),
            Is(value) => format!(" {name}=\"{value}\""),
        };
    }
    text.push('>');
    open.push(bone);
}

fn end_tag(text: &mut String, open: &mut Vec<&'static Bone>) {
    let bone = open.pop().expect("checked at compile time");
    match text.strip_suffix('>') {
        // Nothing has come since its start.
        Some(start) if !text.ends_with("/>") && is_just_begun(start, bone.local) => {
            *text = format!("{start}/>");
        }
        _ => *text += &format!("</{}>", bone.local),
    }
}

fn is_just_begun(text: &str, local: &str) -> bool {
    let tag = text.rsplit('<').next().unwrap_or_default();
    tag.split(' ').next() == Some(local)
}

/// What the file for programs says of this page.
pub(in crate::tables) fn json() -> String {
    let shapes: BTreeMap<&str, String> =
        SKELETONS.iter().map(|it| (it.shape.name, template(it.shape))).collect();
    let shapes = shapes
        .iter()
        .map(|(name, text)| format!("    \"{name}\": \"{}\"", text.replace('"', "\\\"")));
    let tokens = (5..).zip(&SKELETONS).map(|(token, it): (u8, &'static Skeleton)| {
        format!(
            "    {{\"page\": 20, \"token\": {token}, \"shape\": \"{}\", \"lengths\": {:?},\n     \
             \"values\": {:?}}}",
            it.shape.name, it.lengths, it.values
        )
    });
    format!(
        "  \"shapes\": {{\n{}\n  }},\n  \"whole_elements\": [\n{}\n  ]",
        shapes.collect::<Vec<_>>().join(",\n"),
        tokens.collect::<Vec<_>>().join(",\n")
    )
}

#[test]
fn the_tokens_of_whole_elements_in_the_docs_are_those_of_the_code() {
    let tokens = (5_u8..).zip(&SKELETONS).map(|(token, it)| {
        let lengths: Vec<String> = it.lengths.iter().map(ToString::to_string).collect();
        let token = format!("{token:02X}");
        let cells = ["20", &token, it.shape.name, &lengths.join(", "), &it.values.join(" ")];
        let cells = cells.map(ToString::to_string).to_vec();
        [alloc::vec![String::new()], cells, alloc::vec![String::new()]].concat()
    });
    let expected: Vec<Vec<String>> = tokens.collect();
    assert_eq!(rows("Whole elements"), expected);
}

#[test]
fn the_shapes_in_the_docs_are_those_of_the_code() {
    let joined = |text: &str| text.lines().map(str::trim).collect::<String>();
    for shape in [&SIGNATURE_NAMED, &SIGNATURE, &MESSAGE, &PART] {
        let (_, said) =
            DOCS.split_once(&format!("`{}`:\n\n```xml\n", shape.name)).expect(shape.name);
        let (said, _) = said.split_once("```").expect("it ends");
        assert_eq!(joined(said), template(shape), "{}", shape.name);
    }
}

#[test]
fn no_element_has_two_tokens() {
    let texts = SKELETONS.iter().map(|it| (template(it.shape), it.values));
    let different: BTreeMap<_, _> = texts.map(|it| (it, ())).collect();
    assert_eq!(different.len(), SKELETONS.len());
}

fn document(text: &str) -> Document<'_> {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn encoder(document: &Document<'_>) -> Encoder {
    encoder_spelled(document, Spelling::Shortest).strings(Strings::Inline)
}

/// The element that a token stands for, with octets and texts of some kind.
fn example(it: &'static Skeleton) -> String {
    let mut text = template(it.shape);
    for (at, value) in it.values.iter().enumerate() {
        text = text.replace(&format!("{{{at}}}"), value);
    }
    for &length in it.lengths.iter().chain([&77]) {
        text = text.replacen("{octets}", &crate::tables::compact::tests::base64(length), 1);
    }
    text.replace("{hex}", "C3A4").replace("{text}", "name")
}

#[test]
fn each_shape_is_written_by_its_token_and_read_by_those_who_know_it() {
    for (token, it) in (5_u8..).zip(&SKELETONS) {
        let text = format!("<SyncML xmlns=\"SYNCML:SYNCML1.2\">{}</SyncML>", example(it));
        let (document, limits) = (document(&text), Limits::default());
        let octets = encoder(&document).encode(&document, MetaRule::default()).unwrap();
        assert_eq!(octets[4..9], [0x6D, 0, 20, token | 0x40, 0xC3], "{text}");
        let open = |spellings| open_spelled(&octets, spellings, &limits).unwrap();
        let source = open(Spellings::Any);
        let read = decode(&source, &limits).unwrap();
        assert_eq!(canonical::text(&read), canonical::text(&document));
        for spellings in [Spellings::Compact, Spellings::Interop] {
            let error = decode(&open(spellings), &limits).unwrap_err();
            assert_eq!((error.kind, error.offset), (ErrorKind::UnknownPage, 7), "{spellings:?}");
        }
    }
}

#[test]
fn the_worked_example_is_what_is_written() {
    let text = sealed();
    let document = document(&text);
    let octets = encoder(&document).encode(&document, MetaRule::default()).unwrap();
    let compact = encoder_spelled(&document, Spelling::Compact).strings(Strings::Inline);
    let compact = compact.encoded_len(&document, MetaRule::default()).unwrap();
    let example = crate::tables::compact::tests::example("Worked example of a whole element");
    assert_eq!(octets[octets.len() - example.len()..], example);
    assert_eq!(compact - octets.len(), 33);
}
