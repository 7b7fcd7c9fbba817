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

#[test]
fn the_files_of_a_package_are_read_and_those_of_tests_are_not() {
    let root = std::env::temp_dir().join(format!("xtask-sans-io-{}", std::process::id()));
    let write = |name: &str, text: &str| {
        let path = root.join("crates/dm-seal/src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod sign;\n#[cfg(test)]\nmod rig;\n");
    write("rig.rs", "use std::fs;\n");
    write("rig/deep.rs", "use std::fs;\n");
    write("sign.rs", "//! Signs.\nuse std::fs;\n#[cfg(test)]\nmod tests;\n");
    write("sign/tests.rs", "use std::fs;\n");
    write("verify/tests/vectors.rs", "use std::fs;\n");
    let workspace = Workspace { root: root.clone(), target: root.join("target"), packages: vec![] };
    let package = Package {
        name: "dm-seal".to_owned(),
        manifest: root.join("crates/dm-seal/Cargo.toml"),
        dependencies: vec![],
    };
    let found = check(&workspace, &package);
    fs::remove_dir_all(&root).unwrap();
    let places: Vec<_> = found.iter().map(|v| (v.path.to_str().unwrap(), v.line)).collect();
    assert_eq!(places, [("crates/dm-seal/src/sign.rs", 2)]);
}
