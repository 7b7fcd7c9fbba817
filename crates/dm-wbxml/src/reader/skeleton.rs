//! Whole elements by one token: the shape with what the token brings. [profile §5]

use alloc::borrow::Cow;
use alloc::string::String;
use core::iter;

use dm_xml::{Profile, Sink};
use smallvec::SmallVec;

use super::{Namespace, Reader, Stop};
use crate::{Bone, Error, ErrorKind, OctetRule, Skeleton, Step, Token};

/// What the token brings.
struct Filling<'s> {
    octets: &'s [u8],
    /// Texts, and where each stands.
    texts: SmallVec<[(usize, Token<'s>); 4]>,
}

impl<'s, R: OctetRule, P: Profile<Error>, S: Sink<'s>> Reader<'s, '_, R, P, S> {
    /// The token of a whole element. Where the profile lets pass that it does not bring what it
    /// should, it is an element of that name, with whatever it does bring.
    pub(super) fn skeleton(
        &mut self,
        skeleton: &'static Skeleton,
        has_attributes: bool,
        has_content: bool,
    ) -> Result<(), Stop<S::Error>> {
        if has_attributes {
            self.deviates(ErrorKind::AttributeOnToken)?;
            self.attributes()?;
        } else {
            let tag = self.here;
            let filling = if has_content { self.filling(skeleton)? } else { None };
            self.here = tag;
            match filling {
                Some(filling) => return self.whole(skeleton, &filling),
                None => self.deviates(ErrorKind::Skeleton)?,
            }
        }
        let Bone { namespace, local, .. } = skeleton.shape.root;
        self.start(Namespace::Whole(namespace), local, true, has_content)
    }

    /// Reads the content and the end of the token, if they are what they should be; otherwise the
    /// usual way is to be taken.
    fn filling(&mut self, skeleton: &Skeleton) -> Result<Option<Filling<'s>>, Stop<S::Error>> {
        let mut tokens = self.tokens;
        self.here = tokens.offset();
        let octets = match tokens.next()? {
            Token::Opaque(octets) if octets.len() >= skeleton.least_octets() => octets,
            _ => return Ok(None),
        };
        let mut texts = SmallVec::new();
        for _ in skeleton.texts() {
            self.here = tokens.offset();
            match tokens.next()? {
                text @ (Token::StrI(_) | Token::StrT(_)) => texts.push((self.here, text)),
                _ => return Ok(None),
            }
        }
        self.here = tokens.offset();
        if tokens.next()? != Token::End {
            return Ok(None);
        }
        self.tokens = tokens;
        Ok(Some(Filling { octets, texts }))
    }

    /// The element as the events that it stands for.
    fn whole(
        &mut self,
        skeleton: &'static Skeleton,
        filling: &Filling<'s>,
    ) -> Result<(), Stop<S::Error>> {
        if self.has_octets {
            self.deviates(ErrorKind::OctetsBesideContent)?;
        }
        let mut octets = filling.octets;
        let mut lengths = skeleton.lengths.iter();
        let mut texts = filling.texts.iter();
        self.bone(skeleton, &skeleton.shape.root, &mut texts)?;
        for step in skeleton.shape.steps {
            match step {
                Step::Start(bone) => self.bone(skeleton, bone, &mut texts)?,
                Step::Text => {
                    let text = self.next_text(&mut texts)?;
                    self.meter.text(&text)?;
                    if !text.is_empty() {
                        self.rule.text(&text);
                        self.sink.text(text).map_err(Stop::Sink)?;
                    }
                }
                Step::Octets => {
                    let length = lengths.next().map_or(octets.len(), |&length| length);
                    let (these, rest) = octets.split_at(length.min(octets.len()));
                    octets = rest;
                    self.meter.octets(these)?;
                    if !these.is_empty() {
                        self.sink.octets(Cow::Borrowed(these)).map_err(Stop::Sink)?;
                    }
                }
                Step::End => self.end()?,
            }
        }
        self.end()
    }

    fn bone<'f>(
        &mut self,
        skeleton: &'static Skeleton,
        bone: &'static Bone,
        texts: &mut impl Iterator<Item = &'f (usize, Token<'s>)>,
    ) -> Result<(), Stop<S::Error>>
    where
        's: 'f,
    {
        self.meter.start()?;
        self.rule.start(bone.namespace, bone.local, false);
        self.sink.start(Cow::Borrowed(bone.namespace), bone.local).map_err(Stop::Sink)?;
        for &(name, value) in bone.attributes {
            let value = match skeleton.value(value) {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(hexadecimal(&self.next_text(texts)?)),
            };
            self.charge_markup(value.len())?;
            self.meter.text(&value)?;
            self.sink.attribute(name, value).map_err(Stop::Sink)?;
        }
        Ok(())
    }

    /// The next text that the token brings, of which there are as many as the shape has.
    fn next_text<'f>(
        &mut self,
        texts: &mut impl Iterator<Item = &'f (usize, Token<'s>)>,
    ) -> Result<Cow<'s, str>, Stop<S::Error>>
    where
        's: 'f,
    {
        let Some(&(offset, text)) = texts.next() else { return Ok(Cow::Borrowed("")) };
        let tag = self.here;
        self.here = offset;
        let text = match text {
            Token::StrI(octets) => self.characters(octets)?,
            Token::StrT(offset) => self.string_at(offset)?.into(),
            _ => Cow::Borrowed(""), // no other token is taken for a text
        };
        self.here = tag;
        Ok(text)
    }
}

/// `00` and the hexadecimal digits of a text.
fn hexadecimal(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digits = |octet: u8| [octet >> 4, octet & 15].map(usize::from).map(|half| DIGITS[half]);
    iter::once(0).chain(text.bytes()).flat_map(digits).map(char::from).collect()
}
