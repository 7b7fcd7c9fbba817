//! Descriptions of Windows and of a phone: read, counted, and messages made from them.
//!
//! They belong to others and are looked for in `../shared` beside the project, or in the folder
//! that `MGRAM_TEST_SHARED` names; where they are not there, the tests say so and pass.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use dm_lint::{Catalog, Options, Rule, Severity, check_descriptions};
use dm_tnds::Format;
use dm_tnds::ddf::{Access, Ddf, DdfNode, NodeId, ValueType};

use super::bench::{Line, check, message, source};
use super::left_out::skipped;

fn folder(name: &str) -> Option<PathBuf> {
    let shared = env::var_os("MGRAM_TEST_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = shared.unwrap_or_else(beside).join(name);
    if found.is_dir() {
        return Some(found);
    }
    skipped(&format!("no documents in {name}"));
    None
}

fn descriptions(name: &str, extension: &str) -> Vec<(String, String)> {
    let Some(folder) = folder(name) else { return Vec::new() };
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|is| is == extension))
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("text")))
        .collect();
    found.sort();
    found
}

fn windows() -> Vec<(String, String)> {
    let found = descriptions("corpus/ms-ddf", "xml");
    assert!(found.is_empty() || found.len() >= 20);
    found
}

/// A value that the leaf takes: its default, or one of the allowed, or one of the format.
fn value(node: &DdfNode) -> String {
    let properties = &node.properties;
    let format = properties.df_format.unwrap_or(Format::Chr);
    if let Some(allowed) = &properties.allowed_values {
        match (&allowed.value_type, allowed.enums.first(), allowed.values.first()) {
            (ValueType::Enum | ValueType::Flag, Some(first), _) => return first.value.clone(),
            (ValueType::Range, _, Some(range)) if range.contains("(-1)") => return "-1".into(),
            (ValueType::Range, _, Some(range)) => {
                return range.trim_matches(['[', ']']).split('-').next().unwrap_or_default().into();
            }
            _ => {}
        }
    }
    match format {
        Format::Bool => "true".into(),
        Format::Int => "1".into(),
        Format::B64 | Format::Bin => "AAEC".into(),
        Format::Xml => "<a/>".into(),
        Format::Null => String::new(),
        _ => "text".into(),
    }
}

/// The URI with names for those that are chosen later: one that the patterns of Windows take.
fn uri(ddf: &Ddf, id: NodeId) -> String {
    let mut uri = ddf.uri(id);
    let mut parents =
        std::iter::successors(Some(id), |id| ddf.node(*id).parent).collect::<Vec<_>>();
    parents.reverse();
    for parent in parents.into_iter().map(|id| ddf.node(id)).filter(|node| node.name.is_empty()) {
        let pattern = parent.properties.allowed_values.as_ref().and_then(|a| a.values.first());
        let guid = "01234567-89AB-CDEF-0123-456789ABCDEF";
        let name = match pattern {
            Some(pattern) if pattern.starts_with("\\{") => format!("{{{guid}}}"),
            Some(_) => guid.into(),
            None => "x".into(),
        };
        uri = uri.replacen('*', &name, 1);
    }
    uri
}

/// The leaves that can be replaced, as commands: URI, format, value.
fn leaves(ddf: &Ddf) -> Vec<(String, &'static str, String)> {
    ddf.nodes()
        .filter(|(_, node)| node.properties.access_type.has(Access::Replace))
        .filter(|(_, node)| node.properties.df_format.is_some_and(|f| f != Format::Node))
        .map(|(id, node)| {
            let format = node.properties.df_format.unwrap_or(Format::Chr).as_str();
            (uri(ddf, id), format, value(node))
        })
        .collect()
}

fn errors(catalog: &Catalog, lines: &[Line<'_>]) -> Vec<(Rule, String)> {
    let findings = check(catalog, &message(lines));
    assert_eq!(findings.more, 0);
    let errors = findings.list.into_iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| (finding.rule, finding.element)).collect()
}

#[test]
fn all_descriptions_are_read_with_all_their_nodes() {
    let mut phones = descriptions("corpus/peer-a/android-oma-dm", "ddf");
    phones.extend(windows());
    for (name, text) in phones {
        let source = source(&name, &text);
        assert_eq!(source.ddf.len(), text.matches("<Node>").count(), "{name}");
        assert_eq!(
            source.ddf.nodes().filter(|(_, n)| n.properties.access_type.is_empty()).count(),
            0
        );
        let findings = check_descriptions(&Catalog::new(vec![source]), &Options::default());
        assert_eq!(findings.errors(), 0, "{name}: {:?}", findings.list);
    }
}

#[test]
fn a_message_made_from_a_description_has_no_errors() {
    let mut made = 0;
    for (name, text) in windows() {
        let catalog = Catalog::new(vec![source(&name, &text)]);
        let leaves = leaves(&catalog.sources()[0].ddf);
        let lines: Vec<Line<'_>> = leaves
            .iter()
            .map(|(uri, format, value)| ("Replace", uri.as_str(), *format, value.as_str()))
            .collect();
        assert_eq!(errors(&catalog, &lines), [], "{name}");
        made += lines.len();
    }
    assert!(made == 0 || made > 100, "{made}");
}

#[test]
fn a_mutated_message_has_exactly_that_error() {
    for (name, text) in windows() {
        let catalog = Catalog::new(vec![source(&name, &text)]);
        let ddf = &catalog.sources()[0].ddf;
        for (uri, format, value) in leaves(ddf) {
            let other = if format == "int" { "bool" } else { "int" };
            let unknown = format!("{uri}_unknown");
            let has_unnamed_siblings = ddf.nodes().any(|(_, node)| {
                node.children.iter().any(|id| ddf.node(*id).name.is_empty())
                    && node.children.iter().any(|id| unknown.contains(&ddf.node(*id).name))
                    && node.children.len() > 1
            });
            if !has_unnamed_siblings {
                let found = errors(&catalog, &[("Replace", &unknown, format, &value)]);
                assert_eq!(
                    found,
                    [(Rule::UnknownNode, "SyncBody/Replace/Item".into())],
                    "{unknown}"
                );
            }
            let found = errors(&catalog, &[("Replace", &uri, other, &value)]);
            assert_eq!(found, [(Rule::WrongFormat, "SyncBody/Replace/Item".into())], "{uri}");
        }
        for (id, node) in ddf.nodes() {
            let uri = uri(ddf, id);
            for (access, format) in [(Access::Delete, ""), (Access::Exec, ""), (Access::Get, "")] {
                let found = errors(&catalog, &[(access.as_str(), &uri, format, "")]);
                let is_permanent = node.properties.scope == dm_tnds::ddf::Scope::Permanent;
                let expected: Vec<_> = match node.properties.access_type.has(access) {
                    true if access == Access::Delete && is_permanent => vec![Rule::Permanent],
                    true => vec![],
                    false => vec![Rule::MissingRight],
                };
                let rules: Vec<_> = found.into_iter().map(|(rule, _)| rule).collect();
                assert_eq!(rules, expected, "{access} {uri}");
            }
        }
    }
}
