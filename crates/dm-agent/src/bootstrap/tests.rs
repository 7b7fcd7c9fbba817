use dm_mo::{DmAcc, PinnedKey};
use dm_tree::Uri;

use super::*;

fn dev_info(dev_id: &str) -> DevInfo {
    let [man, r#mod, dm_v, lang] = ["m", "n", "1.3", "en"].map(str::to_owned);
    DevInfo { dev_id: dev_id.into(), man, r#mod, dm_v, lang }
}

fn account(name: &str, server_id: &str) -> Node<'static> {
    DmAcc::object(name, server_id, &[PinnedKey { name: "k".into(), der: vec![1, 2] }])
}

/// A folder with a device that has one account.
fn provisioned() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut bootstrap = Bootstrap::open(folder.path(), &dev_info("urn:imei:1")).unwrap();
    bootstrap.add_account("a", account("a", "a")).unwrap();
    bootstrap.commit().unwrap();
    folder
}

fn stored(folder: &Path) -> Tree {
    Tree::from_nodes(RedbStore::open(folder).unwrap().nodes().unwrap()).unwrap()
}

fn value(tree: &Tree, uri: &str) -> Option<String> {
    let node = tree.get(&Uri::parse(uri).unwrap())?;
    node.as_text().map(str::to_owned)
}

#[test]
fn a_new_device_has_its_objects_and_no_journal() {
    let folder = provisioned();
    let tree = stored(folder.path());
    assert_eq!(value(&tree, "./DevInfo/DevId").as_deref(), Some("urn:imei:1"));
    assert_eq!(value(&tree, "./DMAcc/a/ServerID").as_deref(), Some("a"));
    assert_eq!(tree.get(&Uri::parse("./Inbox").unwrap()).unwrap().acl.to_string(), "Add=*");
    assert!(RedbStore::open(folder.path()).unwrap().journal().unwrap().is_empty());
}

#[test]
fn without_a_commit_there_is_not_even_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a/b");
    let mut bootstrap = Bootstrap::open(&inside, &dev_info("d")).unwrap();
    bootstrap.add_account("a", account("a", "a")).unwrap();
    drop(bootstrap);
    assert!(!folder.path().join("a").exists());
    let mut bootstrap = Bootstrap::open(&inside, &dev_info("d")).unwrap();
    bootstrap.add_account("a", account("a", "a")).unwrap();
    bootstrap.commit().unwrap();
    assert!(inside.join(FILE).is_file());
}

#[test]
fn a_tree_that_is_larger_than_the_default_takes_an_account_as_its_device_allows() {
    let uri = |text: &str| Uri::parse(text).unwrap();
    let mut nodes = vec![
        (uri("./DMAcc"), dm_tree::Node::interior("")),
        (uri("./DevInfo"), dm_tree::Node::interior("")),
        (uri("./DevInfo/DevId"), dm_tree::Node::text("urn:imei:1")),
    ];
    for group in 0..3 {
        nodes.push((uri(&format!("./V{group}")), dm_tree::Node::interior("")));
        let leaves = (0..40_000).map(|leaf| uri(&format!("./V{group}/{leaf}")));
        nodes.extend(leaves.map(|leaf| (leaf, dm_tree::Node::text(""))));
    }
    let tree = Tree::from_nodes(nodes).unwrap();
    let limits = Limits { nodes: 200_000, octets: 64 << 20, ..Limits::default() };
    let mut plan = Plan::over(tree, &dev_info("urn:imei:1"), &limits).unwrap();
    plan.add_account("a", account("a", "a")).unwrap();
    let (tree, changes) = plan.finish().unwrap();
    assert_eq!(value(&tree, "./DMAcc/a/ServerID").as_deref(), Some("a"));
    assert!(changes.len() < 20, "{} changes", changes.len());
}

#[test]
fn a_second_account_of_a_server_is_refused() {
    let folder = provisioned();
    let before = stored(folder.path());
    let mut bootstrap = Bootstrap::open(folder.path(), &dev_info("urn:imei:1")).unwrap();
    let error = bootstrap.add_account("a", account("other", "a")).unwrap_err();
    assert!(matches!(&error, BootstrapError::AccountExists(id) if id == "a"), "{error}");
    assert!(error.to_string().contains("R22"), "{error}");
    drop(bootstrap);
    assert_eq!(stored(folder.path()), before);
}

#[test]
fn accounts_whose_names_collide_both_fit() {
    let folder = provisioned();
    let mut bootstrap = Bootstrap::open(folder.path(), &dev_info("urn:imei:1")).unwrap();
    for server_id in ["a:", "a/"] {
        bootstrap.add_account(server_id, account("a", server_id)).unwrap();
    }
    let tree = bootstrap.commit().unwrap();
    assert_eq!(value(&tree, "./DMAcc/a-2/ServerID").as_deref(), Some("a:"));
    assert_eq!(value(&tree, "./DMAcc/a-3/ServerID").as_deref(), Some("a/"));
    assert_eq!(DmAcc::find_all(&stored(folder.path())).len(), 3);
}

#[test]
fn the_state_of_another_device_is_refused() {
    let folder = provisioned();
    let before = stored(folder.path());
    let error = Bootstrap::open(folder.path(), &dev_info("urn:imei:2")).unwrap_err();
    assert_eq!(error.to_string(), "the state belongs to device \"urn:imei:1\"");
    assert_eq!(stored(folder.path()), before);
}

#[test]
fn an_object_that_does_not_fit_changes_nothing() {
    let folder = provisioned();
    let before = stored(folder.path());
    let leaf = |name: &'static str| Node::leaf(name, "x");
    let mut foreign = leaf("B");
    foreign.rt_properties.get_or_insert_default().acl = Some("Get=a&&".into());
    for (what, nodes) in [
        ("there already", vec![leaf("New"), leaf("DevInfo")]),
        ("twice", vec![leaf("New"), leaf("New")]),
        ("below a leaf", vec![leaf("New").with(leaf("A"))]),
        ("malformed ACL", vec![leaf("New"), foreign]),
        ("malformed name", vec![leaf("New"), leaf("a/b")]),
    ] {
        let mut bootstrap = Bootstrap::open(folder.path(), &dev_info("urn:imei:1")).unwrap();
        let held = bootstrap.plan.tree.clone();
        let outcome = bootstrap.add(&MgmtTree::new(nodes));
        assert!(matches!(outcome, Err(BootstrapError::Object(_))), "{what}: {outcome:?}");
        assert_eq!(bootstrap.plan.tree, held, "{what}");
        drop(bootstrap);
        assert_eq!(stored(folder.path()), before, "{what}");
    }
}

#[test]
fn a_state_in_use_and_a_file_are_refused() {
    let folder = provisioned();
    let held = RedbStore::open(folder.path()).unwrap();
    let error = Bootstrap::open(folder.path(), &dev_info("urn:imei:1")).unwrap_err();
    assert!(error.to_string().ends_with("is in use by another process"), "{error}");
    drop(held);
    let error = Bootstrap::open(&folder.path().join(FILE), &dev_info("urn:imei:1")).unwrap_err();
    assert!(matches!(error, BootstrapError::Persist(PersistError::NotAState(_))), "{error}");
}

#[test]
fn a_state_without_a_device_becomes_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(RedbStore::create(folder.path()).unwrap()); // power was lost before the first commit
    Bootstrap::open(folder.path(), &dev_info("d")).unwrap().commit().unwrap();
    assert_eq!(value(&stored(folder.path()), "./DevInfo/DevId").as_deref(), Some("d"));
}
