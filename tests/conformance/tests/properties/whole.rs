//! Elements that are of the shape of a token, or almost: they are the same in every spelling.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_syncml::MetaRule;
use dm_syncml::tables::{SYNCML_1_2, SYNCML_SHORTEST};
use dm_syncml::wbxml::{self, Spelling, Spellings};
use dm_wbxml::{Bone, Skeleton, Step, Value};
use dm_xml::{Builder, Document, LimitExceeded, Limits, canonical};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::cases;
use crate::strategy::text;

/// An element to be: a shape, what it leaves open, and what is changed of it.
#[derive(Clone, Debug)]
struct Whole {
    skeleton: &'static Skeleton,
    /// Octets of each element, where they are not as the token has them.
    lengths: Vec<Option<usize>>,
    texts: Vec<String>,
    /// A step that is done in another way.
    change: Option<(Index, Change)>,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    AddAttribute,
    AddElement,
    AddText,
    Attribute,
    Name,
}

fn skeletons() -> Vec<&'static Skeleton> {
    SYNCML_SHORTEST.pages.iter().flat_map(|page| page.skeletons().map(|(_, it)| it)).collect()
}

fn whole() -> impl Strategy<Value = Whole> {
    use Change::{AddAttribute, AddElement, AddText, Attribute, Name};
    let lengths = vec(prop_oneof![6 => Just(None), 1 => (0..80_usize).prop_map(Some)], 3);
    let change = select(vec![AddAttribute, AddElement, AddText, Attribute, Name]);
    let change = prop_oneof![2 => Just(None), 1 => (any::<Index>(), change).prop_map(Some)];
    (select(skeletons()), lengths, vec(text(), 3), change)
        .prop_map(|(skeleton, lengths, texts, change)| Whole { skeleton, lengths, texts, change })
}

impl Whole {
    fn write(&self, builder: &mut Builder<'static>) -> Result<(), LimitExceeded> {
        let steps = self.skeleton.shape.steps;
        let changed = self.change.as_ref().map(|(at, change)| (at.index(steps.len()), *change));
        let mut texts = self.texts.iter();
        let mut lengths = self.lengths.iter().zip(self.skeleton.lengths.iter().chain([&50]));
        self.start(builder, &self.skeleton.shape.root, &mut texts, None)?;
        for (at, step) in steps.iter().enumerate() {
            let change = changed.filter(|&(changed, _)| changed == at).map(|(_, change)| change);
            match change {
                Some(Change::AddElement) => {
                    builder.start("urn:x", "x")?;
                    builder.end();
                }
                Some(Change::AddText) => builder.text("x".to_owned())?,
                _ => {}
            }
            match step {
                Step::Start(bone) => self.start(builder, bone, &mut texts, change)?,
                Step::Text => builder.text(texts.next().cloned().unwrap_or_default())?,
                Step::Octets => {
                    let (other, usual) = lengths.next().expect("three at the most");
                    let octets = vec![at.to_le_bytes()[0]; other.unwrap_or(*usual)];
                    match at % 2 {
                        0 => builder.octets(octets)?,
                        _ => builder.text(STANDARD.encode(octets))?,
                    }
                }
                Step::End => builder.end(),
            }
        }
        builder.end();
        Ok(())
    }

    fn start<'t>(
        &self,
        builder: &mut Builder<'static>,
        bone: &'static Bone,
        texts: &mut impl Iterator<Item = &'t String>,
        change: Option<Change>,
    ) -> Result<(), LimitExceeded> {
        let is_changed = |wanted: Change| {
            change.is_some_and(|it| {
                matches!(
                    (it, wanted),
                    (Change::Name, Change::Name)
                        | (Change::Attribute, Change::Attribute)
                        | (Change::AddAttribute, Change::AddAttribute)
                )
            })
        };
        builder.start(bone.namespace, if is_changed(Change::Name) { "Own" } else { bone.local })?;
        for &(name, value) in bone.attributes {
            let value = match value {
                Value::Given(at) => self.skeleton.values[at].to_owned(),
                Value::Is(value) => value.to_owned(),
                Value::Hexadecimal => {
                    let text = texts.next().cloned().unwrap_or_default();
                    let digits = text.bytes().map(|octet| format!("{octet:02X}"));
                    format!("00{}", digits.collect::<String>())
                }
            };
            let value = if is_changed(Change::Attribute) { value + "x" } else { value };
            builder.attribute(name, value)?;
        }
        if is_changed(Change::AddAttribute) {
            builder.attribute("x", "")?;
        }
        Ok(())
    }
}

/// A message with these elements in it.
fn document(elements: &[Whole]) -> Document<'static> {
    let mut builder = Builder::new(Limits::default());
    builder.start(SYNCML_1_2, "SyncML").expect("small");
    for element in elements {
        element.write(&mut builder).expect("small");
    }
    builder.end();
    builder.finish().expect("it has a root")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn whole_elements_are_the_same_infoset_in_every_spelling(elements in vec(whole(), 1..4)) {
        let (document, limits) = (document(&elements), Limits::default());
        let text = canonical::text(&document);
        let all = [Spelling::Interop, Spelling::Compact, Spelling::Shortest];
        let mut lengths = Vec::new();
        for from in all {
            let encoder = wbxml::encoder_spelled(&document, from);
            let octets = encoder.encode(&document, MetaRule::default()).unwrap();
            let length = encoder.encoded_len(&document, MetaRule::default()).unwrap();
            prop_assert_eq!(length, octets.len());
            lengths.push(length);
            let source = wbxml::open_spelled(&octets, Spellings::Any, &limits).unwrap();
            let read = wbxml::decode(&source, &limits).unwrap();
            prop_assert_eq!(canonical::text(&read), &text[..]);
            for to in all {
                let encoder = wbxml::encoder_spelled(&read, to);
                let again = encoder.encode(&read, MetaRule::default()).unwrap();
                let expected = wbxml::encoder_spelled(&document, to);
                let expected = expected.encode(&document, MetaRule::default()).unwrap();
                prop_assert_eq!(again, expected, "{:?} to {:?}", from, to);
            }
        }
        let usual = |it: &&Whole| it.change.is_none() && it.lengths.iter().all(Option::is_none);
        let tokens = elements.iter().filter(usual).count();
        prop_assert!(lengths[2] + 25 * tokens <= lengths[1], "{:?}: {}", lengths, tokens);
    }
}
