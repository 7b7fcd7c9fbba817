//! Whole elements by one token: those that have a shape of the language's are written by it, all
//! others as they are. [profile §5]

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::canonical::Output;
use dm_xml::{Sink, ToInfoset};
use smallvec::SmallVec;

use super::{Writer, number};
use crate::token::{END, HAS_CONTENT, OPAQUE, STR_I, STR_T};
use crate::{Bone, MbUInt32, OctetRule, Skeleton, Step, Value, Vocabulary, WriteError};

/// Pushes a value into a writer, with whole elements by their tokens.
pub(super) fn feed<'d, R: OctetRule, O: Output>(
    value: &'d impl ToInfoset,
    writer: &mut Writer<'d, R, O>,
) -> Result<(), WriteError> {
    let longest = skeletons(writer.vocabulary).map(|(.., it)| it.shape.steps.len()).max();
    match longest {
        None => value.write(writer),
        Some(steps) => {
            let held = Vec::with_capacity(steps + 2);
            value.write(&mut Holding { writer, held, depth: 0, most: steps + 2 })
        }
    }
}

/// All tokens of whole elements of a language, each with its page.
fn skeletons(vocabulary: &'static Vocabulary) -> impl Iterator<Item = (u8, u8, &'static Skeleton)> {
    let of_page = |page: &'static crate::CodePage| {
        page.skeletons().map(move |(token, skeleton)| (page.number(), token, skeleton))
    };
    vocabulary.pages.iter().flat_map(of_page)
}

/// Holds an element back that may turn out to have a shape: never more of it than a shape has.
struct Holding<'w, 'd, R, O: Output> {
    writer: &'w mut Writer<'d, R, O>,
    held: Vec<Held<'d>>,
    /// How many of the held elements are open.
    depth: usize,
    most: usize,
}

