//! A description of our own, and documents to check against it.

use std::fmt::Write;

use dm_lint::{Catalog, Findings, Options, Rule, Severity, Source, check_message, check_object};
use dm_tnds::MgmtTree;
use dm_tnds::ddf::Ddf;
use dm_xml::Limits;

/// A lamp: leaves, an action, and scenes that the server names.
pub const LAMP: &str = include_str!("lamp.xml");

/// What a test looks at: rule, severity, element, node.
pub type Seen = (Rule, Severity, String, String);

pub fn source(name: &str, text: &str) -> Source {
    let (document, _) =
        dm_xml::parse_lenient(text.as_bytes(), &Limits::generous()).expect("XML text");
    let (ddf, deviations) = Ddf::read_lenient(document.root()).expect("a description");
    Source { name: name.into(), ddf, deviations }
}

pub fn lamp() -> Catalog {
    Catalog::new(vec![source("lamp.xml", LAMP)])
}

/// One command: `("Replace", "./A", "int", "1")`; an empty format or value is left out.
pub type Line<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A message of these commands, each with one item.
pub fn message(lines: &[Line<'_>]) -> String {
    let mut text = String::from("<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody>");
    for (number, line) in (1..).zip(lines) {
        command(&mut text, number, line);
    }
    text + "</SyncBody></SyncML>"
}

pub fn command(text: &mut String, number: usize, (verb, uri, format, data): &Line<'_>) {
    let uri = uri.replace('&', "&amp;");
    write!(text, "<{verb}><CmdID>{number}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>")
        .expect("memory");
    if !format.is_empty() {
        write!(text, "<Meta><Format xmlns='syncml:metinf'>{format}</Format></Meta>")
            .expect("memory");
    }
    if !data.is_empty() {
        let data = data.replace('&', "&amp;").replace('<', "&lt;");
        write!(text, "<Data>{data}</Data>").expect("memory");
    }
    write!(text, "</Item></{verb}>").expect("memory");
}

pub fn check(catalog: &Catalog, text: &str) -> Findings {
    let document = dm_xml::parse(text.as_bytes(), &Limits::generous()).expect("XML text");
    check_message(document.root(), catalog, &Options::default()).expect("a message")
}

/// What is found in a message of these commands to the lamp.
pub fn found(lines: &[Line<'_>]) -> Vec<Seen> {
    seen(&check(&lamp(), &message(lines)))
}

/// What is found in an object of these nodes that stands alone.
pub fn found_alone(nodes: &str) -> Vec<Seen> {
    let text = object(nodes);
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).expect("XML text");
    let tree = MgmtTree::read(document.root()).expect("an object");
    seen(&check_object(&tree, &lamp(), &Options::default()))
}

pub fn object(nodes: &str) -> String {
    format!("<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>")
}

/// A node of an object: name, format, and what stands in it.
pub fn node(name: &str, format: &str, inside: &str) -> String {
    format!(
        "<Node><NodeName>{name}</NodeName><RTProperties><Format><{format}/></Format></RTProperties>{inside}</Node>"
    )
}

pub fn seen(findings: &Findings) -> Vec<Seen> {
    let one = |f: &dm_lint::Finding| (f.rule, f.severity, f.element.clone(), f.uri.clone());
    findings.list.iter().map(one).collect()
}

pub fn error(rule: Rule, element: &str, uri: &str) -> Seen {
    (rule, Severity::Error, element.into(), uri.into())
}

pub fn warning(rule: Rule, element: &str, uri: &str) -> Seen {
    (rule, Severity::Warning, element.into(), uri.into())
}
