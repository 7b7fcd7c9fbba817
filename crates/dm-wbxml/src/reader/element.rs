//! Elements: by token, and by literal name. [WBXML 1.3 §5.8.1, §5.8.2.2], [profile §2]

use alloc::borrow::Cow;

use dm_xml::character::{is_namespace, is_ncname};
use dm_xml::{Profile, Sink};

use super::{Namespace, Reader, Stop};
use crate::token::{HAS_CONTENT, IDENTITY};
use crate::unknown::{LITERAL_NAME, tag_name};
use crate::{CodePage, Error, ErrorKind, OctetRule};

impl<'s, R: OctetRule, P: Profile<Error>, S: Sink<'s>> Reader<'s, '_, R, P, S> {
    /// A tag without attributes that has not been read yet: this octet of content.
    #[inline(always)]
    pub(super) fn plain_tag(&mut self, octet: u8) -> Result<(), Stop<S::Error>> {
        let identity = octet & IDENTITY;
        let found = self.page.and_then(|page| Some((page, page.name(identity)?)));
        let Some((page, local)) = found.filter(|_| !self.has_octets) else {
            return self.other_token(); // all that could deviate
        };
        self.tokens.skip();
        let namespace = page.namespace();
        if octet & HAS_CONTENT == 0 {
            self.meter.leaf(0)?;
            self.has_other = true;
            self.rule.leaf(namespace, local, "");
            return self.sink.leaf(namespace, local, "").map_err(Stop::Sink);
        }
        if self.leaf(namespace, local)? {
            return Ok(());
        }
        self.meter.start()?;
        self.has_other = false;
        self.rule.start(namespace, local, page.holds_octets(identity));
        self.enter(Namespace::Whole(namespace));
        self.sink.start(Cow::Borrowed(namespace), local).map_err(Stop::Sink)
    }

    /// An element of this namespace has begun.
    #[inline(always)]
    fn enter(&mut self, namespace: Namespace<'s>) {
        if !self.around.1.is_same(namespace) || self.around.0 == 0 {
            self.further_out.push(self.around);
            self.around = (self.meter.depth(), namespace);
        }
    }

    pub(super) fn tag(
        &mut self,
        identity: u8,
        has_attributes: bool,
        has_content: bool,
    ) -> Result<(), Stop<S::Error>> {
        let (namespace, local) = match self.page {
            Some(page) => match page.name(identity) {
                Some(local) => (page.namespace(), local),
                None => {
                    if let Some(skeleton) = page.skeleton(identity) {
                        return self.skeleton(skeleton, has_attributes, has_content);
                    }
                    self.deviates(ErrorKind::UnknownTag(identity))?;
                    (page.namespace(), tag_name(identity))
                }
            },
            None => {
                self.deviates(ErrorKind::UnknownPage)?;
                ("", tag_name(identity))
            }
        };
        let page = self.page;
        if has_attributes {
            self.attributes()?;
            self.redundant(namespace, page)?;
        }
        let holds_octets = page.is_some_and(|page| page.holds_octets(identity));
        self.start(Namespace::Whole(namespace), local, holds_octets, has_content)
    }

    /// The attributes of an element that has a token: an `xmlns` says what the code page says, and
    /// others are for private pages and for languages whose attributes have tokens.
    fn redundant(
        &mut self,
        namespace: &str,
        page: Option<&CodePage>,
    ) -> Result<(), Stop<S::Error>> {
        if self.attributes.iter().any(|(name, value)| *name == "xmlns" && value != namespace) {
            self.deviates(ErrorKind::Namespace)?;
        }
        self.attributes.retain(|(name, _)| *name != "xmlns");
        let vocabulary = self.vocabulary;
        let may_have = || match page {
            Some(page) => vocabulary.has_attributes(page),
            None => !vocabulary.attributes.is_empty(),
        };
        if self.attributes.is_empty() || may_have() {
            return Ok(());
        }
        self.deviates(ErrorKind::AttributeOnToken)
    }