enum Held<'d> {
    Start { namespace: Cow<'d, str>, local: &'d str, attributes: Attributes<'d> },
    Text(Cow<'d, str>),
    Octets(Cow<'d, [u8]>),
    End,
}

type Attributes<'d> = SmallVec<[(&'d str, Cow<'d, str>); 3]>;

/// What the token brings.
#[derive(Default)]
struct Filling {
    octets: Vec<u8>,
    texts: SmallVec<[String; 4]>,
}

impl<'d, R: OctetRule, O: Output> Holding<'_, 'd, R, O> {
    /// Whether an element that begins is held back: it may have a shape, or stands in one that may.
    #[inline]
    fn holds(&self, namespace: &str, local: &str) -> bool {
        let mut roots = skeletons(self.writer.vocabulary).map(|(.., it)| &it.shape.root);
        self.depth > 0 || roots.any(|root| root.local == local && root.namespace == namespace)
    }

    fn hold(&mut self, held: Held<'d>) -> Result<(), WriteError> {
        self.held.push(held);
        if self.held.len() > self.most { self.let_go() } else { Ok(()) }
    }

    /// What is held has no shape: it is written as it is, and what follows, too.
    fn let_go(&mut self) -> Result<(), WriteError> {
        self.depth = 0;
        for held in self.held.drain(..) {
            match held {
                Held::Start { namespace, local, attributes } => {
                    self.writer.start(namespace, local)?;
                    for (name, value) in attributes {
                        self.writer.attribute(name, value)?;
                    }
                }
                Held::Text(text) => self.writer.text(text)?,
                Held::Octets(octets) => self.writer.octets(octets)?,
                Held::End => self.writer.end()?,
            }
        }
        Ok(())
    }

    /// The held element is complete.
    fn settle(&mut self) -> Result<(), WriteError> {
        let mut all = skeletons(self.writer.vocabulary);
        let fitting = all.find_map(|(page, token, skeleton)| {
            Some((page, token, Filling::of(skeleton, &self.held)?))
        });
        let Some((page, token, filling)) = fitting else { return self.let_go() };
        for held in self.held.drain(..) {
            let rule = &mut self.writer.rule;
            match held {
                Held::Start { namespace, local, .. } => rule.start(&namespace, local, false),
                Held::Text(text) => rule.text(&text),
                Held::Octets(_) => {}
                Held::End => rule.end(),
            }
        }
        self.writer.whole(page, token, filling)
    }
}

impl<'d, R: OctetRule, O: Output> Writer<'d, R, O> {
    fn whole(&mut self, page: u8, token: u8, filling: Filling) -> Result<(), WriteError> {
        let mut head = Vec::from([token | HAS_CONTENT, OPAQUE]);
        number(filling.octets.len())?.encode(&mut head);
        self.begin_child(Some(page));
        self.take_octets(&head);
        self.take_octets(&filling.octets);
        for text in filling.texts {
            self.piece(Cow::Owned(text));
        }
        self.take_octets(&[END]);
        Ok(())
    }

    /// Text in one piece: by reference to all of it, or in place.
    fn piece(&mut self, text: Cow<'d, str>) {
        let reference = if text.is_empty() { None } else { self.table.next_reference(&text) };
        match reference.filter(|reference| reference.length == text.len()) {
            Some(reference) => {
                let mut octets = Vec::from([STR_T]);
                MbUInt32(reference.offset).encode(&mut octets);
                self.take_octets(&octets);
            }
            None => {
                self.take_octets(&[STR_I]);
                self.take_octets(text.as_bytes());
                self.take_octets(&[0]);
            }
        }
        if !text.is_empty() {
            self.table.met(text);
        }
    }
}

impl<'d, R: OctetRule, O: Output> Sink<'d> for Holding<'_, 'd, R, O> {
    type Error = WriteError;

    #[inline]
    fn start(&mut self, namespace: Cow<'d, str>, local: &'d str) -> Result<(), WriteError> {
        if !self.holds(&namespace, local) {
            return self.writer.start(namespace, local);
        }
        self.depth += 1;
        self.hold(Held::Start { namespace, local, attributes: SmallVec::new() })
    }

    fn attribute(&mut self, name: &'d str, value: Cow<'d, str>) -> Result<(), WriteError> {
        if let Some(Held::Start { attributes, .. }) = self.held.last_mut() {
            attributes.push((name, value));
            return if attributes.len() > self.most { self.let_go() } else { Ok(()) };
        }
        self.writer.attribute(name, value)
    }

    #[inline]
    fn text(&mut self, text: Cow<'d, str>) -> Result<(), WriteError> {
        if self.depth == 0 {
            return self.writer.text(text);
        }
        if let Some(Held::Text(before)) = self.held.last_mut() {
            *before += text;
            return Ok(());
        }
        if text.is_empty() { Ok(()) } else { self.hold(Held::Text(text)) }
    }

    fn octets(&mut self, octets: Cow<'d, [u8]>) -> Result<(), WriteError> {
        match (self.depth, octets.is_empty()) {
            (0, _) => self.writer.octets(octets),
            (_, true) => Ok(()),
            (_, false) => self.hold(Held::Octets(octets)),
        }
    }

    #[inline]
    fn leaf(
        &mut self,
        namespace: &'d str,
        local: &'d str,
        text: &'d str,
    ) -> Result<(), WriteError> {
        if !self.holds(namespace, local) {
            return self.writer.leaf(namespace, local, text);
        }
        self.start(Cow::Borrowed(namespace), local)?;
        self.text(Cow::Borrowed(text))?;
        self.end()
    }

    #[inline]
    fn end(&mut self) -> Result<(), WriteError> {
        if self.depth == 0 {
            return self.writer.end();
        }
        self.hold(Held::End)?;
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 && !self.held.is_empty() { self.settle() } else { Ok(()) }
    }
}

impl Filling {
    /// What these events have where the shape leaves something open, if they have the shape.
    fn of(skeleton: &Skeleton, held: &[Held<'_>]) -> Option<Self> {
        let mut filling = Self::default();
        let mut lengths = skeleton.lengths.iter();
        let (first, mut rest) = held.split_first()?;
        filling.bone(skeleton, &skeleton.shape.root, first)?;
        for step in skeleton.shape.steps {
            let (next, behind) = rest.split_first()?;
            let is_content = !matches!(next, Held::End);
            match step {
                Step::Start(bone) => filling.bone(skeleton, bone, next)?,
                Step::Text => filling.texts.push(match next {
                    Held::Text(text) => text.as_ref().into(),
                    Held::End => String::new(),
                    Held::Start { .. } | Held::Octets(_) => return None,
                }),
                Step::Octets => {
                    let before = filling.octets.len();
                    match next {
                        Held::Octets(octets) => filling.octets.extend_from_slice(octets),
                        Held::Text(text) => {
                            STANDARD.decode_vec(text.as_bytes(), &mut filling.octets).ok()?;
                        }
                        Held::End => {}
                        Held::Start { .. } => return None,
                    }
                    let length = filling.octets.len() - before;
                    if lengths.next().is_some_and(|&fixed| fixed != length) {
                        return None;
                    }
                }
                Step::End if is_content => return None,
                Step::End => {}
            }
            // Content that is left open may be nothing at all.
            if is_content || matches!(step, Step::End) {
                rest = behind;
            }
        }
        matches!(rest, [Held::End]).then_some(filling)
    }

    fn bone(&mut self, skeleton: &Skeleton, bone: &Bone, held: &Held<'_>) -> Option<()> {
        let Held::Start { namespace, local, attributes } = held else { return None };
        let is_same = *local == bone.local && *namespace == bone.namespace;
        if !is_same || attributes.len() != bone.attributes.len() {
            return None;
        }
        for &(name, expected) in bone.attributes {
            let (_, value) = attributes.iter().find(|(it, _)| *it == name)?;
            match (skeleton.value(expected), expected) {
                (Some(text), _) if text == value => {}
                (None, Value::Hexadecimal) => self.texts.push(from_hexadecimal(value)?),
                _ => return None,
            }
        }
        Some(())
    }
}

/// The text that is written so, if one is.
fn from_hexadecimal(value: &str) -> Option<String> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    let (pairs, []) = value.strip_prefix("00")?.as_bytes().as_chunks::<2>() else { return None };
    let octets: Option<Vec<u8>> =
        pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
    let text = String::from_utf8(octets?).ok()?;
    dm_xml::character::forbidden(&text).is_none().then_some(text)
}
