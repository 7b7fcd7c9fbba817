use std::fs;
use std::os::unix::fs::PermissionsExt;

use dm_tree::Uri;

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
