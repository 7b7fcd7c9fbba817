//! What the runs came to: as a table for a person, as JSON for a program.

use super::run::Run;
use serde_json::{Value, json};
use std::fmt::Write;

/// One line, as soon as a run has ended.
pub fn line(run: &Run) -> String {
    if run.not_run.is_some() {
        return format!("{:14} NOT RUN", run.target);
    }
    let word = if run.is_good() { "ok" } else { "FAILED" };
    format!("{:14} {word}: {} executions", run.target, run.printed.executions)
}

/// The table, what was found, and the sentence that sums it up.
pub fn table(runs: &[Run]) -> String {
    let mut text = format!(
        "{:14} {:>12} {:>9} {:>9} {:>7} {:>9} {:>11} {:>14} {:>8}\n",
        "target",
        "executions",
        "per s",
        "coverage",
        "corpus",
        "CPU s",
        "CPU s, all",
        "executions, all",
        "crashes"
    );
    for run in runs {
        let _ = writeln!(
            text,
            "{:14} {:>12} {:>9.0} {:>9} {:>7} {:>9.1} {:>11.1} {:>15} {:>8}",
            run.target,
            run.printed.executions,
            rate(run),
            run.printed.coverage,
            run.printed.corpus,
            run.cpu.as_secs_f64(),
            run.cpu_in_all.as_secs_f64(),
            run.executions_in_all,
            u8::from(run.is_crash()),
        );
    }
    for run in runs.iter().filter(|run| run.is_crash()) {
        let _ = writeln!(text, "\n{}: {}", run.target, said(run));
        if let Some(artifact) = &run.artifact {
            let _ = writeln!(text, "  the input:   {}", artifact.display());
            let _ =
                writeln!(text, "  once more:   {} {}", run.program.display(), artifact.display());
            let _ = writeln!(
                text,
                "  as a test:   copy it to fuzz/corpus/{}/regression-NAME, name a test after it",
                run.target
            );
        }
    }
    for (run, why) in runs.iter().filter_map(|run| Some((run, run.not_run.as_ref()?))) {
        let _ = writeln!(text, "\n{}: it cannot be run: {why}", run.target);
        let _ = writeln!(text, "  the program: {}", run.program.display());
        let _ = writeln!(text, "  next:        correct that; remove the program to build it anew");
    }
    let count = |which: fn(&Run) -> bool| runs.iter().filter(|run| which(run)).count();
    let _ = write!(text, "\nfuzz: {} targets, {} crashes", runs.len(), count(Run::is_crash));
    match count(|run| run.not_run.is_some()) {
        0 => {}
        left => {
            let _ = write!(text, ", {left} not run");
        }
    }
    text
}

/// The same as one JSON object.
pub fn json(runs: &[Run], seconds: u32) -> Value {
    let of = |run: &Run| {
        json!({
            "target": run.target,
            "executions": run.printed.executions,
            "executions_per_second": rate(run),
            "coverage": run.printed.coverage,
            "corpus": run.printed.corpus,
            "cpu_seconds": run.cpu.as_secs_f64(),
            "cpu_seconds_in_all": run.cpu_in_all.as_secs_f64(),
            "executions_in_all": run.executions_in_all,
            "ok": run.is_good(),
            "crash": run.is_crash(),
            "not_run": run.not_run,
            "artifact": run.artifact,
            "said": run.printed.said,
        })
    };
    json!({ "seconds": seconds, "targets": runs.iter().map(of).collect::<Vec<_>>() })
}

/// Executions in a second of processor time.
fn rate(run: &Run) -> f64 {
    let seconds = run.cpu.as_secs_f64();
    if seconds > 0.0 {
        f64::from(u32::try_from(run.printed.executions).unwrap_or(u32::MAX)) / seconds
    } else {
        0.0
    }
}

fn said(run: &Run) -> String {
    if run.printed.said.is_empty() {
        return "it ended early and did not say why".to_owned();
    }
    run.printed.said.join("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::run::Printed;
    use std::path::PathBuf;
    use std::time::Duration;

    fn runs() -> [Run; 2] {
        let printed = Printed { executions: 4000, coverage: 12, corpus: 3, ..Printed::default() };
        let good = Run {
            printed: Printed { ..printed.clone() },
            cpu: Duration::from_secs(2),
            cpu_in_all: Duration::from_secs(1200),
            executions_in_all: 9_000_000,
            ..Run::named("wsp")
        };
        let artifact = Some(PathBuf::from("/a/crash-1"));
        let said = vec!["panicked at x".to_owned()];
        let bad = Run { artifact, printed: Printed { said, ..printed }, ..Run::named("tnds") };
        [good, bad]
    }

    #[test]
    fn the_table_ends_in_the_sum_and_says_how_to_go_on() {
        let text = table(&runs());
        assert!(text.ends_with("\nfuzz: 2 targets, 1 crashes"), "{text}");
        assert!(
            text.contains("\ntnds: panicked at x\n") && text.contains(" /a/crash-1\n"),
            "{text}"
        );
        assert!(text.contains("fuzz/corpus/tnds/regression-NAME"), "{text}");
        assert!(table(&runs()[..1]).ends_with("\nfuzz: 1 targets, 0 crashes"));
    }

    #[test]
    fn what_was_not_run_is_no_crash() {
        let why = Some("/b/gate: no such file".to_owned());
        let run = Run { not_run: why, ended_well: false, ..Run::named("gate") };
        let text = table(&[run.clone(), Run::named("wsp")]);
        assert!(text.contains("\ngate: it cannot be run: /b/gate: no such file\n"), "{text}");
        assert!(text.ends_with("\nfuzz: 2 targets, 0 crashes, 1 not run"), "{text}");
        assert_eq!(line(&run), "gate           NOT RUN");
        let report = &json(&[run], 60)["targets"][0];
        assert_eq!((&report["ok"], &report["crash"]), (&false.into(), &false.into()));
        assert_eq!(report["not_run"], "/b/gate: no such file");
    }

    #[test]
    fn json_has_the_same_figures() {
        let report = json(&runs(), 60);
        assert_eq!(report["targets"][0]["executions_per_second"], 2000.0);
        assert_eq!(report["targets"][0]["cpu_seconds_in_all"], 1200.0);
        assert_eq!(report["targets"][0]["ok"], true);
        assert_eq!(report["targets"][1]["ok"], false);
        assert_eq!(report["targets"][1]["artifact"], "/a/crash-1");
    }
}
