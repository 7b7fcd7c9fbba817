//! Descriptions themselves: what they say against each other and against themselves. [TND 1.2 §9.3]

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use dm_tnds::Format;
use dm_tnds::ddf::{Access, CaseSense, Ddf, DdfNode, NodeId, Scope};
use dm_xml::brief;

use crate::allowed::is_readable;
use crate::catalog::Origin;
use crate::message::numbered;
use crate::pattern::Patterns;
use crate::value::{Content, Problem, check};
use crate::{Catalog, Finding, Findings, Options, Rule, Severity, Source};

/// Checks the descriptions of a catalog.
///
/// ```
/// use dm_lint::{Catalog, Options, Rule, Source, check_descriptions};
/// use dm_tnds::ddf::Ddf;
/// let text = br#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>A</NodeName>
///   <DFProperties><AccessType/><DFFormat><chr/></DFFormat><DFType><MIME/></DFType></DFProperties>
///   </Node></MgmtTree>"#;
/// let document = dm_xml::parse(text, &dm_xml::Limits::default()).unwrap();
/// let ddf = Ddf::read(document.root()).unwrap();
/// let source = Source { name: "a.xml".into(), ddf, deviations: vec![] };
/// let findings = check_descriptions(&Catalog::new(vec![source]), &Options::default());
/// assert_eq!((findings.list[0].rule, findings.list[0].element.as_str()), (Rule::NoAccess, "Node"));
/// ```
#[must_use]
pub fn check_descriptions(catalog: &Catalog, options: &Options) -> Findings {
    let mut checker = Checker { catalog, options, found: Findings::default() };
    for (source, Source { ddf, deviations, .. }) in catalog.sources().iter().enumerate() {
        for deviation in deviations {
            let say = alloc::format!("not of the DTD: {}", deviation.kind);
            let remedy = "write it as the DTD says; it was read leniently";
            let node = deviation.node.or_else(|| ddf.roots().next());
            if let Some(node) = node {
                checker.warn(Rule::Deviation, Origin { source, node }, &say, remedy);
            }
        }
        checker.siblings(source, ddf, ddf.roots());
        for (id, node) in ddf.nodes() {
            checker.found.checked += 1;
            checker.node(Origin { source, node: id }, node);
            checker.siblings(source, ddf, node.children.iter().copied());
        }
    }
    for &(place, second) in &catalog.again {
        if let Some(first) = catalog.origin(place).filter(|first| first.source != second.source) {
            let first = &catalog.sources()[first.source].name;
            let what = alloc::format!("the node is described in {first} too, and that one holds");
            let remedy = "give one description of each node";
            checker.note(Rule::DescribedTwice, Severity::Warning, second, (what, remedy.into()));
        }
    }
    checker.found
}

struct Checker<'c> {
    catalog: &'c Catalog,
    options: &'c Options,
    found: Findings,
}

