//! Build, check, test and demonstrate the workspace: `cargo xtask help`.
//!
//! One module for each verb, and below them the nouns they share: [`workspace`] (what cargo
//! says is there), [`files`], [`source`] (Rust text as tokens), [`process`] and [`outcome`].

mod bench;
mod bergshamra;
mod budgets;
mod demo;
mod documents;
mod files;
mod floors;
mod fuzz;
mod interop;
mod manual;
mod needs;
mod outcome;
mod package;
mod process;
mod proof;
mod runner;
mod sans_io;
mod small;
mod source;
mod suite;
mod workspace;

use outcome::Outcome;
use std::process::ExitCode;
use workspace::Workspace;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verb = args.first().map_or("help", String::as_str);
    if matches!(verb, "help" | "--help" | "-h") {
        help();
        return ExitCode::SUCCESS;
    }
    let Some(entry) = VERBS.iter().find(|entry| entry.name == verb) else {
        eprintln!("xtask: there is no `{verb}`; `cargo xtask help` lists what there is");
        return ExitCode::from(USAGE);
    };
    let args = args.get(1..).unwrap_or_default();
    if entry.explains(args) {
        let usage = format!("cargo xtask {} {}", entry.name, entry.usage);
        println!("{}\n\n{}", usage.trim_end(), entry.about);
        return ExitCode::SUCCESS;
    }
    match Workspace::read() {
        Ok(workspace) => (entry.run)(&workspace, args),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("cargo xtask <verb>\n");
    for Verb { name, usage, about, .. } in VERBS {
        println!("  {:34} {about}", format!("{name} {usage}"));
    }
    println!("  {:34} this list", "help");
}

/// A check without arguments, as a verb.
fn check(args: &[String], run: impl FnOnce() -> Outcome) -> ExitCode {
    if let Some(unknown) = args.first() {
        eprintln!("xtask: `{unknown}` is not understood here");
        return ExitCode::from(USAGE);
    }
    let outcome = run();
    println!("{outcome}");
    if outcome.is_failure() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// One thing that `cargo xtask` can do.
struct Verb {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&Workspace, &[String]) -> ExitCode,
}

impl Verb {
    /// Whether these arguments ask what the verb does; `demo` and `bench` hand theirs to a program
    /// that explains itself.
    fn explains(&self, args: &[String]) -> bool {
        let is_handed_on = matches!(self.name, "demo" | "bench");
        !is_handed_on && args.iter().any(|arg| matches!(arg.as_str(), "--help" | "-h"))
    }
}

const USAGE: u8 = 2;

const VERBS: &[Verb] = &[
    Verb {
        name: "test",
        usage: "[--fast] [--keep-going]",
        about: "everything that CI runs; --fast leaves out documentation, peers and the demo",
        run: suite::run,
    },
    Verb {
        name: "demo",
        usage: "[ARGS...]",
        about: "build mgram and mgram-agent, then run `mgram demo ARGS`",
        run: demo::run,
    },
    Verb {
        name: "bench",
        usage: "[--peers] [--json] [--filter NAME]",
        about: "measure, with optimisation; --peers: beside libwbxml, also as --markdown",
        run: bench::run,
    },
    Verb {
        name: "fuzz",
        usage: "[--seconds N] [--target T] [--jobs J] [--json]",
        about: "hostile input for every reader, for so many seconds each",
        run: fuzz::run,
    },
    Verb {
        name: "needs",
        usage: "",
        about: "find the programs that tests use as peers; install them where that is allowed",
        run: |_, args| check(args, needs::check),
    },
    Verb {
        name: "interop",
        usage: "[--write]",
        about: "every route against programs of others, as a table; --write: in docs/interop.md",
        run: interop::run,
    },
    Verb {
        name: "floors",
        usage: "",
        about: "dependencies point down, and nothing below floor 4 does I/O or needs std",
        run: |workspace, args| check(args, || floors::check(workspace)),
    },
    Verb {
        name: "proof",
        usage: "",
        about: "link floors 0 to 3 without std, run them on one message, print the size",
        run: |workspace, args| check(args, || proof::check(workspace)),
    },
    Verb {
        name: "budgets",
        usage: "",
        about: "how long the Rust files are, and whether any is too long",
        run: |workspace, args| check(args, || budgets::check(workspace)),
    },
    Verb {
        name: "documents",
        usage: "",
        about: "links in Markdown files resolve; the change log has its Unreleased section",
        run: |workspace, args| check(args, || documents::check(workspace)),
    },
    Verb {
        name: "package",
        usage: "[--debug]",
        about: "Debian packages of mgram and mgram-agent, in target/debian",
        run: package::run,
    },
    Verb {
        name: "small",
        usage: "[--static]",
        about: "build the agent with UDP and spool folder only, and hold its size",
        run: small::run,
    },
    Verb {
        name: "man",
        usage: "",
        about: "write the man pages of the binaries into docs/man",
        run: |workspace, args| check(args, || manual::write(workspace)),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_explains_itself_but_those_that_hand_their_arguments_on() {
        let asked = ["--seconds", "--help"].map(str::to_owned);
        for verb in VERBS {
            let is_handed_on = matches!(verb.name, "demo" | "bench");
            assert_eq!(verb.explains(&asked), !is_handed_on, "{}", verb.name);
            assert!(!verb.explains(&asked[..1]), "{}", verb.name);
        }
    }
}
