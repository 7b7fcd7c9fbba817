//! Tokens that stand for a whole element of a known shape: a private extension of WBXML's tags.
//! [profile §5], `docs/compact.md`
//!
//! The content of such a tag is what the shape leaves open, and nothing else: one OPAQUE with the
//! octets of all elements that hold octets, one behind the other, and a STR_I or a STR_T for each
//! text, in document order. Readers yield the infoset that the shape is; no one above sees a difference.

/// One token of a page of whole elements: a shape with its values.
///
/// ```
/// use dm_wbxml::{
///     Bone, CodePage, Encoder, NoOctets, Shape, Skeleton, Step, Value, Vocabulary,
/// };
/// use dm_xml::{Limits, parse};
/// static DIGEST: Shape = Shape {
///     name: "Digest",
///     root: Bone { namespace: "urn:x", local: "Digest", attributes: &[("by", Value::Given(0))] },
///     steps: &[Step::Octets],
/// };
/// static SKELETONS: [Skeleton; 2] = [
///     Skeleton { shape: &DIGEST, values: &["SHA-256"], lengths: &[] },
///     Skeleton { shape: &DIGEST, values: &["SHA-512"], lengths: &[] },
/// ];
/// static PAGES: [CodePage; 1] = [CodePage::whole(0, &SKELETONS)];
/// static X: Vocabulary =
///     Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
/// let text = "<Digest xmlns='urn:x' by='SHA-512'>AAEC</Digest>";
/// let document = parse(text.as_bytes(), &Limits::default()).unwrap();
/// let octets = Encoder::new(&X).encode(&document, NoOctets).unwrap();
/// assert_eq!(octets, b"\x02\x7F\x6A\0\x46\xC3\x03\0\x01\x02\x01");
/// ```
#[derive(Debug)]
pub struct Skeleton {
    /// The shape.
    pub shape: &'static Shape,
    /// What [`Value::Given`] refers to.
    pub values: &'static [&'static str],
    /// Octets of each element of octets but the last one, which has what is left.
    pub lengths: &'static [usize],
}

/// An element with everything in it but values.
#[derive(Debug)]
pub struct Shape {
    /// How people call it.
    pub name: &'static str,
    /// The element.
    pub root: Bone,
    /// What is in it, up to its end.
    pub steps: &'static [Step],
}

/// The start of an element of a shape.
#[derive(Debug)]
pub struct Bone {
    /// Its namespace.
    pub namespace: &'static str,
    /// Its name.
    pub local: &'static str,
    /// Its attributes: all of them, in any order.
    pub attributes: &'static [(&'static str, Value)],
}

/// The value of an attribute of a shape.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// This one of the values of the token.
    Given(usize),
    /// `00` and the hexadecimal digits, in capitals, of the UTF-8 of a text that is left open.
    /// [XMLENC 1.1 §5.4.1]
    Hexadecimal,
    /// The same in all.
    Is(&'static str),
}

/// What is met in a shape, in document order.
#[derive(Debug)]
pub enum Step {
    /// The innermost element ends.
    End,
    /// Octets that are left open, as base64 text: all content of the innermost element.
    Octets,
    /// An element begins.
    Start(Bone),
    /// Text that is left open: all content of the innermost element.
    Text,
}

impl Skeleton {
    /// The value of an attribute, if it is not left open.
    pub(crate) fn value(&self, value: Value) -> Option<&'static str> {
        match value {
            Value::Given(at) => self.values.get(at).copied(),
            Value::Hexadecimal => None,
            Value::Is(text) => Some(text),
        }
    }

    /// The least octets that its OPAQUE has.
    #[must_use]
    pub fn least_octets(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// The names of the elements whose octets are left open, in order.
    pub fn octets(&self) -> impl Iterator<Item = &'static str> {
        let mut innermost = self.shape.root.local;
        self.shape.steps.iter().filter_map(move |step| match step {
            Step::Start(bone) => {
                innermost = bone.local;
                None
            }
            Step::Octets => Some(innermost),
            Step::Text | Step::End => None,
        })
    }

    /// The names of the elements and attributes whose text is left open, in order.
    pub fn texts(&self) -> impl Iterator<Item = &'static str> {
        let mut innermost = &self.shape.root;
        let root = core::iter::once(None).chain(self.shape.steps.iter().map(Some));
        root.flat_map(move |step| {
            let attributes = match step {
                Some(Step::Start(bone)) => {
                    innermost = bone;
                    bone.attributes
                }
                None => innermost.attributes,
                Some(_) => &[],
            };
            let open = attributes.iter().filter(|(_, value)| matches!(value, Value::Hexadecimal));
            let text = matches!(step, Some(Step::Text)).then_some(innermost.local);
            open.map(|&(name, _)| name).chain(text)
        })
    }

    /// Stops the compiler where the parts do not fit together.
    pub(crate) const fn check(&self) {
        let (steps, mut at) = (self.shape.steps, 0);
        let (mut depth, mut holes) = (1_usize, 0_usize);
        self.check_values(&self.shape.root);
        while at < steps.len() {
            assert!(depth > 0, "an element ends that has not begun");
            match &steps[at] {
                Step::Start(bone) => {
                    depth += 1;
                    self.check_values(bone);
                }
                Step::Octets => holes += 1,
                Step::End => depth -= 1,
                Step::Text => {}
            }
            at += 1;
        }
        assert!(depth == 1, "the root is left open: its end is not a step");
        assert!(holes == self.lengths.len() + 1, "a length for all octets but the last ones");
    }

    const fn check_values(&self, bone: &Bone) {
        let mut at = 0;
        while at < bone.attributes.len() {
            if let Value::Given(value) = bone.attributes[at].1 {
                assert!(value < self.values.len(), "the token has such a value");
            }
            at += 1;
        }
    }
}
