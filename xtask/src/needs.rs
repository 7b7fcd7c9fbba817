//! The programs that tests use as peers: implementations that nobody here wrote.
//!
//! A test that checks our octets against our own decoder proves little; these are the others.
//! All of them are Debian packages. Where we may (as root, or with `sudo` that does not ask)
//! what is missing is installed; elsewhere the tests that need it say that they were skipped.

use crate::outcome::Outcome;
use crate::process;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Finds the peers, installs what is missing where that is allowed, and says what is left.
pub fn check() -> Outcome {
    let mut missing = missing();
    if !missing.is_empty() && install(&packages(&missing)) {
        missing = self::missing();
    }
    for Need { binary, package, purpose } in NEEDS {
        let place = find(binary).map_or_else(
            || format!("missing (apt-get install {package}); skipped without it: {purpose}"),
            |path| path.display().to_string(),
        );
        println!("{binary:10} {place}");
    }
    if missing.is_empty() {
        Outcome::passed(format!("all {} peers are here", NEEDS.len()))
    } else {
        let names: Vec<_> = missing.iter().map(|need| need.binary).collect();
        Outcome::Skipped(format!("not here: {}", names.join(", ")))
    }
}

/// Whether every peer is here. Tests are told, so that none is skipped by mistake.
pub fn complete() -> bool {
    missing().is_empty()
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| find(need.binary).is_none()).collect()
}

fn packages(needs: &[&Need]) -> Vec<&'static str> {
    let mut names: Vec<_> = needs.iter().map(|need| need.package).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The first file of that name on the search path.
fn find(binary: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(binary)).find(|file| file.is_file())
}

/// Installs the packages; when they do not go together, one by one. Whether it was tried.
fn install(packages: &[&str]) -> bool {
    if find("apt-get").is_none() {
        return false;
    }
    let Some(privilege) = privilege() else {
        println!("peers are missing, and installing them is not ours to do here");
        return false;
    };
    process::succeeds(apt_get(privilege).arg("update"));
    let install = |names: &[&str]| {
        let mut command = apt_get(privilege);
        process::succeeds(command.args(["install", "-y", "--no-install-recommends"]).args(names))
    };
    if !install(packages) && packages.len() > 1 {
        for package in packages {
            install(&[package]);
        }
    }
    true
}

/// What to put before a command that changes the machine; nothing when we are root already.
fn privilege() -> Option<&'static [&'static str]> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if is_root {
        return Some(&[]);
    }
    let without_asking = &["sudo", "-n"];
    process::succeeds_quietly(Command::new("sudo").args(["-n", "true"])).then_some(without_asking)
}

fn apt_get(privilege: &[&str]) -> Command {
    let words = [privilege, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]].concat();
    let options = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"];
    let network = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=30"];
    let mut command = process::program(words[0], Path::new("/"));
    command.args(&words[1..]).args(options).args(network);
    command
}

/// One program that tests start.
struct Need {
    binary: &'static str,
    package: &'static str,
    purpose: &'static str,
}

const NEEDS: &[Need] = &[
    Need {
        binary: "xmlsec1",
        package: "xmlsec1",
        purpose: "signatures checked, and made, by another implementation",
    },
    Need {
        binary: "tshark",
        package: "tshark",
        purpose: "our WBXML and WSP octets read by a dissector",
    },
    Need {
        binary: "text2pcap",
        package: "tshark",
        purpose: "the captures that the dissector reads",
    },
    Need {
        binary: "xml2wbxml",
        package: "libwbxml2-utils",
        purpose: "WBXML of unsigned messages written by another encoder",
    },
    Need {
        binary: "xmllint",
        package: "libxml2-utils",
        purpose: "the canonical form of XML text by another implementation",
    },
    Need {
        binary: "openssl",
        package: "openssl",
        purpose: "keys and certificates made by another program",
    },
    Need { binary: "python3", package: "python3", purpose: "small peers written in Python" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_brings_two_programs_is_named_once() {
        let needs: Vec<&Need> = NEEDS.iter().filter(|need| need.package == "tshark").collect();
        assert_eq!(needs.len(), 2);
        assert_eq!(packages(&needs), ["tshark"]);
    }

    #[test]
    fn programs_are_found_on_the_search_path_only() {
        assert!(find("sh").is_some());
        assert_eq!(find("marconigram-no-such-program"), None);
    }

    #[test]
    fn nothing_asks_a_question_while_installing() {
        let command = apt_get(&["sudo", "-n"]);
        assert_eq!(command.get_program(), "sudo");
        let words: Vec<_> = command.get_args().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(words[..4], ["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        assert_eq!(apt_get(&[]).get_program(), "env");
    }
}
