use alloc::vec;

use proptest::prelude::*;

use super::*;

#[test]
fn a_dropped_or_aborted_transaction_leaves_nothing() {
    let mut device = Device::new();
    let before = device.tree.clone();
    for abort in [false, true] {
        let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
        transaction.delete(&uri("./Vendor/Group")).unwrap();
        transaction.add(uri("./Vendor/New"), Node::text("")).unwrap();
        assert_ne!(transaction.tree(), &before);
        if abort {
            transaction.abort();
        } else {
            drop(transaction);
        }
        assert_eq!(device.tree, before);
    }
}

#[test]
fn only_real_differences_are_changes() {
    let mut device = Device::new();
    let before = device.tree.clone();
    let changes = device
        .run(A, &|t| {
            t.replace_value(&uri("./Vendor/Setting"), "new", None, None)?;
            t.replace_value(&uri("./Vendor/Setting"), "old", None, None)?;
            t.replace_value(&uri("./Vendor/Group/One"), "1", None, None)?;
            t.delete(&uri("./Vendor/Group/Two"))?;
            t.add(uri("./Vendor/Group/Two"), Node::text("2"))?;
            t.add(uri("./Vendor/New"), Node::text(""))?;
            t.delete(&uri("./Vendor/New"))?;
            t.replace_property(&uri("./Vendor/Group"), Property::Name, "Team")?;
            t.replace_property(&uri("./Vendor/Team"), Property::Name, "Group")
        })
        .unwrap();
    assert!(changes.is_empty(), "{changes:?}");
    assert_eq!(device.tree, before);
}

#[test]
fn changes_are_counted_and_stamped() {
    let mut device = Device::new();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    let node = Node { ver_no: u16::MAX, t_stamp: Some(1), ..Node::text("x") };
    transaction.add(uri("./Vendor/X"), node).unwrap();
    let _ = transaction.commit(Some(2));
    let replace = |device: &mut Device, text: &str, now| {
        let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
        transaction.replace_value(&uri("./Vendor/X"), text, None, None).unwrap();
        transaction.replace_value(&uri("./Vendor/X"), text, None, None).unwrap();
        let changes = transaction.commit(now);
        let node = device.tree.get(&uri("./Vendor/X")).unwrap();
        assert_eq!(changes.get(&uri("./Vendor/X")).and_then(|c| c.after.as_ref()), Some(node));
        (node.ver_no, node.t_stamp)
    };
    assert_eq!(replace(&mut device, "1", Some(7)), (0, Some(7)));
    let rename = |t: &mut Transaction<'_>| {
        t.replace_property(&uri("./Vendor/Group"), Property::Name, "Team")
    };
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    let node = Node { t_stamp: Some(3), ..Node::text("x") };
    transaction.add(uri("./Vendor/Group/X"), node).unwrap();
    let _ = transaction.commit(Some(4));
    device.run(A, &rename).unwrap();
    let t_stamp = |at| device.tree.get(&uri(at)).unwrap().t_stamp;
    assert_eq!(t_stamp("./Vendor/Team"), Some(NOW));
    assert_eq!(t_stamp("./Vendor/Team/X"), Some(3), "it moved, but is what it was");
    // Without a clock no time is better than an old one.
    assert_eq!(replace(&mut device, "2", None), (1, None));
}

#[test]
fn committed_changes_can_be_taken_back() {
    let mut device = Device::new();
    let before = device.tree.clone();
    let changes = device
        .run(A, &|t| {
            t.delete(&uri("./Vendor/Group"))?;
            t.add(uri("./Vendor/P/Q"), Node::text(""))?;
            t.replace_property(&uri("./Vendor/Other"), Property::Acl, "")
        })
        .unwrap();
    assert_eq!(changes.len(), 6);
    device.tree.revert(&changes);
    assert_eq!(device.tree, before);
}

#[test]
fn a_stale_savepoint_does_nothing() {
    let mut device = Device::new();
    let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
    let early = transaction.savepoint();
    transaction.add(uri("./Vendor/X"), Node::text("")).unwrap();
    let late = transaction.savepoint();
    transaction.rollback_to(early);
    transaction.rollback_to(late);
    assert!(!transaction.tree().contains(&uri("./Vendor/X")));
}

/// One random command; most of them fail, some of them in the middle.
fn command() -> impl Strategy<Value = (u8, usize, usize, usize)> {
    (0..10u8, 0..48usize, 0..48usize, 0..6usize)
}

