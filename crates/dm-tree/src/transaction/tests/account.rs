use alloc::string::{String, ToString};

use super::*;

/// Switches for a test: may messages create, may they change accounts?
fn device(creation: bool, change: bool) -> Device {
    let mut device = Device::new();
    device.rules.account_creation = creation;
    device.rules.account_change = change;
    // A may do anything as far as ACLs go, and nothing but the root is fixed by the maker.
    let everything = "Add=*&Delete=srv.a&Get=*&Replace=srv.a";
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.replace_property(&Uri::root(), Property::Acl, everything).unwrap();
    let uris: Vec<Uri> = transaction.tree().iter().skip(1).map(|(at, _)| at.clone()).collect();
    for at in uris.iter().filter(|at| **at != Uri::inbox()) {
        transaction.replace_property(at, Property::Acl, "").unwrap();
    }
    let _ = transaction.commit(None);
    device.rules.permanent.clear();
    device.rules.access.clear();
    device.rules.exec.clear();
    device
}

fn account(name: &'static str, server: &'static str) -> dm_tnds::Node<'static> {
    inner(name, DM_ACC).with(leaf("ServerID", server)).with(inner("AppAuth", ""))
}

/// Every way to touch an account that comes to mind. All must fail with the switches off.
fn attacks() -> Vec<(&'static str, Run)> {
    let mut all = Vec::new();
    let mut attack = |name, run: Run| all.push((name, run));
    attack("replace ServerID", |t| t.replace_value(&uri("./DMAcc/a/ServerID"), b"", None, None));
    attack("replace the pin", |t| {
        t.replace_value(&uri("./Vendor/Sub/b/AppAuth/1/AAuthData"), [9], None, None)
    });
    attack("delete it", |t| t.delete(&uri("./DMAcc/a")));
    attack("delete a part", |t| t.delete(&uri("./DMAcc/a/AppAuth")));
    attack("delete the node above", |t| t.delete(&uri("./DMAcc")));
    attack("delete far above", |t| t.delete(&uri("./Vendor")));
    attack("rename it", |t| t.replace_property(&uri("./DMAcc/a"), Property::Name, "z"));
    attack("rename a part", |t| {
        t.replace_property(&uri("./DMAcc/a/Name"), Property::Name, "AppAddr")
    });
    attack("rename above", |t| t.replace_property(&uri("./Vendor/Sub"), Property::Name, "z"));
    attack("rename far above", |t| t.replace_property(&uri("./Vendor"), Property::Name, "z"));
    attack("set its ACL", |t| t.replace_property(&uri("./DMAcc/a"), Property::Acl, "Get=*"));
    attack("set the ACL of a part", |t| {
        t.replace_property(&uri("./DMAcc/a/AppAuth/1/AAuthData"), Property::Acl, "Get=*")
    });
    attack("set its Title", |t| t.replace_property(&uri("./DMAcc/a"), Property::Title, "x"));
    attack("copy over ServerID", |t| t.copy(&uri("./Vendor/Setting"), &uri("./DMAcc/a/ServerID")));
    attack("copy into it", |t| t.copy(&uri("./Vendor/Setting"), &uri("./DMAcc/a/AppAuth/2/X")));
    attack("read the pin by copy", |t| {
        t.copy(&uri("./DMAcc/a/AppAuth/1/AAuthData"), &uri("./Vendor/Stolen"))
    });
    attack("add a leaf", |t| t.add(uri("./DMAcc/a/AppAuth/2"), Node::text("x")));
    attack("add with parents", |t| t.add(uri("./DMAcc/a/P/Q/R"), Node::text("x")));
    attack("add a key", |t| {
        t.add_object(&uri("./DMAcc/a/AppAuth"), &object(&[inner("2", "").with(leaf("X", ""))]))
    });
    attack("add a key by Path", |t| {
        let key = dm_tnds::Node { path: Some("DMAcc/a/AppAuth".into()), ..inner("2", "") };
        t.add_object(&uri("."), &object(&[leaf("Fine", ""), key]))
    });
    attack("replace it by an object", |t| {
        t.replace_object(&uri("./DMAcc/a"), &object(&[account("", "srv.z")]))
    });
    attack("replace a part by an object", |t| {
        t.replace_object(&uri("./DMAcc/a/AppAuth"), &object(&[inner("", "")]))
    });
    attack("replace above by an object without it", |t| {
        t.replace_object(&uri("./DMAcc"), &object(&[inner("", "")]))
    });
    attack("replace far above by an object with another", |t| {
        let sub = inner("Sub", "").with(account("b", "srv.z"));
        t.replace_object(&uri("./Vendor"), &object(&[inner("", "").with(sub)]))
    });
    attack("replace above by a leaf", |t| {
        t.replace_object(&uri("./DMAcc"), &object(&[leaf("", "")]))
    });
    attack("make one", |t| t.add(uri("./Vendor/z"), Node::interior(DM_ACC)));
    attack("make one of another version", |t| {
        t.add(uri("./Vendor/z"), Node::interior("urn:oma:mo:oma-dm-dmacc:9.9"))
    });
    attack("make one as a leaf", |t| {
        t.add(uri("./Vendor/z"), Node { r#type: DM_ACC.into(), ..Node::text("") })
    });
    attack("make one in an object", |t| {
        t.add_object(&uri("./Vendor"), &object(&[inner("P", "").with(account("z", "srv.z"))]))
    });
    attack("make one through the Inbox", |t| {
        t.add_object(&Uri::inbox(), &object(&[account("z", "srv.z")]))
    });
    attack("make one by a plain delivery", |t| t.add(uri("./Inbox/z"), Node::interior(DM_ACC)));
    attack("make one inside another object of the Inbox", |t| {
        t.add_object(&Uri::inbox(), &object(&[inner("n", NAP).with(account("z", "srv.z"))]))
    });
    attack("make one by Type", |t| {
        t.replace_value(&uri("./Vendor/Setting"), b"", None, Some(DM_ACC))
    });
    attack("make one by replacing a sub-tree", |t| {
        t.replace_object(&uri("./Vendor/Group"), &object(&[account("", "srv.z")]))
    });
    attack("make one below a replaced sub-tree", |t| {
        let group = inner("", "").with(account("z", "srv.z"));
        t.replace_object(&uri("./Vendor/Group"), &object(&[group]))
    });
    all
}

#[test]
fn messages_do_not_touch_accounts() {
    let mut device = device(false, false);
    for (name, attack) in attacks() {
        let reason = device.fail(A, &attack);
        let wanted = match name {
            "read the pin by copy" => Reason::AccessType,
            _ if name.starts_with("make one") => Reason::AccountCreation,
            _ => Reason::AccountChange,
        };
        assert_eq!(reason, wanted, "{name}");
    }
}

/// What is said first when several rules are broken.
#[test]
fn accounts_come_before_rights_and_existence() {
    let mut device = Device::new();
    for at in ["./DMAcc/a/ServerID", "./DMAcc/a/None"] {
        let replace = |t: &mut Transaction<'_>| t.replace_value(&uri(at), b"", None, None);
        assert_eq!(device.fail(B, &replace), Reason::AccountChange, "{at}");
        let copy = |t: &mut Transaction<'_>| t.copy(&uri("./None"), &uri(at));
        assert_eq!(device.fail(B, &copy), Reason::AccountChange, "{at}");
        let object = object(&[inner("", "")]);
        let replace = |t: &mut Transaction<'_>| t.replace_object(&uri(at), &object);
        assert_eq!(device.fail(B, &replace), Reason::AccountChange, "{at}");
    }
    assert_eq!(device.fail(B, &|t| t.delete(&uri("./DMAcc/a"))), Reason::AccountChange);
    let add = |t: &mut Transaction<'_>| t.add(uri("./Vendor/Group"), Node::interior(DM_ACC));
    assert_eq!(device.fail(B, &add), Reason::AccountCreation);
}

#[test]
fn creation_is_not_change() {
    let mut device = device(true, false);
    for (name, attack) in attacks().into_iter().filter(|(name, _)| !name.starts_with("make")) {
        let reason = device.fail(A, &attack);
        let wanted =
            if name.starts_with("read") { Reason::AccessType } else { Reason::AccountChange };
        assert_eq!(reason, wanted, "{name}");
    }
    // Not even by an account inside an account.
    let nested = |t: &mut Transaction<'_>| t.add(uri("./DMAcc/a/z"), Node::interior(DM_ACC));
    assert_eq!(device.fail(A, &nested), Reason::AccountChange);
}

#[test]
fn change_is_not_creation() {
    let mut device = device(false, true);
    for (name, attack) in attacks() {
        let before = device.tree.clone();
        let result = device.run(A, &attack).map_err(|failure| failure.reason);
        match name {
            "read the pin by copy" => assert_eq!(result, Err(Reason::AccessType)),
            // Its object has a new account in the place of the one that goes.
            "replace far above by an object with another" => {
                assert_eq!(result, Err(Reason::AccountCreation));
            }
            "replace ServerID" => assert_eq!(result, Err(Reason::ServerId), "it became empty"),
            _ if name.starts_with("make") => assert_eq!(result, Err(Reason::AccountCreation)),
            _ => assert!(result.is_ok(), "{name}: {result:?}"),
        }
        device.tree = before;
    }
}

#[test]
fn allowed_changes_still_need_rights() {
    let mut device = device(true, true);
    let replace =
        |t: &mut Transaction<'_>| t.replace_value(&uri("./DMAcc/a/Name"), b"", None, None);
    assert_eq!(device.fail(B, &replace), Reason::Right);
    device.run(A, &replace).unwrap();
}

#[test]
fn an_account_is_made_in_one_transaction_step_by_step() {
    let mut device = device(true, false);
    let change =
        |t: &mut Transaction<'_>| t.replace_value(&uri("./DMAcc/z/ServerID"), "srv.y", None, None);
    device
        .run(A, &|t| {
            t.add(uri("./DMAcc/z"), Node::interior(DM_ACC))?;
            t.add(uri("./DMAcc/z/ServerID"), Node::text("srv.z"))?;
            change(t)?;
            t.replace_property(&uri("./DMAcc/z"), Property::Name, "y")?;
            t.replace_property(&uri("./DMAcc/y"), Property::Name, "z")
        })
        .unwrap();
    assert_eq!(device.text("./DMAcc/z/ServerID"), Some("srv.y"));
    // In the next message it is an account like any other.
    assert_eq!(device.fail(A, &change), Reason::AccountChange);
}

#[test]
fn a_rolled_back_account_opens_no_door() {
    let mut device = device(true, false);
    let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
    let savepoint = transaction.savepoint();
    transaction.add(uri("./DMAcc/z"), Node::interior(DM_ACC)).unwrap();
    transaction.rollback_to(savepoint);
    assert!(transaction.made.is_empty());
    transaction.add(uri("./DMAcc/z"), Node::interior(DM_ACC)).unwrap();
    let savepoint = transaction.savepoint();
    transaction.delete(&uri("./DMAcc/z")).unwrap();
    assert!(transaction.made.is_empty());
    transaction.rollback_to(savepoint);
    transaction.add(uri("./DMAcc/z/ServerID"), Node::text("srv.z")).unwrap();
}

#[test]
fn a_moved_account_opens_no_door() {
    // With change on and creation off, a freed name does not take a new account.
    let mut device = device(false, true);
    let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
    transaction.replace_property(&uri("./DMAcc/a"), Property::Name, "z").unwrap();
    transaction.delete(&uri("./DMAcc/z")).unwrap();
    let failure = transaction.add(uri("./DMAcc/z"), Node::interior(DM_ACC)).unwrap_err();
    assert_eq!(failure.reason, Reason::AccountCreation);
}

#[test]
fn one_server_id_has_one_account() {
    let mut device = device(true, true);
    let twin = object(&[account("z", B)]);
    assert_eq!(device.fail(A, &|t| t.add_object(&uri("./Vendor"), &twin)), Reason::ServerId);
    assert_eq!(device.fail(A, &|t| t.add_object(&Uri::inbox(), &twin)), Reason::ServerId);
    let two = object(&[account("y", "srv.z"), account("z", "srv.z")]);
    assert_eq!(device.fail(A, &|t| t.add_object(&Uri::inbox(), &two)), Reason::ServerId);
    for id in ["srv.b", "", "a b", "a+b", "*", "a=b"] {
        let reason =
            device.fail(A, &|t| t.replace_value(&uri("./DMAcc/a/ServerID"), id, None, None));
        assert_eq!(reason, Reason::ServerId, "{id}");
    }
    let copy = |t: &mut Transaction<'_>| {
        t.copy(&uri("./Vendor/Sub/b/ServerID"), &uri("./DMAcc/a/ServerID"))
    };
    assert_eq!(device.fail(A, &copy), Reason::ServerId);
    // A node becomes an account above a ServerID that is there already, or the leaf its name.
    device.run(A, &|t| t.add(uri("./Vendor/Group/ServerID"), Node::text(B))).unwrap();
    let above = object(&[inner("", DM_ACC).with(leaf("ServerID", B))]);
    let replace = |t: &mut Transaction<'_>| t.replace_object(&uri("./Vendor/Group"), &above);
    assert_eq!(device.fail(A, &replace), Reason::ServerId);
    let rename = |t: &mut Transaction<'_>| {
        t.delete(&uri("./DMAcc/a/ServerID")).unwrap();
        t.replace_value(&uri("./DMAcc/a/Name"), B, None, None).unwrap();
        let failure = t.replace_property(&uri("./DMAcc/a/Name"), Property::Name, "ServerID");
        assert_eq!(failure.unwrap_err().reason, Reason::ServerId);
        Ok(())
    };
    device.run(A, &rename).unwrap();
    // The same id at the same account, and one that no other has.
    device.run(A, &|t| t.add(uri("./DMAcc/a/ServerID"), Node::text("srv.new"))).unwrap();
}

#[test]
fn the_device_itself_may_do_all_this() {
    let mut device = device(false, false);
    for (name, attack) in attacks() {
        let mut transaction = Transaction::local(&mut device.tree, &device.rules);
        let result = attack(&mut transaction);
        assert!(result.is_ok(), "{name}: {result:?}");
    }
}

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