impl Checker<'_> {
    fn node(&mut self, at: Origin, node: &DdfNode) {
        let properties = &node.properties;
        let is_interior = properties.df_format == Some(Format::Node);
        if properties.access_type.is_empty() {
            let say = "the node takes no command";
            self.warn(Rule::NoAccess, at, say, "name the commands in AccessType");
        }
        if !node.children.is_empty() && !is_interior && properties.df_format.is_some() {
            let say = "nodes below a leaf";
            self.fail(Rule::LeafHasChildren, at, say, "write DFFormat node, or move them");
        }
        if properties.scope == Scope::Permanent && properties.access_type.has(Access::Delete) {
            let say = "a permanent node that takes Delete";
            self.warn(Rule::Permanent, at, say, "take Delete away, or write Scope Dynamic");
        }
        // Of an unnamed interior node the allowed values are its names.
        let limits_nothing =
            is_interior && !node.name.is_empty() && properties.allowed_values.is_some();
        let has_default = properties.default_value.as_deref().is_some_and(|text| !text.is_empty());
        if limits_nothing || (is_interior && has_default) {
            let say = "an interior node with a value, or with limits on values";
            self.fail(Rule::InteriorWithValue, at, say, "take them away: it has no value");
        } else if has_default {
            self.default(at, node);
        }
        if let Some(allowed) = properties.allowed_values.as_ref().filter(|a| !is_readable(a)) {
            let what = alloc::format!("a limit of type {} that cannot be read", allowed.value_type);
            let remedy = "write ranges like [0-30], simple patterns, whole numbers for flags";
            self.note(Rule::ConstraintNotRead, Severity::Warning, at, (what, remedy.into()));
        }
    }

    fn default(&mut self, at: Origin, node: &DdfNode) {
        let text = node.properties.default_value.as_deref().unwrap_or_default();
        let content = Content::Text(text.into());
        let wanted = match check(&node.properties, &content, &mut Patterns::default()) {
            None => return,
            Some(Problem::NotChecked(limit)) => {
                // What cannot be read is a finding of its own.
                if node.properties.allowed_values.as_ref().is_none_or(is_readable) {
                    let what = alloc::format!("the default is not checked against {limit}");
                    let remedy = "check it by hand against AllowedValues".into();
                    self.note(Rule::LimitNotChecked, Severity::Note, at, (what, remedy));
                }
                return;
            }
            Some(Problem::Bad(wanted) | Problem::Case(wanted)) => wanted.into(),
            Some(Problem::NotAllowed(allowed)) => allowed,
        };
        let what = alloc::format!("the default {:?} is not allowed", brief(text));
        let say = (what, alloc::format!("write {wanted}"));
        self.note(Rule::DefaultNotAllowed, Severity::Warning, at, say);
    }

    /// Nodes below one parent have different names, and one at most has none.
    fn siblings(&mut self, source: usize, ddf: &Ddf, ids: impl Iterator<Item = NodeId>) {
        let mut seen = BTreeSet::new();
        let mut folded = BTreeSet::new();
        for id in ids {
            let node = ddf.node(id);
            let key = (node.path.as_deref(), node.name.as_str());
            let is_anywhere = node.parent.is_none() && node.path.is_none() && node.name.is_empty();
            let is_same_case = !folded.insert((node.path.as_deref(), node.name.to_lowercase()));
            let at = Origin { source, node: id };
            if !seen.insert(key) && !is_anywhere {
                let say = match node.name.as_str() {
                    "" => "a second node without a name below the same parent",
                    _ => "a second node of this name below the same parent",
                };
                self.fail(Rule::SiblingsAlike, at, say, "keep one of them");
            } else if is_same_case
                && !is_anywhere
                && node.properties.case_sense != Some(CaseSense::Sensitive)
            {
                let say = "a name that differs from another one by case only";
                self.warn(Rule::CaseDiffers, at, say, "write CaseSense CS, or rename one");
            }
        }
    }

    fn fail(&mut self, rule: Rule, at: Origin, what: &str, remedy: &str) {
        self.note(rule, Severity::Error, at, (what.into(), remedy.into()));
    }

    fn warn(&mut self, rule: Rule, at: Origin, what: &str, remedy: &str) {
        self.note(rule, Severity::Warning, at, (what.into(), remedy.into()));
    }

    fn note(&mut self, rule: Rule, severity: Severity, at: Origin, say: (String, String)) {
        self.found.add(severity, self.options.most, || {
            let decider = self.catalog.decider(at);
            let (what, remedy) = say;
            let element = element(&self.catalog.sources()[at.source].ddf, at.node);
            let uri = decider.uri.clone();
            Finding { rule, severity, element, uri, decider: Some(decider), what, remedy }
        });
    }
}

/// `Node[2]/Node[1]`: where a node stands in its document.
fn element(ddf: &Ddf, id: NodeId) -> String {
    let mut steps = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        next = ddf.node(id).parent;
        let siblings: Vec<NodeId> = match next {
            Some(parent) => ddf.node(parent).children.clone(),
            None => ddf.roots().collect(),
        };
        let number = siblings.iter().position(|sibling| *sibling == id).unwrap_or_default() + 1;
        steps.push(numbered("Node", number, siblings.len()));
    }
    steps.reverse();
    steps.join("/")
}
