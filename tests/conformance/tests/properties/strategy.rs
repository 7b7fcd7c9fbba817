//! Documents that look like SyncML: elements of all pages, literal ones, text of all kinds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_syncml::tables::{DS, METINF, SYNCML, SYNCML_1_2, SYNCML_COMPACT};
use dm_tnds::tables::NAMESPACE as DDF;
use dm_wbxml::Vocabulary;
use dm_xml::{Builder, Document, LimitExceeded, Limits};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// Namespace and local name.
type Name = (&'static str, &'static str);
type Attributes = Vec<(&'static str, String)>;

/// An element to be.
#[derive(Clone, Debug)]
pub struct Tree {
    namespace: &'static str,
    local: &'static str,
    attributes: Attributes,
    content: Vec<Content>,
}

/// What stands inside an element.
#[derive(Clone, Debug)]
enum Content {
    Element(Tree),
    Text(String),
}

impl Tree {
    /// The document with this root.
    pub fn document(&self) -> Document<'_> {
        let mut builder = Builder::new(Limits::default());
        self.write(&mut builder).expect("small");
        builder.finish().expect("it has a root")
    }

    fn write<'t>(&'t self, builder: &mut Builder<'t>) -> Result<(), LimitExceeded> {
        builder.start(self.namespace, self.local)?;
        for (name, value) in &self.attributes {
            builder.attribute(name, &**value)?;
        }
        for content in &self.content {
            match content {
                Content::Element(element) => element.write(builder)?,
                Content::Text(text) => builder.text(&**text)?,
            }
        }
        builder.end();
        Ok(())
    }
}

/// Any document that may be signed: without an element of a signature.
pub fn tree() -> impl Strategy<Value = Tree> {
    tree_of(&SYNCML)
}

/// Any document, with names of the private pages: tokens in one spelling, literal in the other.
pub fn private_tree() -> impl Strategy<Value = Tree> {
    tree_of(&SYNCML_COMPACT)
}

fn tree_of(vocabulary: &'static Vocabulary) -> impl Strategy<Value = Tree> {
    let leaf = vec(text().prop_map(Content::Text), 0..3);
    let leaf = (name(vocabulary), attributes(), leaf).prop_map(element);
    let octets =
        if vocabulary.attributes.is_empty() { item().boxed() } else { private_octets().boxed() };
    let node = leaf.prop_recursive(6, 60, 6, move |inner| {
        let content = prop_oneof![
            4 => inner.prop_map(Content::Element),
            1 => text().prop_map(Content::Text),
            1 => item().prop_map(Content::Element),
            1 => octets.clone().prop_map(Content::Element),
        ];
        (name(vocabulary), attributes(), vec(content, 0..6)).prop_map(element)
    });
    vec(node.prop_map(Content::Element), 0..4).prop_map(|content| Tree {
        namespace: SYNCML_1_2,
        local: "SyncML",
        attributes: vec![],
        content,
    })
}

/// A document with a header and a body, as a signature needs them.
pub fn message() -> impl Strategy<Value = Tree> {
    let part = |local| tree().prop_map(move |tree| Content::Element(Tree { local, ..tree }));
    (part("SyncHdr"), part("SyncBody")).prop_map(|(header, body)| Tree {
        namespace: SYNCML_1_2,
        local: "SyncML",
        attributes: vec![],
        content: vec![header, body],
    })
}

/// Attributes stay on elements that have no token.
fn element(((namespace, local), attributes, content): (Name, Attributes, Vec<Content>)) -> Tree {
    let literal = SYNCML.token(namespace, local).is_none();
    Tree { namespace, local, attributes: if literal { attributes } else { vec![] }, content }
}

fn name(vocabulary: &'static Vocabulary) -> impl Strategy<Value = Name> {
    let tokens: Vec<(&str, &str)> = vocabulary
        .pages
        .iter()
        .flat_map(|page| page.tokens().map(|(_, local)| (page.namespace(), local)))
        .collect();
    let namespaces = select(vec![SYNCML_1_2, METINF, DDF, "urn:x", "http://a.example/b?c=d&e"]);
    let locals = select(vec!["Own", "o", "Ünïcode", "x-1.y_z", "replace", "DATA"]);
    prop_oneof![3 => select(tokens), 1 => (namespaces, locals)]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let names = vec!["a", "Algorithm", "URI", "é", "xml", "PartyUInfo", "Type"];
    let chosen = proptest::sample::subsequence(names, 0..5);
    (chosen, vec(value(), 5)).prop_map(|(names, values)| names.into_iter().zip(values).collect())
}

/// The value of an attribute: text, or what tokens of private pages stand for, and more.
fn value() -> impl Strategy<Value = String> {
    let page = &SYNCML_COMPACT.attributes[0];
    let known = page.starts().map(|(_, _, value)| value);
    let known: Vec<&str> = known.chain(page.values().map(|(_, text)| text)).collect();
    let pieces = vec(select(known), 0..3).prop_map(|pieces| pieces.concat());
    prop_oneof![2 => text(), 1 => pieces.clone(), 1 => (pieces, text()).prop_map(|(a, b)| a + &b)]
}

/// Every character that XML allows, the awkward ones often.
pub fn text() -> impl Strategy<Value = String> {
    let awkward = select(vec!['\t', '\n', '\r', ' ', '&', '<', '>', '"', '\'', ']', '=', 'ä', '€']);
    let any =
        any::<char>().prop_filter("XML", |character| dm_xml::character::is_allowed(*character));
    let characters =
        vec(prop_oneof![2 => awkward, 2 => any, 3 => proptest::char::range('a', 'z')], 0..12);
    characters.prop_map(String::from_iter)
}

/// An element of a private page that holds octets there, in base64 or something like it.
fn private_octets() -> impl Strategy<Value = Tree> {
    let octets = vec(any::<u8>(), 0..40).prop_map(|octets| STANDARD.encode(octets));
    let value = prop_oneof![4 => octets, 1 => text(), 1 => Just("QQ".to_owned())];
    let value = vec(value.prop_map(Content::Text), 0..3);
    (select(vec!["DigestValue", "SignatureValue", "KeyName"]), attributes(), value)
        .prop_map(|(local, attributes, value)| element(((DS, local), attributes, value)))
}

/// An Item whose Data is octets, in base64 or something like it.
fn item() -> impl Strategy<Value = Tree> {
    let octets = vec(any::<u8>(), 0..40).prop_map(|octets| STANDARD.encode(octets));
    let data = prop_oneof![4 => octets, 1 => text(), 1 => Just("QQ".to_owned())];
    let meta = select(vec![("Format", "bin"), ("Type", "a/b+wbxml"), ("Type", "A/B+WBXML")]);
    (meta, vec(data, 0..3)).prop_map(|((field, value), data)| {
        let leaf =
            |namespace, local, content| Tree { namespace, local, attributes: vec![], content };
        let field = leaf(METINF, field, vec![Content::Text(value.to_owned())]);
        let meta = leaf(SYNCML_1_2, "Meta", vec![Content::Element(field)]);
        let data = data.into_iter().map(Content::Text).collect();
        let data = leaf(SYNCML_1_2, "Data", data);
        leaf(SYNCML_1_2, "Item", vec![Content::Element(meta), Content::Element(data)])
    })
}
