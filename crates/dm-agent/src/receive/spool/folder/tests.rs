//! Folders that may be used, and how files leave them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn spool(folder: &TempDir, security: SpoolSecurity) -> Spool {
    Spool { folder: folder.path().into(), keep: false, security }
}

/// A folder with these files, opened.
fn with(names: &[&str]) -> (TempDir, OwnedFd) {
    let folder = tempfile::tempdir().unwrap();
    names.iter().for_each(|name| fs::write(folder.path().join(name), name).unwrap());
    let opened = open(&spool(&folder, SpoolSecurity::DangerInsecure)).unwrap();
    (folder, opened)
}

#[test]
fn a_folder_that_everybody_writes_to_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let [owner, none] = [SpoolSecurity::Owner(vec![own()]), SpoolSecurity::DangerInsecure];
    open(&spool(&folder, owner.clone())).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let said = open(&spool(&folder, owner)).unwrap_err().to_string();
    assert_eq!(said, "everybody may write to it");
    open(&spool(&folder, none)).unwrap();
}

#[test]
fn files_are_listed_in_parts_those_that_were_being_kept_among_them() {
    let names = [".taking-0-a.wbxml", ".taking-x.wbxml", "b.wbxml", "c.txt", ".d.wbxml", "e.wbxml"];
    let (folder, _) = with(&names);
    let spool = spool(&folder, SpoolSecurity::DangerInsecure);
    let list = |behind: &str| -> Vec<_> {
        list(&spool, OsStr::new(behind), 2).unwrap().into_iter().collect()
    };
    assert_eq!(list(""), [".taking-0-a.wbxml", "b.wbxml"]);
    assert_eq!(list("b.wbxml"), ["e.wbxml"]);
    assert_eq!(list("e.wbxml"), [""; 0]);
}

#[test]
fn a_file_that_is_held_stands_in_nobodys_way_and_gets_its_name_back_only_if_that_is_free() {
    let long = format!("{}.wbxml", "n".repeat(240));
    let (folder, opened) = with(&["a.wbxml", &long]);
    let path = |name: &OsStr| folder.path().join(name);
    let a = OsStr::new("a.wbxml");
    let first = hold(&opened, a).unwrap();
    fs::write(path(a), "second").unwrap();
    let second = hold(&opened, a).unwrap();
    assert_eq!(fs::read(path(&first.at)).unwrap(), b"a.wbxml");
    assert_eq!(fs::read(path(&second.at)).unwrap(), b"second");
    let again = hold(&opened, &first.at).unwrap();
    assert_eq!((again.at, again.name), (first.at.clone(), a.to_owned()));
    let_go(&opened, &first).unwrap();
    assert!(let_go(&opened, &second).is_err());
    assert_eq!(fs::read(path(a)).unwrap(), b"a.wbxml");
    let held = hold(&opened, OsStr::new(&long)).unwrap();
    assert!(own_name(&held.at).is_some() && !path(OsStr::new(&long)).exists());
}

#[test]
fn what_is_put_away_is_bounded() {
    let (folder, opened) = with(&[]);
    for number in 0..PUT_AWAY + 3 {
        let name = format!("{number}.wbxml");
        fs::write(folder.path().join(&name), b"x").unwrap();
        let held = hold(&opened, OsStr::new(&name)).unwrap();
        put_away(&opened, &held, Some("refused")).unwrap();
    }
    assert_eq!(fs::read_dir(folder.path().join("refused")).unwrap().count(), PUT_AWAY);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn nothing_is_put_away_through_a_link() {
    let ((folder, opened), other) = (with(&["a.wbxml"]), tempfile::tempdir().unwrap());
    symlink(other.path(), folder.path().join("refused")).unwrap();
    let held = hold(&opened, OsStr::new("a.wbxml")).unwrap();
    put_away(&opened, &held, Some("refused")).unwrap_err();
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    assert!(folder.path().join(&held.at).exists());
}
