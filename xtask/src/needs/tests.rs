use super::*;

use crate::files;
use std::collections::BTreeMap;
use std::fs;

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
    assert_eq!(library("marconigram-no-such-library"), None);
}

#[test]
fn nothing_asks_a_question_while_installing() {
    let command = apt_get(&["sudo", "-n"]);
    assert_eq!(command.get_program(), "sudo");
    let words: Vec<_> = command.get_args().map(|word| word.to_str().unwrap()).collect();
    assert_eq!(words[..4], ["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    assert_eq!(apt_get(&[]).get_program(), "env");
}

/// Programs that a package of a need brings beside the one that is looked for.
const BROUGHT: &[(&str, &str)] = &[
    ("kamcmd", "kamailio"),
    ("mosquitto_passwd", "mosquitto"),
    ("mosquitto_sub", "mosquitto-clients"),
    ("smsbox", "kannel"),
    ("wapbox", "kannel"),
    ("wbxml2xml", "libwbxml2-utils"),
];

/// Programs of every Debian, or of what links Rust programs.
const EVERYWHERE: &[&str] = &["chroot", "dpkg-deb", "mount", "nsenter", "strip", "unshare"];

fn is_installed(program: &str) -> bool {
    let is_it = |need: &Need| matches!(need.thing, Thing::Program(name) if name == program);
    let brings = |package: &str| NEEDS.iter().any(|need| need.package == package);
    NEEDS.iter().any(is_it)
        || BROUGHT.iter().any(|(name, package)| *name == program && brings(package))
        || EVERYWHERE.contains(&program)
}

/// Where a test names the programs that it cannot do without. A list is written there, or has one
/// of the names that end the line-up.
const DEMANDS: &[&str] =
    &["all_here(", "Peer::find(", "Peer::own(", "PROGRAMS: ", "PROGRAMS = ", "programs = "];
const LISTS: &[&str] = &["PROGRAMS", "programs"];

/// The programs that this text of a test demands; or where what it demands cannot be read.
fn demanded(text: &str) -> Result<Vec<&str>, &str> {
    let mut found = Vec::new();
    for demand in DEMANDS {
        for (at, _) in text.match_indices(demand) {
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            if line.trim_end().ends_with("fn") {
                continue; // not asked for here, but made
            }
            let rest = &text[at + demand.len()..];
            let rest = if demand.starts_with("PROGRAMS: ") {
                rest.split_once('=').map_or(rest, |(_, list)| list)
            } else if demand.starts_with("Peer::") {
                rest.split_once(',').map_or(rest, |(_, programs)| programs)
            } else {
                rest
            };
            let argument = rest.trim_start().trim_start_matches('&');
            let is_list = |name: &&str| {
                let end = argument.find([')', ',']).unwrap_or(argument.len());
                argument[..end].trim().ends_with(*name)
            };
            match argument.strip_prefix('[').and_then(|list| list.split_once(']')) {
                Some((list, _)) => found.extend(list.split('"').skip(1).step_by(2)),
                None if LISTS.iter().any(is_list) => {}
                None if *demand == "programs = " => {} // something else of that name
                None => return Err(&text[at..][..demand.len() + argument.len().min(40)]),
            }
        }
    }
    Ok(found)
}

#[test]
fn every_program_that_a_test_demands_is_installed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["bench", "bin", "crates", "tests"].into_iter();
    let files = folders.flat_map(|folder| files::with_extension(&root.join(folder), "rs"));
    let mut demands: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let is_peer = file.file_name().is_some_and(|name| name == "peer.rs");
        let programs = match demanded(&text) {
            Ok(programs) => programs,
            Err(_) if is_peer => continue, // hands on what it is asked for
            Err(at) => panic!("{}: a list of programs is not understood: {at}", file.display()),
        };
        demands.extend(programs.into_iter().map(|name| (name.to_owned(), file.clone())));
    }
    assert!(demands.len() > 20, "hardly any were found: {demands:?}");
    demands.retain(|program, _| !is_installed(program));
    assert!(demands.is_empty(), "NEEDS does not bring: {demands:#?}");
}

#[test]
fn a_package_that_brings_something_is_a_need_and_nothing_is_named_twice() {
    for (program, package) in BROUGHT {
        assert!(NEEDS.iter().any(|need| need.package == *package), "{package} for {program}");
        let is_need = NEEDS.iter().any(|need| need.name() == *program);
        assert!(!is_need && !EVERYWHERE.contains(program), "{program} twice");
    }
}

#[test]
fn demands_are_read_however_they_are_written() {
    let text =
        "all_here(&[\"a\", \"b\"]) Peer::find(\"x\", &[\"c\"]); Peer::own(\"y\",\n &[\n\"d\",\n])?;
        let programs = [\"e\"]; Peer::find(\"z\", &programs); all_here(&oracle::PROGRAMS);
        pub const PROGRAMS: [&str; 1] = [\"f\"]; const PROGRAMS: &[&str] = &[\"g\"];";
    let mut found = demanded(text).unwrap();
    found.sort_unstable();
    assert_eq!(found, ["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(demanded("fn all_here(programs: &[&str]) -> bool {"), Ok(vec![]));
    assert!(demanded("all_here(&needed);").is_err());
}
