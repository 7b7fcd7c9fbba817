//! The walk: where it stands in the document, and what it has found.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use dm_tnds::ddf::{Access, DfProperties, Scope};
use dm_xml::{Limits, brief};

use crate::allowed::{Verdict, judge};
use crate::catalog::{Catalog, PlaceId};
use crate::dm_1_1;
use crate::instances::{InstanceId, Instances, TOP, Touched};
use crate::nearest::nearest;
use crate::pattern::Patterns;
use crate::value::{Content, Problem, check};
use crate::{Finding, Findings, Rule, Severity};

/// How a document is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How bad a node is that stands outside of all descriptions.
    pub undescribed: Severity,
    /// The most errors and warnings that are kept, and the most notes; the others are counted.
    pub most: usize,
    /// Limits for objects inside a message.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self { undescribed: Severity::Error, most: 1_000, limits: Limits::default() }
    }
}

/// A walk through one document.
pub(crate) struct Linter<'c> {
    pub(crate) catalog: &'c Catalog,
    pub(crate) options: &'c Options,
    pub(crate) found: Findings,
    pub(crate) instances: Instances,
    /// The elements from below the root down to where the walk stands.
    pub(crate) elements: Vec<Cow<'static, str>>,
    /// The names of the node where the walk stands.
    pub(crate) names: Vec<String>,
    /// Described nodes whose limits are known to be unchecked.
    unchecked: BTreeSet<PlaceId>,
    /// The expressions that values were held against.
    patterns: Patterns<'c>,
}

/// What is known of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) instance: InstanceId,
    /// None: no description has the node.
    pub(crate) place: Option<PlaceId>,
}

impl Spot {
    pub(crate) const ROOT: Spot = Spot { instance: TOP, place: Some(crate::catalog::ROOT) };
}

impl<'c> Linter<'c> {
    pub(crate) fn new(catalog: &'c Catalog, options: &'c Options) -> Self {
        Self {
            catalog,
            options,
            found: Findings::default(),
            instances: Instances::new(),
            elements: Vec::new(),
            names: Vec::new(),
            unchecked: BTreeSet::new(),
            patterns: Patterns::default(),
        }
    }

    /// Notes an error.
    pub(crate) fn error(&mut self, rule: Rule, place: Option<PlaceId>, say: (String, String)) {
        self.note(rule, Severity::Error, place, say);
    }

    /// Notes what is wrong here, and what to do.
    pub(crate) fn note(
        &mut self,
        rule: Rule,
        severity: Severity,
        place: Option<PlaceId>,
        (what, remedy): (String, String),
    ) {
        let origin = place.and_then(|place| self.catalog.origin(place));
        self.found.add(severity, self.options.most, || Finding {
            rule,
            severity,
            element: self.elements.join("/"),
            uri: uri(&self.names),
            decider: origin.map(|origin| self.catalog.decider(origin)),
            what,
            remedy,
        });
    }

    /// Whether no more errors and warnings are kept.
    pub(crate) fn is_full(&self) -> bool {
        self.found.is_full(self.options.most)
    }

