//! An object: a serialized sub-tree against the descriptions. [TNDS 1.2 §9.1]

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;

use dm_tnds::ddf::{Access, Scope};
use dm_tnds::{Format, MgmtTree, Node, RtProperties, Type, Value};
use dm_xml::brief;

use crate::catalog::{PlaceId, Step, without_device};
use crate::instances::TOP;
use crate::linter::{Linter, Options, Spot};
use crate::message::numbered;
use crate::uri::{Address, name};
use crate::value::Content;
use crate::{Catalog, Findings, Rule, Severity};

/// How an object comes to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By an Add.
    Add,
    /// By nobody: the object alone. Rights are no matter then.
    Alone,
    /// By a Replace: what was there goes.
    Replace,
}

/// Checks an object that stands alone: where its nodes belong, their `Path` or their type tells.
#[must_use]
pub fn check_object(tree: &MgmtTree<'_>, catalog: &Catalog, options: &Options) -> Findings {
    let mut linter = Linter::new(catalog, options);
    linter.object(tree, &[], Way::Alone);
    linter.found
}

impl Linter<'_> {
    /// The nodes of an object whose command has this target.
    pub(crate) fn object(&mut self, tree: &MgmtTree<'_>, target: &[Cow<'_, str>], way: Way) {
        let is_inbox = target.first().is_some_and(|first| first == "Inbox");
        let way = if is_inbox { Way::Alone } else { way };
        if way == Way::Replace {
            self.forget_below(target);
        }
        for (index, node) in tree.nodes.iter().enumerate() {
            self.elements.push(numbered("Node", index + 1, tree.nodes.len()));
            self.top(node, target, is_inbox, way);
            self.elements.pop();
        }
    }

    /// A top-level node.
    fn top(&mut self, node: &Node<'_>, target: &[Cow<'_, str>], is_inbox: bool, way: Way) {
        self.names = target.iter().map(|name| name.clone().into_owned()).collect();
        let path = Address::path(node.path.as_deref().unwrap_or_default());
        let own = match node.node_name.as_deref().unwrap_or_default() {
            "" => Ok(None),
            text => name(text).map(Some),
        };
        let (path, own) = match (path, own) {
            (Ok(path), Ok(own)) => (path, own),
            (Err(wrong), _) | (_, Err(wrong)) => return self.bad_name(node, wrong),
        };
        let names: Vec<Cow<'_, str>> = target.iter().cloned().chain(path).chain(own).collect();
        let object = ddf_name(node).and_then(|identifier| self.catalog.object(identifier));
        if let Some(place) = object.filter(|_| is_inbox || self.is_nowhere(&names)) {
            self.names = names.iter().map(|name| name.clone().into_owned()).collect();
            self.found.checked += 1;
            let touched = self.touch(Spot { instance: TOP, place: None }, Some(place), true);
            return self.object_node(node, Spot { instance: touched.id, place: Some(place) }, way);
        }
        if is_inbox {
            self.names = names.iter().map(|name| name.clone().into_owned()).collect();
            let what = "no description has an object of this type".into();
            let remedy = "give the description whose DFType is the type of this node".into();
            return self.note(Rule::UnknownNode, self.options.undescribed, None, (what, remedy));
        }
        let (last, above) = match names.split_last() {
            Some((last, above)) => (last.clone(), above),
            None => return self.object_node(node, Spot::ROOT, way),
        };
        let Some(above) = self.find_above(above, &names) else { return };
        self.child(node, &last, above, way);
    }

    /// Whether no description has a node of these names.
    fn is_nowhere(&self, names: &[Cow<'_, str>]) -> bool {
        let mut names = without_device(names, |name| name).iter();
        names
            .try_fold(crate::catalog::ROOT, |place, name| match self.catalog.step(place, name) {
                Step::Known(place) | Step::CaseDiffers(place) => Some(place),
                Step::Unknown => None,
            })
            .is_none()
    }

    /// The node above a top-level one, which the device has, or must have.
    fn find_above(&mut self, above: &[Cow<'_, str>], all: &[Cow<'_, str>]) -> Option<Spot> {
        // `./Device` alone is no name of its own before `./Device/Vendor/MSFT`.
        let skipped = all.len() - without_device(all, |name| name).len();
        self.find(above.get(skipped..).unwrap_or_default(), true, None)
    }

    /// A node below another one.
    fn child(&mut self, node: &Node<'_>, name: &str, above: Spot, way: Way) {
        self.found.checked += 1;
        self.names.push(name.to_owned());
        let place = match above.place.map(|place| (place, self.catalog.step(place, name))) {
            Some((_, Step::Known(place))) => Some(place),
            Some((_, Step::CaseDiffers(place))) => {
                self.case_differs(place, name);
                Some(place)
            }
            Some((above, Step::Unknown)) => {
                self.unknown(above, name);
                None
            }
            None => None,
        };
        if let Some(place) = place {
            let touched = self.touch(above, Some(place), true);
            let spot = Spot { instance: touched.id, place: Some(place) };
            if touched.was_added {
                let what = "a second node of this name".into();
                let remedy = "keep one of them".into();
                self.error(Rule::MoreThanOne, spot.place, (what, remedy));
            }
            self.check_name(spot);
            self.object_node(node, spot, way);
        }
        self.names.pop();
    }

    /// A node whose description is known, and what is below it. Recursive: the depth of a
    /// document is limited when it is read.
    fn object_node(&mut self, node: &Node<'_>, spot: Spot, way: Way) {
        self.object_rights(spot, way);
        self.object_content(node, spot);
        for (index, child) in node.nodes.iter().enumerate() {
            self.elements.push(numbered("Node", index + 1, node.nodes.len()));
            match name(child.node_name.as_deref().unwrap_or_default()) {
                Ok(name) => self.child(child, &name, spot, way),
                Err(wrong) => self.bad_name(child, wrong),
            }
            self.elements.pop();
        }
        self.mandatory(spot, way);
    }

    fn bad_name(&mut self, node: &Node<'_>, wrong: &str) {
        let name = node.node_name.as_deref().unwrap_or_default();
        let what = alloc::format!("{:?} cannot be where a node stands: {wrong}", brief(name));
        let remedy = "write a NodeName without slashes, and a Path like A/B".into();
        self.error(Rule::BadUri, None, (what, remedy));
    }

    fn object_rights(&mut self, spot: Spot, way: Way) {
        let Some(properties) = self.properties(spot) else { return };
        // The device makes such a node itself and may take it as met.
        let is_there =
            properties.scope == Scope::Permanent && properties.df_format == Some(Format::Node);
        let severity = if is_there { Severity::Warning } else { Severity::Error };
        match way {
            Way::Alone => {}
            Way::Add => drop(self.require(spot, &[Access::Add], severity)),
            Way::Replace => drop(self.require(spot, &[Access::Replace, Access::Add], severity)),
        }
    }

    fn object_content(&mut self, node: &Node<'_>, spot: Spot) {
        let Some(properties) = self.properties(spot) else { return };
        let Some(described) = properties.df_format else { return };
        let none = RtProperties::default();
        let given = node.rt_properties.as_ref().unwrap_or(&none);
        let has_children = !node.nodes.is_empty();
        if has_children && described != Format::Node {
            let what = alloc::format!("nodes below a leaf of format {described}");
            let remedy = "take the nodes below it away, or correct its name".into();
            return self.error(Rule::LeafHasChildren, spot.place, (what, remedy));
        }
        let default = if has_children { Format::Node } else { Format::Chr };
        let format = given.format.unwrap_or(default);
        if format != described && !(format.is_octets() && described.is_octets()) {
            let (severity, what) = match given.format {
                Some(format) => {
                    (Severity::Error, alloc::format!("format {format}, described as {described}"))
                }
                None => (
                    Severity::Warning,
                    alloc::format!("no format, which means {default}; described as {described}"),
                ),
            };
            let remedy = alloc::format!("write Format {described} into RTProperties");
            self.note(Rule::WrongFormat, severity, spot.place, (what, remedy));
            if severity == Severity::Error {
                return; // the value was written for another format
            }
        }
        if let Some(r#type) = &given.r#type {
            self.r#type(r#type.as_str(), spot);
        }
        let content = match &node.value {
            None => return,
            Some(Value::Text(text)) => Content::Text(Cow::Borrowed(text)),
            Some(Value::Octets(octets)) => Content::Octets(Cow::Borrowed(octets)),
        };
        self.value(described, spot, &content);
    }

    /// What has to be below a node that this object makes. Ends with the findings that are kept,
    /// so the work stays linear however much is missing.
    fn mandatory(&mut self, spot: Spot, way: Way) {
        let Some(place) = spot.place else { return };
        for &child in self.catalog.mandatory(place) {
            if self.is_full() {
                return;
            }
            if self.instances.count(spot.instance, child) == 0 && self.is_brought(child, way) {
                let name = self.catalog.node(child).map(|node| node.name.as_str());
                let name = name.filter(|name| !name.is_empty()).unwrap_or("*");
                let what = alloc::format!("{} is missing below the node", brief(name));
                let remedy = alloc::format!("add a node {} to the object", brief(name));
                self.note(Rule::MissingMandatory, Severity::Warning, Some(child), (what, remedy));
            }
        }
    }

    /// Whether an object brings the node, and not the device.
    fn is_brought(&self, place: PlaceId, way: Way) -> bool {
        self.catalog.properties(place).is_some_and(|properties| {
            let is_addable = way == Way::Alone || properties.access_type.has(Access::Add);
            properties.scope == Scope::Dynamic && is_addable
        })
    }

    fn forget_below(&mut self, target: &[Cow<'_, str>]) {
        let names: Vec<String> =
            without_device(target, |name| name).iter().map(|n| n.clone().into_owned()).collect();
        let Some((last, above)) = names.split_last() else { return };
        let found = above.iter().try_fold(TOP, |id, name| self.instances.child(id, name));
        if let Some(id) = found {
            self.instances.remove(id, last);
        }
    }
}

/// The identifier of the management object that a node is the root of.
fn ddf_name<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match node.rt_properties.as_ref()?.r#type.as_ref()? {
        Type::DdfName(name) => Some(name),
        Type::Mime(_) => None,
    }
}
