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
