//! `lint`: a message or an object against device descriptions. [TND 1.2 §9]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dm_lint::{Catalog, Finding, Findings, Options, Severity};
use dm_lint::{check_descriptions, check_message, check_object};
use dm_tnds::MgmtTree;
use dm_xml::Limits;
use serde_json::{Value, json};

use crate::descriptions::{self, is_description, with_document};
use crate::fault::Fault;
use crate::report::{Reporter, plain};

/// Checks a message or an object against device descriptions (DDF), or these themselves.
///
/// Each finding says which element, which node, which description decided, and what to do. With
/// --json there is one line for each finding, and a last one with the counts. Exit status 1 when
/// there is an error among them; warnings and notes, which say what is not checked, leave it at 0.
#[derive(Args, Debug)]
pub struct Lint {
    /// A SyncML message or a MgmtTree, as XML text or WBXML; `-` is standard input. Without it the
    /// descriptions themselves are checked.
    file: Option<PathBuf>,
    /// A device description, or a folder of them (.xml, .ddf, .wbxml); give it again for more.
    #[arg(long, required = true, value_name = "DDF")]
    ddf: Vec<PathBuf>,
    /// The descriptions are not all: nodes outside of them are warnings, not errors.
    #[arg(long)]
    partial: bool,
}

impl Lint {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let (sources, passed_over) = descriptions::read(&self.ddf)?;
        let catalog = Catalog::new(sources);
        let mut options = Options::default();
        options.limits = Limits::generous();
        if self.partial {
            options.undescribed = Severity::Warning;
        }
        let findings = match &self.file {
            None => check_descriptions(&catalog, &options),
            Some(file) => check(file, &catalog, &options)?,
        };
        for finding in &findings.list {
            reporter.result(&to_json(finding), || to_text(finding));
        }
        self.summary(reporter, &catalog, &findings, &passed_over);
        Ok(if findings.errors() > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    fn summary(
        &self,
        reporter: &Reporter,
        catalog: &Catalog,
        findings: &Findings,
        passed_over: &[PathBuf],
    ) {
        let [errors, warnings, notes] =
            [Severity::Error, Severity::Warning, Severity::Note].map(|one| findings.count(one));
        let described: usize = catalog.sources().iter().map(|source| source.ddf.len()).sum();
        let value = json!({
            "errors": errors, "warnings": warnings, "notes": notes, "not_shown": findings.more,
            "nodes_checked": findings.checked, "descriptions": catalog.sources().len(),
            "nodes_described": described, "passed_over": passed_over.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        });
        reporter.result(&value, || {
            let mut text = String::new();
            for path in passed_over {
                text += &format!("passed over, its root is no MgmtTree: {}\n", path.display());
            }
            if findings.more > 0 {
                text += &format!("{} are not shown\n", plural(findings.more, "finding"));
            }
            let mut counts =
                format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
            if notes > 0 {
                counts += &format!(", {}", plural(notes, "note"));
            }
            let checked = plural(findings.checked, "node");
            let against = plural(catalog.sources().len(), "description");
            text + &format!(
                "{counts}; {checked} checked; {against} of {}",
                plural(described, "node")
            )
        });
    }
}

fn check(path: &Path, catalog: &Catalog, options: &Options) -> Result<Findings, Fault> {
    with_document(path, |document| {
        let root = document.root();
        if root.local() != "MgmtTree" {
            crate::document::expect_message(document, path)?;
            return check_message(root, catalog, options).map_err(|error| {
                Fault::unreadable(error.kind)
                    .at(format!("{}, {}", path.display(), error.path))
                    .clause("REP 1.2 §4.1")
                    .next("correct the message; then its commands can be checked")
            });
        }
        let tree = MgmtTree::read(root).map_err(|error| {
            Fault::unreadable(error.kind)
                .at(format!("{}, {}", path.display(), error.path))
                .clause("TNDS 1.2 §9.2")
                .next("correct the object; then its nodes can be checked")
        })?;
        if is_description(root) {
            return Err(Fault::unreadable("this is a description, not an object")
                .in_file(path)
                .clause("DDF 1.2, TNDS 1.2 §9")
                .next(format!("mgram lint --ddf {} checks the description", path.display())));
        }
        Ok(check_object(&tree, catalog, options))
    })
}

fn to_json(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity.to_string(), "rule": finding.rule.as_str(),
        "element": finding.element, "uri": finding.uri, "what": finding.what,
        "ddf": finding.decider.as_ref().map(|decider| &decider.source),
        "ddf_path": finding.decider.as_ref().map(|decider| &decider.uri),
        "clause": finding.rule.clause(), "next": finding.remedy,
    })
}

fn to_text(finding: &Finding) -> String {
    let mut text = format!("{}: {} [{}]\n", finding.severity, plain(&finding.what), finding.rule);
    let decider = finding.decider.as_ref();
    let decider = decider.map(|decider| format!("{}, {}", decider.source, decider.uri));
    for (label, detail) in [
        ("where", Some(finding.element.as_str())),
        ("node", Some(finding.uri.as_str())),
        ("described", decider.as_deref()),
        ("clause", Some(finding.rule.clause())),
        ("next", Some(finding.remedy.as_str())),
    ] {
        if let Some(detail) = detail {
            text += &format!("  {label}: {}\n", plain(detail));
        }
    }
    text
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
