use super::*;
use std::path::Path;

fn package(folder: &str, dependencies: &[&str]) -> Package {
    Package {
        name: Path::new(folder).file_name().unwrap().to_str().unwrap().to_owned(),
        manifest: Path::new("/house").join(folder).join("Cargo.toml"),
        dependencies: dependencies.iter().map(ToString::to_string).collect(),
    }
}

/// What is wrong in a house of dm-xml, dm-wbxml, dm-seal, dm-tree, mgram and `more`.
fn wrong(more: Package) -> Vec<String> {
    let mut packages = vec![
        package("crates/dm-xml", &["memchr"]),
        package("crates/dm-wbxml", &["dm-xml"]),
        package("crates/dm-seal", &["dm-xml"]),
        package("crates/dm-tree", &[]),
        package("bin/mgram", &["dm-seal", "tokio"]),
    ];
    packages.retain(|known| known.name != more.name);
    packages.push(more);
    let workspace = Workspace { root: "/house".into(), target: "/target".into(), packages };
    directions(&workspace).iter().map(ToString::to_string).collect()
}

#[test]
fn arrows_down_are_fine() {
    assert_eq!(wrong(package("crates/dm-client", &["dm-tree", "dm-seal", "dm-xml"])), [""; 0]);
}

#[test]
fn a_dependency_that_points_up_is_found() {
    let found = wrong(package("crates/dm-seal", &["dm-xml", "dm-tree"]));
    assert_eq!(
        found,
        ["crates/dm-seal/Cargo.toml:1: dm-seal (floor 1) -> dm-tree (floor 2) points up"]
    );
}

#[test]
fn an_arrow_on_one_floor_must_be_drawn() {
    let found = wrong(package("crates/dm-xml", &["dm-wbxml"]));
    assert_eq!(
        found,
        ["crates/dm-xml/Cargo.toml:1: dm-xml (floor 0) -> dm-wbxml (floor 0) is not drawn"]
    );
}

#[test]
fn a_package_without_a_floor_is_found() {
    let found = wrong(package("crates/dm-news", &[]));
    assert!(found[0].contains("give it a floor in xtask/src/floors.rs"), "{found:?}");
}

#[test]
fn io_comes_in_only_on_floor_four() {
    for name in ABOVE_ONLY {
        assert_eq!(wrong(package("crates/dm-push", &[name])).len(), 1, "{name}");
        assert_eq!(wrong(package("crates/dm-transport", &[name])), [""; 0]);
    }
}

#[test]
fn what_stands_on_top_is_known_by_its_folder() {
    assert_eq!(wrong(package("tests/conformance", &["dm-seal"])), [""; 0]);
    assert_eq!(wrong(package("bench", &["dm-seal"])), [""; 0]);
}

#[test]
fn every_listed_arrow_stays_on_its_floor() {
    let floor = |name: &str| FLOORS.iter().find(|(_, names)| names.contains(&name)).unwrap().0;
    for (from, to, why) in ARROWS {
        assert_eq!(floor(from), floor(to), "{from} -> {to}: {why}");
    }
}

#[test]
fn the_line_of_a_dependency_is_that_of_its_whole_name() {
    let manifest = "[dependencies]\ndm-tree-extra = \"1\"\ndm-tree.workspace = true\n";
    assert_eq!(line_of(manifest, "dm-tree"), 3);
    assert_eq!(line_of(manifest, "dm-mo"), 1);
}