    /// The properties of a place that is described.
    pub(crate) fn properties(&self, spot: Spot) -> Option<&'c DfProperties> {
        self.catalog.properties(spot.place?)
    }

    /// Whether the node takes one of these commands; if not, says so.
    pub(crate) fn require(&mut self, spot: Spot, any: &[Access], severity: Severity) -> bool {
        let Some(properties) = self.properties(spot) else { return true };
        let access = properties.access_type;
        if any.iter().any(|command| access.has(*command)) {
            return true;
        }
        let wanted: Vec<_> = any.iter().map(|access| access.as_str()).collect();
        let remedy = match access.is_empty() {
            true => "leave the node out: it takes no command".into(),
            false => alloc::format!("send one of the commands the node takes: {access}"),
        };
        let what = alloc::format!("the node does not take {}", wanted.join(" or "));
        self.note(Rule::MissingRight, severity, spot.place, (what, remedy));
        false
    }

    /// A permanent node cannot be deleted or renamed.
    pub(crate) fn refuse_permanent(&mut self, spot: Spot, verb: &str) {
        if self.properties(spot).is_some_and(|properties| properties.scope == Scope::Permanent) {
            let what = alloc::format!("a permanent node cannot be {verb}");
            let remedy = "address the nodes below it, or leave the command out".into();
            self.error(Rule::Permanent, spot.place, (what, remedy));
        }
    }

    /// The name at the end of `names` is one that the description allows.
    pub(crate) fn check_name(&mut self, spot: Spot) {
        let Some(node) = spot.place.and_then(|place| self.catalog.node(place)) else { return };
        let is_interior = node.properties.df_format == Some(dm_tnds::Format::Node);
        let Some(allowed) = node.properties.allowed_values.as_ref() else { return };
        if !node.name.is_empty() || !is_interior {
            return; // of a leaf it is the values that are limited
        }
        let name = self.names.last().cloned().unwrap_or_default();
        match judge(allowed, &name, false, &mut self.patterns) {
            Verdict::Allowed | Verdict::Unlimited => {}
            Verdict::Refused(wanted) => {
                let what = alloc::format!("{} is not an allowed name", brief(&name));
                let remedy = alloc::format!("name the node by {wanted}");
                self.error(Rule::NameNotAllowed, spot.place, (what, remedy));
            }
            Verdict::NotChecked(limit) => self.not_checked(spot, "name", &limit),
        }
    }

    /// The value or the name is limited in a way that is not checked: says so once for each
    /// described node.
    pub(crate) fn not_checked(&mut self, spot: Spot, what: &str, limit: &str) {
        let Some(place) = spot.place else { return };
        if self.unchecked.insert(place) {
            let what = alloc::format!("the {what} is not checked against {limit}");
            let remedy = "check it by hand against AllowedValues of the description".into();
            self.note(Rule::LimitNotChecked, Severity::Note, Some(place), (what, remedy));
        }
    }

    /// The value of a leaf.
    pub(crate) fn check_value(&mut self, spot: Spot, content: &Content<'_>) {
        let Some(properties) = self.properties(spot) else { return };
        let Some(problem) = check(properties, content, &mut self.patterns) else { return };
        let given = match content {
            Content::Text(text) => alloc::format!("{:?}", brief(text)),
            Content::Octets(octets) => alloc::format!("a value of {} octets", octets.len()),
        };
        let format = properties.df_format.unwrap_or(dm_tnds::Format::Chr);
        let (rule, severity, what, remedy) = match problem {
            Problem::Bad(wanted) => (
                Rule::BadValue,
                Severity::Error,
                alloc::format!("{given} is no value of format {format}"),
                alloc::format!("write {wanted}"),
            ),
            Problem::Case(wanted) => (
                Rule::BadValue,
                Severity::Warning,
                alloc::format!("{given} is no value of format {format} by the letter"),
                alloc::format!("write {wanted}"),
            ),
            Problem::NotAllowed(allowed) => (
                Rule::ValueNotAllowed,
                Severity::Error,
                alloc::format!("{given} is not an allowed value"),
                alloc::format!("write one that is: {allowed}"),
            ),
            Problem::NotChecked(limit) => return self.not_checked(spot, "value", &limit),
        };
        self.note(rule, severity, spot.place, (what, remedy));
    }

    /// No description has the node: says so once, at the name where it leaves them. `above` is
    /// the deepest described node on its way.
    pub(crate) fn unknown(&mut self, above: PlaceId, name: &str) {
        let node = self.catalog.node(above);
        if node.is_some_and(|node| {
            node.properties.df_format.is_some_and(|f| f != dm_tnds::Format::Node)
        }) {
            let what = alloc::format!("{} stands below a leaf", brief(name));
            let remedy = "address the leaf itself: a leaf has no children".to_string();
            return self.error(Rule::LeafHasChildren, Some(above), (what, remedy));
        }
        if let Some((name, successor)) = dm_1_1::node(node, name, &self.names) {
            let severity = node.map_or(self.options.undescribed, |_| Severity::Error);
            let what = alloc::format!("{name} is a node of accounts of DM 1.1, not of DM 1.2");
            let remedy = alloc::format!("write {successor}, or give a description of DM 1.1");
            return self.note(Rule::AccountOfDm11, severity, Some(above), (what, remedy));
        }
        let meant = nearest(name, self.catalog.names(above));
        let remedy = match (meant, node) {
            (Some(meant), _) => alloc::format!("was {meant} meant?"),
            (None, Some(_)) => {
                let mut names: Vec<&str> = self.catalog.names(above).take(9).collect();
                if names.len() == 9 {
                    names[8] = "...";
                }
                match names.is_empty() {
                    true => "address the node above: nothing is described below it".into(),
                    false => alloc::format!("described there: {}", names.join(", ")),
                }
            }
            (None, None) => "correct the URI, or give the description that has it".into(),
        };
        let (severity, what) = match node {
            Some(_) => {
                (Severity::Error, alloc::format!("no description has the node {}", brief(name)))
            }
            None => {
                (self.options.undescribed, "the node stands outside of all descriptions".into())
            }
        };
        self.note(Rule::UnknownNode, severity, Some(above), (what, remedy));
    }

    /// A name that differs by case.
    pub(crate) fn case_differs(&mut self, place: PlaceId, name: &str) {
        let Some(node) = self.catalog.node(place) else { return };
        let (what, remedy) = (
            alloc::format!("{} is described as {}", brief(name), brief(&node.name)),
            alloc::format!("write {}", brief(&node.name)),
        );
        let severity = match self.catalog.case_sense(place) {
            Some(dm_tnds::ddf::CaseSense::Sensitive) => Severity::Error,
            _ => Severity::Warning, // a device may treat case either way
        };
        self.note(Rule::CaseDiffers, severity, Some(place), (what, remedy));
    }

    /// The node at the end of `names` is there from now on; too many of it, or a second one made
    /// of the same name, is an error.
    pub(crate) fn touch(&mut self, above: Spot, place: Option<PlaceId>, is_added: bool) -> Touched {
        let name = self.names.last().cloned().unwrap_or_default();
        let touched = self.instances.touch(above.instance, &name, place, is_added);
        let Some(place) = place else { return touched };
        let Some(properties) = self.catalog.properties(place) else { return touched };
        let occurs = properties.occurs();
        if let (Some(count), Some(most)) = (touched.count, occurs.most())
            && count > most
        {
            let what = alloc::format!("instance {count} of a node that occurs as {occurs}");
            let remedy =
                alloc::format!("keep {most} of them below one parent, or delete one first");
            self.error(Rule::MoreThanOne, Some(place), (what, remedy));
        }
        touched
    }
}

/// The URI of the node of these names.
fn uri(names: &[String]) -> String {
    let mut uri = String::from(".");
    for name in names {
        let _ = write!(uri, "/{}", brief(name));
    }
    uri
}
