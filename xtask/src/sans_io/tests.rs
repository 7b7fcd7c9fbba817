use super::*;

fn found(text: &str) -> Vec<(usize, &'static str)> {
    names(&source::without_tests(&source::tokens(text)).0)
}

#[test]
fn a_file_that_names_std_fs_is_found_with_its_line() {
    assert_eq!(found("//! A module.\n\nuse std::fs::File;\n"), [(3, "std::fs")]);
    assert_eq!(found("fn f() {\n    std :: net :: lookup();\n}"), [(2, "std::net")]);
}

#[test]
fn a_group_does_not_hide_it() {
    assert_eq!(found("use std::{\n    fmt,\n    fs::{self, File},\n};"), [(3, "std::fs")]);
    assert_eq!(found("use std::{thread, fmt};"), [(1, "std::thread")]);
    assert_eq!(found("use std::{time::{Duration, SystemTime}};"), [(1, "SystemTime")]);
}

#[test]
fn a_member_of_another_group_is_not_taken_for_it() {
    assert_eq!(found("use std::{fmt, io};\nuse crate::{fs, net};"), []);
    assert_eq!(found("use std::{collections::{env, fs}};"), []);
}

#[test]
fn prose_and_strings_are_not_code() {
    assert_eq!(found("// std::fs is not for us\n/* tokio */\nlet a = \"rand\";"), []);
    assert_eq!(found("/// ```\n/// println!(\"{}\", 1);\n/// ```\nfn f() {}"), []);
}

#[test]
fn tests_may_do_what_they_like() {
    assert_eq!(found("#[cfg(test)]\nmod tests { use std::fs; }\nfn f() {}"), []);
}

#[test]
fn words_are_whole_words() {
    assert_eq!(found("let random = operand; tokio_like(); println(1);"), []);
    assert_eq!(found("println!(\"x\"); rand::random();"), [(1, "println!"), (1, "rand")]);
}

#[test]
fn a_duration_is_no_clock_but_its_reading_is() {
    assert_eq!(found("use std::time::{Duration, Instant};"), []);
    assert_eq!(found("let t = Instant::now();"), [(1, "Instant::now")]);
}

#[test]
fn every_forbidden_name_is_found_when_it_stands_alone() {
    for name in FORBIDDEN {
        assert_eq!(found(name), [(1, *name)]);
    }
}

/// The places that are wrong in a package with these files in its `src`.
fn wrong(name: &str, files: &[(&str, &str)]) -> Vec<(String, usize)> {
    let root = std::env::temp_dir().join(format!("xtask-sans-io-{name}-{}", std::process::id()));
    for (name, text) in files {
        let path = root.join("crates/dm-seal/src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let workspace = Workspace { root: root.clone(), target: root.join("target"), packages: vec![] };
    let package = Package {
        name: "dm-seal".to_owned(),
        manifest: root.join("crates/dm-seal/Cargo.toml"),
        dependencies: vec![],
    };
    let found = check(&workspace, &package);
    fs::remove_dir_all(&root).unwrap();
    found.iter().map(|v| (v.path.to_str().unwrap().to_owned(), v.line)).collect()
}

#[test]
fn the_files_of_a_package_are_read_and_those_of_tests_are_not() {
    let files = [
        ("lib.rs", "#![no_std]\nmod sign;\n#[cfg(test)]\nmod rig;\n"),
        ("rig.rs", "use std::fs;\n"),
        ("rig/deep.rs", "use std::fs;\n"),
        ("sign.rs", "//! Signs.\nuse std::fs;\n#[cfg(test)]\nmod tests;\n"),
        ("sign/tests.rs", "use std::fs;\n"),
        ("verify/tests/vectors.rs", "use std::fs;\n"),
    ];
    assert_eq!(wrong("files", &files), [("crates/dm-seal/src/sign.rs".to_owned(), 2)]);
}

#[test]
fn a_crate_that_does_not_say_no_std_is_found() {
    let lib = |text| wrong("no-std", &[("lib.rs", text), ("sign.rs", "fn f() {}")]);
    let here = [("crates/dm-seal/src/lib.rs".to_owned(), 1)];
    assert_eq!(lib("//! `#![no_std]`\n#![no_std]\n\nextern crate alloc;\n"), []);
    assert_eq!(lib("//! `#![no_std]`\nmod sign;\n"), here);
    assert_eq!(lib("#![cfg_attr(not(test), no_std)]\n"), here);
    assert_eq!(lib("#![no_std]\n#[cfg(test)]\nextern crate std;\n"), []);
    assert_eq!(lib("#![no_std]\nextern crate std;\n"), [(here[0].0.clone(), 2)]);
}
