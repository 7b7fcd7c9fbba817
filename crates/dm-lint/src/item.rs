//! One item of a command against the descriptions. [REP 1.2 §4.1.5, §4.1.6], [TND 1.2 §9.3]

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;

use dm_syncml::{Data, Item, Meta, Verb, is_object};
use dm_tnds::Format;
use dm_tnds::ddf::{Access, DfType, Scope};
use dm_xml::brief;

use crate::catalog::{Step, without_device};
use crate::linter::{Linter, Spot};
use crate::object::Way;
use crate::uri::Address;
use crate::value::{Content, Problem, unchecked};
use crate::{Rule, Severity};

/// What an item says, the command's `Meta` taken into account.
struct Said<'a> {
    verb: Verb,
    format: Option<&'a str>,
    r#type: Option<&'a str>,
    data: Option<&'a Data<'a>>,
}

impl Linter<'_> {
    /// One item of a command.
    pub(crate) fn item(&mut self, verb: Verb, command: &Meta<'_>, item: &Item<'_>) {
        let said = Said {
            verb,
            format: item.meta.format.as_deref().or(command.format.as_deref()),
            r#type: item.meta.r#type.as_deref().or(command.r#type.as_deref()),
            data: item.data.as_ref(),
        };
        if let (Verb::Copy, Some(source)) = (verb, &item.source) {
            self.elements.push("Source".into());
            if let Some(address) = self.address(&source.loc_uri)
                && let Some(spot) = self.find(&address.names, false, None)
            {
                self.require(spot, &[Access::Copy, Access::Get], Severity::Error);
            }
            self.elements.pop();
        }
        let target = item.target.as_ref().map(|target| &*target.loc_uri).unwrap_or_default();
        if let Some(address) = self.address(target) {
            match address.query {
                Some(query) => self.property(verb, &address, query),
                None => self.node(&said, &address),
            }
        }
        self.names.clear();
    }

    fn address<'a>(&mut self, text: &'a str) -> Option<Address<'a>> {
        self.names.clear();
        match Address::parse(text) {
            Ok(address) => Some(address),
            Err(wrong) => {
                let what = alloc::format!("{:?} is no URI of a node: {wrong}", brief(text));
                self.error(Rule::BadUri, None, (what, "write it like ./A/B".into()));
                None
            }
        }
    }

    /// A property of a node: `?prop=`, or a list.
    fn property(&mut self, verb: Verb, address: &Address<'_>, query: &str) {
        let Some(spot) = self.find(&address.names, false, None) else { return };
        match (verb, query) {
            (Verb::Get, _) => drop(self.require(spot, &[Access::Get], Severity::Error)),
            (Verb::Replace, "prop=Name") => {
                if self.require(spot, &[Access::Replace], Severity::Error) {
                    self.refuse_permanent(spot, "renamed");
                }
            }
            (Verb::Replace, "prop=ACL" | "prop=Title") => {} // no matter of AccessType
            _ => {
                let what = alloc::format!("{} does not work on ?{}", verb.as_str(), brief(query));
                let remedy = "Get reads properties, Replace changes ACL, Name and Title".into();
                self.error(Rule::BadUri, spot.place, (what, remedy));
            }
        }
    }

    fn node(&mut self, said: &Said<'_>, address: &Address<'_>) {
        let is_add = said.verb == Verb::Add;
        let is_made = matches!(said.verb, Verb::Add | Verb::Replace | Verb::Copy);
        if is_made && self.has_object(said) {
            return self.item_object(said, address);
        }
        let object = said.r#type.filter(|_| is_add && said.format == Some("node"));
        let Some(spot) = self.find(&address.names, is_made, object) else {
            return;
        };
        match said.verb {
            Verb::Add => {
                self.require(spot, &[Access::Add], Severity::Error);
                self.mark_added(spot, &address.names);
                self.content(said, spot);
            }
            Verb::Replace => {
                self.require(spot, &[Access::Replace], Severity::Error);
                self.content(said, spot);
            }
            Verb::Copy => {
                let any = [Access::Copy, Access::Replace, Access::Add];
                self.require(spot, &any, Severity::Error);
            }
            Verb::Delete => {
                if self.require(spot, &[Access::Delete], Severity::Error) {
                    self.refuse_permanent(spot, "deleted");
                }
                self.forget(&address.names);
            }
            // Its Data is input, not the value that the description limits.
            Verb::Exec => drop(self.require(spot, &[Access::Exec], Severity::Error)),
            Verb::Get => drop(self.require(spot, &[Access::Get], Severity::Error)),
        }
    }

    /// The node of these names; none, and a finding, when no description has it. `is_made`: it is
    /// there from now on. `object`: what it is by its Type, when it is made as the root of one.
    pub(crate) fn find(
        &mut self,
        names: &[Cow<'_, str>],
        is_made: bool,
        object: Option<&str>,
    ) -> Option<Spot> {
        self.found.checked += 1;
        self.names.clear();
        let names = without_device(names, |name| name);
        let object = object.and_then(|name| self.catalog.object(name));
        let mut spot = Spot::ROOT;
        let mut is_traced = true;
        let mut left: Option<(usize, usize)> = None;
        for (index, name) in names.iter().enumerate() {
            self.names.push(name.clone().into_owned());
            let known = self.instances.child(spot.instance, name).filter(|_| is_traced);
            let place = match spot.place.map(|place| (place, self.catalog.step(place, name))) {
                Some((_, Step::Known(place))) => Some(place),
                Some((_, Step::CaseDiffers(place))) => {
                    self.case_differs(place, name);
                    Some(place)
                }
                Some((above, Step::Unknown)) => {
                    left = left.or(Some((above, index)));
                    None
                }
                None => None,
            };
            let place = place.or_else(|| known.and_then(|id| self.instances.place(id)));
            let place = place.or(object.filter(|_| index + 1 == names.len()));
            if place.is_some() {
                left = None;
            }
            let instance = match is_made {
                true => Some(self.touch(spot, place, false).id),
                false => known,
            };
            is_traced &= instance.is_some();
            spot = Spot { instance: instance.unwrap_or(spot.instance), place };
            if place.is_some() {
                self.check_name(spot);
            }
        }
        if let (None, Some((above, index))) = (spot.place, left) {
            let name = names[index].clone();
            self.unknown(above, &name);
            return None;
        }
        spot.place.map(|_| spot)
    }

    /// The node is made by this command, and so must not have been made before.
    fn mark_added(&mut self, spot: Spot, names: &[Cow<'_, str>]) {
        let names = without_device(names, |name| name);
        let mut above = crate::instances::TOP;
        for (index, name) in names.iter().enumerate() {
            let Some(id) = self.instances.child(above, name) else { return };
            let is_target = index + 1 == names.len();
            let place = self.instances.place(id);
            // What is always there is not made on the way.
            let is_permanent = place.is_none_or(|p| {
                self.catalog.properties(p).is_none_or(|p| p.scope == Scope::Permanent)
            });
            let was_added = match is_target || !is_permanent {
                true => self.instances.touch(above, name, place, true).was_added,
                false => false,
            };
            if is_target && was_added {
                let what = "the node has been made before in this message".into();
                let remedy = "send Replace for the second, or delete the node first".into();
                self.error(Rule::MoreThanOne, spot.place, (what, remedy));
            }
            above = id;
        }
    }

    fn forget(&mut self, names: &[Cow<'_, str>]) {
        let names = without_device(names, |name| name);
        let Some((last, above)) = names.split_last() else { return };
        let found =
            above.iter().try_fold(crate::instances::TOP, |id, name| self.instances.child(id, name));
        if let Some(id) = found {
            self.instances.remove(id, last);
        }
    }

    /// Format, Type and value of an Add or Replace.
    fn content(&mut self, said: &Said<'_>, spot: Spot) {
        let Some(properties) = self.properties(spot) else { return };
        let described = properties.df_format.unwrap_or(Format::Chr);
        if !self.format(said.format, described, spot) {
            return; // the value was written for another format
        }
        if let Some(r#type) = said.r#type {
            self.r#type(r#type, spot);
        }
        let content = match said.data {
            None => return,
            Some(Data::Text(text)) => Content::Text(Cow::Borrowed(text)),
            Some(Data::Octets(octets)) => Content::Octets(Cow::Borrowed(octets)),
            Some(Data::Elements(_)) if described == Format::Xml => {
                if let Some(Problem::NotChecked(limit)) = unchecked(properties) {
                    self.not_checked(spot, "value", &limit);
                }
                return;
            }
            Some(Data::Elements(element)) => {
                let inside = element.elements().next().map(|e| e.local()).unwrap_or_default();
                let (rule, severity, what, remedy) = if inside == "EncryptedData" {
                    (
                        Rule::NotChecked,
                        Severity::Warning,
                        "the value is encrypted, and so not checked",
                        "check the message before it is encrypted",
                    )
                } else {
                    (
                        Rule::BadValue,
                        Severity::Error,
                        "elements where a value is meant",
                        "write the value as text, its markup escaped",
                    )
                };
                return self.note(rule, severity, spot.place, (what.into(), remedy.into()));
            }
        };
        self.value(described, spot, &content);
    }

    /// A value for a node of this format.
    pub(crate) fn value(&mut self, described: Format, spot: Spot, content: &Content<'_>) {
        if described != Format::Node {
            return self.check_value(spot, content);
        }
        let is_empty = match content {
            Content::Text(text) => text.trim().is_empty(),
            Content::Octets(octets) => octets.is_empty(),
        };
        if !is_empty {
            let what = "a value for an interior node".into();
            let remedy = "address a leaf below it: an interior node has no value".into();
            self.error(Rule::ValueOnInterior, spot.place, (what, remedy));
        }
    }

    /// Whether the format is the described one; if not, says so.
    fn format(&mut self, given: Option<&str>, described: Format, spot: Spot) -> bool {
        let format = given.map(str::trim).filter(|name| !name.is_empty());
        let is_same =
            |format: Format| format == described || (format.is_octets() && described.is_octets());
        let (severity, what) = match format.map(|name| (name, Format::parse(name))) {
            Some((_, Some(format))) if is_same(format) => return true,
            None if described == Format::Chr => return true,
            Some((name, Some(_))) => {
                (Severity::Error, alloc::format!("format {name}, described as {described}"))
            }
            Some((name, None)) => {
                (Severity::Error, alloc::format!("{:?} is no format", brief(name)))
            }
            None => {
                let is_interior = described == Format::Node;
                let severity = if is_interior { Severity::Error } else { Severity::Warning };
                let what = alloc::format!("no format, which means chr; described as {described}");
                (severity, what)
            }
        };
        let remedy = alloc::format!("write Format {described} into Meta");
        self.note(Rule::WrongFormat, severity, spot.place, (what, remedy));
        severity == Severity::Warning
    }

    /// The type is a described one.
    pub(crate) fn r#type(&mut self, given: &str, spot: Spot) {
        let Some(described) = self.properties(spot).and_then(|p| p.df_type.as_ref()) else {
            return;
        };
        let plain = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
        let is_same = |one: &str| plain(one).eq_ignore_ascii_case(&plain(given));
        let (is_good, wanted): (bool, String) = match described {
            DfType::DdfName(name) => (name.is_empty() || name == given, name.clone()),
            DfType::Mime(types) => {
                let filled = || types.iter().filter(|r#type| !r#type.is_empty());
                let is_any = filled().next().is_none();
                let wanted = filled().map(|r#type| brief(r#type)).collect::<alloc::vec::Vec<_>>();
                (is_any || filled().any(|r#type| is_same(r#type)), wanted.join(" or "))
            }
        };
        if !is_good && !plain(given).is_empty() {
            let what = alloc::format!("type {}, described as {wanted}", brief(given));
            let remedy = alloc::format!("write Type {wanted}");
            self.note(Rule::WrongType, Severity::Warning, spot.place, (what, remedy));
        }
    }

    /// Whether the data is an object, by its Type or by what it is.
    fn has_object(&self, said: &Said<'_>) -> bool {
        let is_in_place = |data: &Data<'_>| match data {
            Data::Elements(element) => {
                element.elements().any(|inside| inside.local() == "MgmtTree")
            }
            Data::Text(_) | Data::Octets(_) => false,
        };
        said.data.is_some_and(is_in_place) || said.r#type.is_some_and(is_object)
    }

    fn item_object(&mut self, said: &Said<'_>, address: &Address<'_>) {
        let Some(data) = said.data else { return };
        let r#type = said.r#type.unwrap_or_default();
        let (limits, is_bin) = (self.options.limits, said.format == Some("bin"));
        let way = if said.verb == Verb::Replace { Way::Replace } else { Way::Add };
        self.names = address.names.iter().map(|name| name.clone().into_owned()).collect();
        self.elements.push("Data".into());
        self.elements.push("MgmtTree".into());
        let depth = self.elements.len();
        let read = data.with_object(r#type, is_bin, &limits, |tree| {
            self.object(tree, &address.names, way);
        });
        self.elements.truncate(depth - 1);
        if let Err(error) = read {
            let what = alloc::format!("{error}");
            let remedy = "write a MgmtTree of syncml:dmddf1.2 in the form that Type says".into();
            self.error(Rule::BadValue, None, (what, remedy));
        }
        self.elements.pop();
    }
}
