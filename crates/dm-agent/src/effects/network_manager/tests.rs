use std::fs;
use std::os::unix::fs::PermissionsExt;

use dm_tree::{Node, Tree, Uri};

use super::*;

type Wanted = (String, Result<Keyfile, Unfit>);

fn file(name: &str, text: &str) -> Wanted {
    let name = format!("{PREFIX}{name}{SUFFIX}");
    (name.clone(), Ok(Keyfile { name, text: text.to_owned() }))
}

fn unfit(name: &str) -> Wanted {
    let uri = Uri::parse("./NAP/Bad/Addr").unwrap();
    (format!("{PREFIX}{name}{SUFFIX}"), Err(Unfit { uri, why: "no APN" }))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_folder_follows_the_profiles_and_others_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("hand-made.nmconnection"), "x").unwrap();
    let apply = |wanted| super::apply(at.to_owned(), wanted, None);
    assert_eq!(apply(vec![file("A", "1"), file("B", "2")]).await.unwrap(), "2 profiles changed");
    let mode = fs::metadata(at.join("marconigram-A.nmconnection")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others may not read its secrets");
    assert_eq!(apply(vec![file("A", "1"), file("B", "2")]).await.unwrap(), "0 profiles changed");
    assert_eq!(apply(vec![file("B", "3")]).await.unwrap(), "2 profiles changed");
    assert_eq!(names(at), ["hand-made.nmconnection", "marconigram-B.nmconnection"]);
    assert_eq!(fs::read_to_string(at.join("marconigram-B.nmconnection")).unwrap(), "3");
}

#[tokio::test]
async fn one_that_cannot_be_made_keeps_its_file_and_the_others_follow() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    apply(at.to_owned(), vec![file("Bad", "1")], None).await.unwrap();
    let said = apply(at.to_owned(), vec![unfit("Bad"), file("B", "2"), unfit("C")], None).await;
    assert_eq!(said.unwrap_err().to_string(), "./NAP/Bad/Addr: no APN (and 1 more)");
    assert_eq!(names(at), ["marconigram-B.nmconnection", "marconigram-Bad.nmconnection"]);
    assert_eq!(fs::read_to_string(at.join("marconigram-Bad.nmconnection")).unwrap(), "1");
}

#[tokio::test]
async fn network_manager_is_told_at_every_attempt_and_its_failure_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let nmcli = folder.path().join("nmcli");
    let log = folder.path().join("log");
    let script =
        format!("#!/bin/sh\necho \"$@\" >> {0}; [ $(wc -l < {0}) -gt 1 ]\n", log.display());
    fs::write(&nmcli, script).unwrap();
    fs::set_permissions(&nmcli, fs::Permissions::from_mode(0o755)).unwrap();
    let profiles = folder.path().join("profiles");
    fs::create_dir(&profiles).unwrap();
    let apply = || super::apply(profiles.clone(), vec![file("A", "1")], Some(nmcli.clone()));
    assert!(apply().await.unwrap_err().to_string().starts_with("exit status: 1"));
    assert_eq!(apply().await.unwrap(), "0 profiles changed; reloaded");
    assert_eq!(fs::read_to_string(&log).unwrap(), "connection reload\nconnection reload\n");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let said = apply("/no/such/folder".into(), vec![file("A", "1")], None).await.unwrap_err();
    assert!(said.to_string().starts_with("/no/such/folder"), "{said}");
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

/// A tree with access points at these places.
fn tree(points: &[&str]) -> Tree {
    let mut nodes = std::collections::BTreeMap::new();
    for point in points {
        let point = uri(point);
        nodes.insert(point.join("Addr").unwrap(), Node::text("internet"));
        let mut above = point.parent();
        nodes.insert(point, Node::interior("urn:oma:mo:oma-connmo-nap:1.0"));
        while let Some(node) = above.filter(|node| !node.is_root()) {
            above = node.parent();
            nodes.entry(node).or_insert_with(|| Node::interior(""));
        }
    }
    Tree::from_nodes(nodes).unwrap()
}

#[tokio::test]
async fn one_deep_in_the_tree_has_a_name_that_a_folder_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let deep = |end: &str| format!("./NAP/{}/{}{end}", "d".repeat(200), "e".repeat(200));
    let tree = tree(&["./NAP/Home", &deep("1"), &deep("2")]);
    let said = apply(folder.path().to_owned(), wanted(&tree, &[uri("./NAP")]), None).await;
    assert_eq!(said.unwrap(), "3 profiles changed");
    let names = names(folder.path());
    assert_eq!(names[0], "marconigram-Home.nmconnection");
    for name in &names[1..] {
        assert!(name.starts_with(&format!("{PREFIX}ddd")) && name.ends_with(SUFFIX), "{name}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_does_not_keep_the_others_from_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("marconigram-A.nmconnection")).unwrap(); // no file can take its place
    fs::create_dir(at.join("marconigram-Gone.nmconnection")).unwrap(); // nor is it a file to remove
    fs::write(at.join("marconigram-Stale.nmconnection"), "x").unwrap();
    let said = apply(at.to_owned(), vec![file("A", "1"), file("B", "2")], None).await.unwrap_err();
    let said = said.to_string();
    assert!(said.starts_with(&format!("{}", at.join("marconigram-A.nmconnection").display())));
    assert!(said.ends_with("(and 1 more)"), "{said}");
    assert_eq!(fs::read_to_string(at.join("marconigram-B.nmconnection")).unwrap(), "2");
    assert!(!at.join("marconigram-Stale.nmconnection").exists());
}

#[test]
fn access_points_never_share_a_file() {
    let tree = tree(&["./NAP/Home", "./V/Home", "./V/Home/In", "./V/Home/Home"]);
    let files = |on: &[&str]| {
        let on: Vec<_> = on.iter().map(|on| uri(on)).collect();
        let made =
            wanted(&tree, &on).into_iter().filter_map(|(name, file)| file.ok().map(|_| name));
        made.collect::<Vec<_>>()
    };
    let home = "marconigram-Home.nmconnection";
    assert_eq!(files(&["./NAP"]), [home]);
    assert_eq!(files(&["./V"]), [home]);
    assert_eq!(files(&["./V/Home"]), [home], "what stands within one is none of its own");
    let both = ["marconigram-NAP%2FHome.nmconnection", "marconigram-V%2FHome.nmconnection"];
    assert_eq!(files(&["./NAP", "./V"]), both);
    assert_eq!(files(&["./NAP/Home", "./V/Home"]), both);
}

#[tokio::test]
async fn network_manager_that_does_not_run_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let nmcli = folder.path().join("nmcli");
    for (said, status, is_failure) in [
        ("Error: NetworkManager is not running.", 8, false),
        (
            "Error: failed to reload connections: Could not connect: No such file or directory.",
            1,
            false,
        ),
        ("Error: failed to reload connections: access denied.", 1, true),
        ("", 1, true),
    ] {
        fs::write(&nmcli, format!("#!/bin/sh\necho '{said}' >&2; exit {status}\n")).unwrap();
        fs::set_permissions(&nmcli, fs::Permissions::from_mode(0o755)).unwrap();
        let profiles = folder.path().join("profiles");
        fs::create_dir_all(&profiles).unwrap();
        let applied = apply(profiles, vec![file("A", "1")], Some(nmcli.clone())).await;
        assert_eq!(applied.is_err(), is_failure, "{said}: {applied:?}");
        if let Ok(said) = applied {
            assert!(said.ends_with("changed; NetworkManager does not run"), "{said}");
        }
    }
}
