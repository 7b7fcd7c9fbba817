//! The proof that floors 0 to 3 need no `std`: `proof/` is built, run and measured.
//!
//! It is a workspace of its own, with a panic handler of its own. What names `std` brings a second
//! one, and the compiler refuses the two (E0152); that it does is looked at each time.

use crate::outcome::{Outcome, Tally};
use crate::process;
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::process::Command;
use std::{fs, io};

/// Builds it, runs it on its messages, and sees that `std` keeps it from being built.
pub fn check(workspace: &Workspace) -> Outcome {
    if !cfg!(unix) {
        return Outcome::Skipped("the proof speaks to a Unix".to_owned());
    }
    let proof = Proof::of(workspace);
    if !process::succeeds(proof.cargo("fmt").arg("--check")) {
        return Outcome::failed("not formatted: cargo fmt, in proof/");
    }
    if !process::succeeds(&mut proof.build()) {
        return Outcome::failed("floors 0 to 3 do not link without std");
    }
    let runs = process::succeeds(&mut process::program(proof.binary(), &proof.folder));
    let size = match proof.size() {
        Ok(size) => size,
        Err(error) => return Outcome::failed(format!("the binary cannot be read: {error}")),
    };
    let refused = proof.is_refused_with_std();
    let good = u32::from(runs) + u32::from(refused);
    let tally = Tally { passed: good, failed: 2 - good, skipped: 0 };
    match (runs, refused) {
        (true, true) => Outcome::Passed(tally, format!("without std: {size}")),
        (false, _) => Outcome::Failed(tally, format!("it did not do what it must: {size}")),
        (true, false) => Outcome::Failed(tally, format!("std does not break it: {size}")),
    }
}

/// Where it lies, and where it is built: apart, so that it does not wait for other builds.
struct Proof {
    folder: PathBuf,
    target: PathBuf,
}

impl Proof {
    fn of(workspace: &Workspace) -> Self {
        Self { folder: workspace.root.join("proof"), target: workspace.target.join("proof") }
    }

    fn cargo(&self, verb: &str) -> Command {
        let mut cargo = process::cargo(&self.folder);
        cargo.env("CARGO_TARGET_DIR", &self.target).arg(verb);
        cargo
    }

    fn build(&self) -> Command {
        let mut cargo = self.cargo("build");
        cargo.arg("--release");
        cargo
    }

    fn binary(&self) -> PathBuf {
        self.target.join("release/proof")
    }

    /// The octets of the file, and of its sections where `size` tells them.
    fn size(&self) -> io::Result<String> {
        let octets = fs::metadata(self.binary())?.len();
        let sections = Command::new("size").arg("-A").arg(self.binary()).output();
        let report = sections.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        Ok(sentence(octets, &report.unwrap_or_default()))
    }

    /// Whether it can no longer be built when it names `std`, and for that reason.
    fn is_refused_with_std(&self) -> bool {
        let mut cargo = self.build();
        let output = cargo.args(["--features", "std", "--color", "never"]).output();
        let Ok(output) = output else { return false };
        let errors = String::from_utf8_lossy(&output.stderr);
        let error = errors.lines().find(|line| line.starts_with("error"));
        println!("with std: {}", error.unwrap_or("no error"));
        !output.status.success() && error.is_some_and(|error| error.contains("E0152"))
    }
}

/// How large the file is, and the sections in it that a device would hold.
fn sentence(octets: u64, report: &str) -> String {
    let mut sentence = format!("{octets} octets");
    for name in [".text", ".rodata", ".data.rel.ro", ".data"] {
        if let Some(octets) = section(report, name) {
            sentence.push_str(&format!(", {name} {octets}"));
        }
    }
    sentence
}

/// The size of a section in what `size -A` prints: its name, its size, its address.
fn section(report: &str, name: &str) -> Option<u64> {
    let mut lines = report.lines().map(str::split_whitespace);
    lines.find_map(|mut words| (words.next()? == name).then(|| words.next()?.parse().ok())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_sections_are_those_that_size_prints() {
        let report = "proof  :\nsection   size     addr\n.text     395336   121440\n\
                      .data     24       536408\n.data.rel.ro 8 9\nTotal     4718121\n";
        assert_eq!(
            sentence(526_616, report),
            "526616 octets, .text 395336, .data.rel.ro 8, .data 24"
        );
        assert_eq!(sentence(526_616, ""), "526616 octets");
    }

    #[test]
    fn it_is_built_in_a_folder_of_its_own_below_the_target_folder() {
        let workspace =
            Workspace { root: "/house".into(), target: "/elsewhere".into(), packages: vec![] };
        let proof = Proof::of(&workspace);
        let build = proof.build();
        let target = build.get_envs().find(|(name, _)| *name == "CARGO_TARGET_DIR");
        assert_eq!(target.and_then(|(_, value)| value), Some("/elsewhere/proof".as_ref()));
        assert_eq!(build.get_current_dir(), Some(Path::new("/house/proof")));
        assert!(proof.binary().starts_with("/elsewhere/proof"));
    }
}