    pub(super) fn literal(
        &mut self,
        name: u32,
        has_attributes: bool,
        has_content: bool,
    ) -> Result<(), Stop<S::Error>> {
        let local = self.literal_name(name)?;
        if has_attributes {
            self.attributes()?;
        }
        let declared = self.attributes.iter().position(|(name, _)| *name == "xmlns");
        let declared = declared.map(|at| self.attributes.remove(at).1);
        let inherited = (self.around.0 > 0).then_some(self.around.1);
        let namespace = match (declared, inherited) {
            (Some(uri), _) if is_namespace(&uri) => self.declared(uri),
            (None, Some(inherited)) => inherited,
            _ => {
                self.deviates(ErrorKind::LiteralNamespace)?;
                Namespace::Whole("")
            }
        };
        // Names of private pages have two spellings: not every device knows the pages.
        let place = self.vocabulary.place(self.namespace(namespace), local);
        if place.is_some_and(|(page, _)| !page.is_private()) {
            self.deviates(ErrorKind::LiteralHasToken)?;
        }
        self.start(namespace, local, false, has_content)
    }

    fn declared(&mut self, uri: Cow<'s, str>) -> Namespace<'s> {
        match uri {
            Cow::Borrowed(uri) => Namespace::Whole(uri),
            joined @ Cow::Owned(_) => {
                self.joined.push(joined);
                Namespace::Joined(self.joined.len() - 1)
            }
        }
    }

    fn namespace(&self, namespace: Namespace<'s>) -> &str {
        match namespace {
            Namespace::Whole(uri) => uri,
            Namespace::Joined(at) => &self.joined[at],
        }
    }

    /// The name of an element or of an attribute, at this offset of the string table.
    pub(super) fn literal_name(&mut self, offset: u32) -> Result<&'s str, Stop<S::Error>> {
        let name = self.string_at(offset)?;
        self.charge_markup(name.len())?;
        if is_ncname(name) {
            return Ok(name);
        }
        self.deviates(ErrorKind::LiteralName)?;
        Ok(LITERAL_NAME)
    }

    pub(super) fn start(
        &mut self,
        namespace: Namespace<'s>,
        local: &'s str,
        holds_octets: bool,
        has_content: bool,
    ) -> Result<(), Stop<S::Error>> {
        if self.has_octets {
            self.deviates(ErrorKind::OctetsBesideContent)?;
        }
        (self.has_octets, self.has_other) = (false, false);
        self.meter.start()?;
        match namespace {
            Namespace::Whole(uri) => {
                self.rule.start(uri, local, holds_octets);
                self.sink.start(Cow::Borrowed(uri), local).map_err(Stop::Sink)?;
            }
            Namespace::Joined(at) => {
                self.charge_markup(self.joined[at].len())?; // each use may be a copy
                let uri = &self.joined[at];
                self.rule.start(uri, local, holds_octets);
                match self.around.0 > 0 && self.around.1.is_same(namespace) {
                    true => self.sink.start_inheriting(uri, local),
                    false => self.sink.start(uri.clone(), local),
                }
                .map_err(Stop::Sink)?;
            }
        }
        self.enter(namespace);
        for (name, value) in self.attributes.drain(..) {
            self.meter.text(&value)?;
            self.sink.attribute(name, value).map_err(Stop::Sink)?;
        }
        if has_content { Ok(()) } else { self.end_here() }
    }

    /// As [`end`](Self::end), where it is rare.
    #[inline(never)]
    pub(super) fn end_here(&mut self) -> Result<(), Stop<S::Error>> {
        self.end()
    }

    #[inline(always)]
    pub(super) fn end(&mut self) -> Result<(), Stop<S::Error>> {
        if self.around.0 == self.meter.depth() {
            self.around = self.further_out.pop().unwrap_or((0, Namespace::Whole("")));
        }
        (self.has_octets, self.has_other) = (false, true);
        self.meter.end();
        self.rule.end();
        self.sink.end().map_err(Stop::Sink)
    }
}
