//! Serialized sub-trees: read, written and read again, as XML text and as WBXML.

use std::borrow::Cow;

use arbitrary::{Result, Unstructured};
use dm_syncml::{MetaRule, wbxml};
use dm_tnds::{Format, MgmtTree, Node, RtProperties, Type, Value};
use dm_wbxml::Version;
use dm_xml::{Builder, Document, Limits, ToInfoset, canonical};

use crate::infoset::{chance, text};
use crate::{choices, round_trip};

/// WBXML, XML text, or an object of choices.
///
/// # Panics
/// When an object that is written reads back as another.
pub fn check(octets: &[u8]) {
    let limits = Limits::default();
    if let Some(mut choices) = choices(octets) {
        if let Ok(object) = object(&mut choices) {
            written_reads_back(&object);
        }
    } else if matches!(octets.first(), Some(0x01..=0x03)) {
        let Ok(source) = wbxml::open(octets, &limits) else { return };
        if let Ok(document) = wbxml::decode(&source, &limits) {
            read(&document);
        }
    } else if let Ok(document) = dm_xml::parse(octets, &limits) {
        read(&document);
    }
}

fn read(document: &Document<'_>) {
    if let Ok(object) = MgmtTree::read(document.root()) {
        written_reads_back(&object);
    }
}

fn written_reads_back(object: &MgmtTree<'_>) {
    let document = written(object);
    assert_eq!(MgmtTree::read(document.root()).as_ref(), Ok(object));

    // As text, octets are their base64 text; otherwise nothing may differ.
    let text = canonical::text(&document);
    let parsed = dm_xml::parse(text.as_bytes(), &Limits::generous()).expect("we wrote it");
    let from_text = MgmtTree::read(parsed.root()).expect("we wrote it");
    assert_eq!(canonical::text(&written(&from_text)), text);
    assert_eq!(count(&from_text.nodes), count(&object.nodes));

    round_trip::written_reads_back(&document, Version::V1_2);
    let encoder = wbxml::encoder(&document);
    let octets = encoder.encode(&document, MetaRule::default());
    assert_eq!(encoder.encode(object, MetaRule::default()), octets, "without a document");
}

fn written<'t>(object: &'t MgmtTree<'_>) -> Document<'t> {
    let mut builder = Builder::new(Limits::generous());
    object.write(&mut builder).expect("it was below the limits");
    builder.finish().expect("an object has a root")
}

fn count(nodes: &[Node<'_>]) -> usize {
    nodes.iter().map(|node| 1 + count(&node.nodes)).sum()
}

// ----------------------------------------------------------------------- of choices

fn object(choices: &mut Unstructured<'_>) -> Result<MgmtTree<'static>> {
    let mut object = MgmtTree::new(nodes(choices, 5)?);
    object.man = maybe(choices)?;
    object.r#mod = maybe(choices)?;
    Ok(object)
}

fn nodes(choices: &mut Unstructured<'_>, depth: u32) -> Result<Vec<Node<'static>>> {
    let mut nodes = Vec::new();
    while depth > 0 && nodes.len() < 6 && chance(choices, 2, 3)? {
        let rt_properties = if chance(choices, 3, 4)? { Some(properties(choices)?) } else { None };
        let is_bin = rt_properties.as_ref().and_then(|found| found.format) == Some(Format::Bin);
        let value = match choices.int_in_range(0..=3)? {
            0 => Some(Value::Text(text(choices)?.into())),
            // An empty value is text: there is nothing that could have come as octets.
            1 if is_bin => Some(Value::Octets(non_empty(choices)?.into())),
            _ => None,
        };
        nodes.push(Node {
            node_name: maybe(choices)?,
            path: maybe(choices)?,
            rt_properties,
            value,
            nodes: self::nodes(choices, depth - 1)?,
        });
    }
    Ok(nodes)
}

fn properties(choices: &mut Unstructured<'_>) -> Result<RtProperties<'static>> {
    Ok(RtProperties {
        acl: maybe(choices)?,
        format: if chance(choices, 3, 4)? { Some(*choices.choose(&Format::ALL)?) } else { None },
        title: maybe(choices)?,
        r#type: match choices.int_in_range(0..=2)? {
            0 => Some(Type::DdfName(text(choices)?.into())),
            1 => Some(Type::Mime(text(choices)?.into())),
            _ => None,
        },
        t_stamp: maybe(choices)?,
        ver_no: maybe(choices)?,
    })
}

fn maybe(choices: &mut Unstructured<'_>) -> Result<Option<Cow<'static, str>>> {
    Ok(if chance(choices, 1, 2)? { Some(text(choices)?.into()) } else { None })
}

fn non_empty(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut octets: Vec<u8> = choices.arbitrary()?;
    octets.push(choices.arbitrary()?);
    Ok(octets)
}