fn run(
    transaction: &mut Transaction<'_>,
    (kind, first, second, third): (u8, usize, usize, usize),
) -> Result<(), Failure> {
    let nodes: Vec<Uri> = transaction.tree().iter().map(|(at, _)| at.clone()).collect();
    let names = ["Setting", "Group", "ServerID", "AppAuth", "X", "Inbox"];
    let name = names[third];
    let some = |n: usize| match n % 3 {
        0 => nodes[n % nodes.len()].join(name).unwrap(),
        _ => nodes[n % nodes.len()].clone(),
    };
    let types = ["", NAP, DM_ACC, PROXY, "urn:oma:mo:oma-widget:1.2", ""];
    let (at, other) = (some(first), some(second));
    let tree = || {
        let root = inner(["", "Home", "z"][second % 3], types[third]);
        object(&[root.with(leaf("ServerID", "srv.z")).with(leaf("ConRef", "./Inbox/z"))])
    };
    match kind {
        0 => transaction.add(at, Node::text("1")),
        1 => transaction.add(at, Node::interior(types[third])),
        2 => transaction.replace_value(&at, "x", None, None),
        3 => transaction.delete(&at),
        4 => transaction.copy(&other, &at),
        5 => transaction.replace_property(&at, Property::Name, name),
        6 => transaction.replace_property(&at, Property::Acl, "Add=*&Get=*&Replace=*&Delete=*"),
        7 => transaction.add_object(&at, &tree()),
        8 => transaction.add_object(&Uri::inbox(), &tree()),
        _ => transaction.replace_object(&at, &tree()),
    }
}

/// Every node of every account.
fn accounts(tree: &Tree) -> Vec<(Uri, Node)> {
    let parts = tree.accounts().flat_map(|account| tree.subtree(account));
    parts.map(|(at, node)| (at.clone(), node.clone())).collect()
}

proptest! {
    #[test]
    fn rolling_back_restores_the_tree(
        first in prop::collection::vec(command(), 0..12),
        second in prop::collection::vec(command(), 0..12),
        open in any::<bool>(),
        local in any::<bool>(),
    ) {
        let mut device = Device::new();
        device.rules.account_creation = open;
        device.rules.account_change = open;
        let start = device.tree.clone();
        let mut transaction = if local {
            Transaction::local(&mut device.tree, &device.rules)
        } else {
            Transaction::begin(&mut device.tree, &device.rules, A)
        };
        for each in first {
            let before = transaction.tree().clone();
            if run(&mut transaction, each).is_err() {
                prop_assert_eq!(transaction.tree(), &before);
            }
        }
        let savepoint = transaction.savepoint();
        let (before, notes) = (transaction.tree().clone(), transaction.notes().to_vec());
        for each in second {
            let _ = run(&mut transaction, each);
        }
        transaction.rollback_to(savepoint);
        prop_assert_eq!(transaction.tree(), &before);
        prop_assert_eq!(transaction.notes(), notes);
        drop(transaction);
        prop_assert_eq!(device.tree, start);
    }

    #[test]
    fn whatever_happens_the_tree_is_one_and_accounts_stay(
        commands in prop::collection::vec(command(), 0..30),
        server in prop::sample::select(vec![A, B, C]),
    ) {
        let mut device = Device::new();
        let (start, accounts_before) = (device.tree.clone(), accounts(&device.tree));
        let mut transaction = Transaction::begin(&mut device.tree, &device.rules, server);
        for each in commands {
            let _ = run(&mut transaction, each);
        }
        let changes = transaction.commit(Some(NOW));
        prop_assert_eq!(accounts(&device.tree), accounts_before);
        let permanent = device.rules.permanent.iter().all(|at| device.tree.contains(at));
        prop_assert!(permanent);
        prop_assert_eq!(device.tree.subtree(&Uri::inbox()).count(), 1);
        let nodes = device.tree.iter().map(|(at, node)| (at.clone(), node.clone()));
        prop_assert_eq!(&Tree::from_nodes(nodes).unwrap(), &device.tree);
        let real = changes.iter().all(|change| match (&change.before, &change.after) {
            (Some(before), Some(after)) => !before.same_content(after),
            (before, after) => before.is_some() != after.is_some(),
        });
        prop_assert!(real);
        device.tree.revert(&changes);
        prop_assert_eq!(device.tree, start);
    }
}

#[test]
fn changes_are_told_in_the_order_of_their_uris_in_whatever_order_they_were_made() {
    // Far from any order, and forwards and backwards but for one.
    let shuffled = |number: usize| number * 7_919 % 1_009;
    let orders: [&dyn Fn(usize) -> usize; 4] =
        [&shuffled, &|number| number, &|number| 1_008 - number, &|number| (number + 1) % 1_009];
    for order in orders {
        let mut device = Device::new();
        let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
        for number in (0..1_009).map(order) {
            let uri = uri(&format!("./Vendor/Group/n{number:04}"));
            transaction.add(uri, Node::text("new")).unwrap();
        }
        let changes = transaction.commit(None);
        let uris: Vec<_> = changes.iter().map(|change| change.uri.clone()).collect();
        assert_eq!(uris.len(), 1_009);
        assert!(uris.is_sorted());
    }
}
