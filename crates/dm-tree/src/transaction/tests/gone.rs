//! The rights of servers whose accounts go. [TND 1.2 §7.7.1.4]

use alloc::string::{String, ToString};

use super::*;

/// All that ACLs say of this server, in the order of the nodes.
fn rights(device: &Device, server: &str) -> Vec<(String, String)> {
    let named = device.tree.iter().filter(|(_, node)| node.acl.to_string().contains(server));
    named.map(|(uri, node)| (uri.to_string(), node.acl.to_string())).collect()
}

#[test]
fn a_server_that_goes_leaves_no_rights_behind() {
    let mut device = Device::new();
    device.rules.account_change = true;
    let run = |t: &mut Transaction<'_>| {
        let mixed = "Get=srv.a+srv.b&Replace=srv.b";
        t.replace_property(&uri("./Vendor/Group"), Property::Acl, mixed)
    };
    device.run(A, &run).unwrap();
    assert!(rights(&device, B).len() > 2, "{:?}", rights(&device, B));
    let account = uri("./Vendor/Sub/b");

    // An operation that is undone takes nothing away.
    let before = device.tree.clone();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.delete(&account).unwrap();
    transaction.abort();
    assert_eq!(device.tree, before);

    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.delete(&account).unwrap();
    let changes = transaction.commit(Some(NOW));
    assert_eq!(rights(&device, B), []);
    let group = device.tree.get(&uri("./Vendor/Group")).unwrap();
    assert_eq!(group.acl.to_string(), "Get=srv.a", "others keep theirs");
    assert!(changes.get(&uri("./Vendor/Group")).is_some(), "and the store hears of it");
    let other = device.tree.get(&uri("./Vendor/Other")).unwrap();
    assert!(other.acl.allows(C, AclCommand::Get), "what everybody has stays: {}", other.acl);
    device.tree.revert(&changes);
    assert_eq!(device.tree, before);
}

#[test]
fn another_server_id_is_another_server() {
    let mut device = Device::new();
    let leaf = uri("./Vendor/Sub/b").join("ServerID").unwrap();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.replace_value(&leaf, b"srv.new".to_vec(), None, None).unwrap();
    let _ = transaction.commit(None);
    assert_eq!(rights(&device, B), []);
}

#[test]
fn a_leaf_that_has_the_name_and_no_account_is_no_server() {
    let mut device = Device::new();
    let before = rights(&device, C);
    let leaf = uri("./Vendor/Group/ServerID");
    for value in [C, "other"] {
        let mut transaction = Transaction::local(&mut device.tree, &device.rules);
        if !transaction.tree().contains(&leaf) {
            transaction.add(leaf.clone(), Node::text("")).unwrap();
        }
        transaction.replace_value(&leaf, value.as_bytes(), None, None).unwrap();
        let _ = transaction.commit(None);
    }
    assert_eq!(rights(&device, C), before);
}

#[test]
fn an_account_that_moves_or_comes_again_keeps_its_rights() {
    let mut device = Device::new();
    let (account, before) = (uri("./Vendor/Sub/b"), rights(&device, B));
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.replace_property(&account, Property::Name, "moved").unwrap();
    let _ = transaction.commit(None);
    assert_eq!(rights(&device, B), before);
    // A leaf of this name that is in no account is any leaf.
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.add(uri("./Vendor/ServerID"), Node::text(B)).unwrap();
    let _ = transaction.commit(None);
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.delete(&uri("./Vendor/ServerID")).unwrap();
    let _ = transaction.commit(None);
    assert_eq!(rights(&device, B), before);
}

#[test]
fn the_root_gives_to_everybody_what_nobody_is_left_to_have() {
    for (list, left) in [
        ("Add=*&Get=srv.b&Replace=srv.b", "Add=*&Get=*"),
        ("Add=*&Get=srv.a+srv.b&Replace=srv.a", "Add=*&Get=srv.a&Replace=srv.a"),
        ("Add=*&Delete=srv.b", "Add=*"),
    ] {
        let mut device = Device::new();
        let account = uri("./Vendor/Sub/b");
        let mut transaction = Transaction::local(&mut device.tree, &device.rules);
        transaction.replace_property(&Uri::root(), Property::Acl, list).unwrap();
        transaction.delete(&account).unwrap();
        let _ = transaction.commit(None);
        assert_eq!(device.tree.get(&Uri::root()).unwrap().acl.to_string(), left, "{list}");
    }
}

#[test]
fn servers_that_go_are_found_in_one_look_at_what_was_done_and_at_the_tree() {
    let mut device = Device::new();
    device.rules.account_change = true;
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    let (steps, accounts) = (500, 50);
    let list: Vec<_> = (0..accounts).map(|number| format!("srv.{number}")).collect();
    for (number, id) in list.iter().enumerate() {
        let account = uri(&format!("./Vendor/Sub/{number}"));
        transaction.add(account.clone(), Node::interior(DM_ACC)).unwrap();
        transaction.add(account.join("ServerID").unwrap(), Node::text(id)).unwrap();
    }
    let list = format!("Get=srv.a+{}&Replace={}", list.join("+"), list.join("+"));
    transaction.replace_property(&uri("./Vendor/Other"), Property::Acl, &list).unwrap();
    let _ = transaction.commit(None);

    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.add(uri("./Vendor/Group/ServerID"), Node::text("of no account")).unwrap();
    for number in 0..steps {
        let id = format!("new.{number}");
        for at in ["./Vendor/Group/ServerID", "./Vendor/Sub/b/ServerID"] {
            transaction.replace_value(&uri(at), id.as_bytes(), None, None).unwrap();
        }
    }
    for number in 0..accounts {
        transaction.delete(&uri(&format!("./Vendor/Sub/{number}"))).unwrap();
    }
    let most = 2 * transaction.undo.len() + transaction.tree.count();
    let work = crate::work::of(|| drop(transaction.commit(None)));
    assert!(work <= most, "{work} steps and nodes looked at, and not {most}");
    let other = device.tree.get(&uri("./Vendor/Other")).unwrap();
    assert_eq!(other.acl.to_string(), "Get=srv.a");
}
