//! `conformance`: run test vectors and say which failed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::conformance::manifest::Manifest;
use crate::conformance::{Verdict, device, run};
use crate::fault::Fault;
use crate::report::Reporter;

/// Runs test vectors on this build's client and names each failure with what was expected.
#[derive(Args, Debug)]
pub struct Conformance {
    /// The folder with manifest.json.
    #[arg(long, value_name = "DIR")]
    vectors: PathBuf,
    /// Only cases whose name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

impl Conformance {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let path = self.vectors.join("manifest.json");
        let manifest: Manifest = device::parse(&path)?;
        if manifest.format != 1 {
            return Err(Fault::unreadable(format!("manifest format {}", manifest.format))
                .in_file(&path)
                .next("only format 1 is read"));
        }
        let (mut passed, mut failures, mut skipped) = (0, Vec::new(), Vec::new());
        let wanted = |id: &str| self.filter.as_deref().is_none_or(|text| id.contains(text));
        for case in manifest.cases.iter().filter(|case| wanted(&case.id)) {
            match run(&self.vectors, &manifest, case)? {
                Verdict::Passed => passed += 1,
                Verdict::Failed { step, expected, found } => {
                    failures.push((case, step, expected, found));
                }
                Verdict::Skipped(lacks) => skipped.push((case, lacks)),
            }
        }
        let failed = failures.len();
        reporter.result(
            &json!({
                "passed": passed, "failed": failed, "skipped": skipped.len(),
                "failures": failures.iter().map(|(case, step, expected, found)| json!({
                    "case": case.id, "title": case.title, "step": step, "expected": expected,
                    "found": found,
                })).collect::<Vec<_>>(),
                "skipped_cases": skipped.iter()
                    .map(|(case, lacks)| json!({"case": case.id, "needs": lacks}))
                    .collect::<Vec<_>>(),
            }),
            || {
                let mut text = String::new();
                for (case, lacks) in &skipped {
                    text += &format!("skipped {}: needs {lacks}\n", case.id);
                }
                for (case, step, expected, found) in &failures {
                    text += &format!(
                        "FAILED {} ({}), step {step}\n  expected: {expected}\n  found:    {found}\n",
                        case.id, case.title
                    );
                }
                if !skipped.is_empty() {
                    text += &format!("{} skipped\n", skipped.len());
                }
                text + &format!("{passed} passed, {failed} failed\n")
            },
        );
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
