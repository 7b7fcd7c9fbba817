//! What a document does to what is there already, and to what the device says of itself.

use super::*;

/// Another network, which the server may change.
fn granted() -> Node<'static> {
    let mut nap = nap();
    nap.node_name = Some("Granted".into());
    nap.rt_properties.get_or_insert_default().acl = Some(format!("Replace={SERVER}").into());
    nap
}

#[test]
fn again_a_file_renews_the_account_of_its_server_and_a_push_does_not() {
    let device = Device::new("again = true");
    device.file(&wbxml(vec![nap(), account(SERVER), granted()])).unwrap();
    let other = Node { node_name: Some("other".into()), ..account("other.example") };
    device.file(&wbxml(vec![nap(), other])).unwrap();
    let before = device.tree();
    let pins = |tree: &Tree, at: usize| DmAcc::find_all(tree)[at].pins.clone();

    let mut fresh = account(SERVER);
    fresh.nodes.retain(|node| node.node_name.as_deref() != Some("PrefConRef"));
    fresh.nodes.push(Node::leaf("Name", "the new one"));
    let document = wbxml(vec![fresh]);
    let push = proven(Sec::NetwPin, &secrets(), &document);
    assert!(matches!(device.push(&push), Err(Refused::ServerId(id)) if id == SERVER));
    assert_eq!(device.tree(), before);

    let taken = device.file(&document).unwrap();
    assert_eq!(taken.server_ids, [SERVER]);
    assert_eq!(taken.notes, ["account replaced: ./DMAcc/a"]);
    let after = device.tree();
    assert_eq!(DmAcc::find_all(&after).len(), 2);
    assert_ne!(pins(&after, 0), pins(&before, 0));
    assert_eq!(device.text("./DMAcc/a/Name").as_deref(), Some("the new one"));
    assert_eq!(device.text("./DMAcc/a/PrefConRef"), None);
    let rest = |tree: &Tree| -> Vec<_> {
        let outside =
            |uri: &Uri| uri.as_str() != "./DMAcc/a" && !uri.as_str().starts_with("./DMAcc/a/");
        let nodes = tree.iter().filter(|(uri, _)| outside(uri));
        nodes.map(|(uri, node)| (uri.clone(), node.clone())).collect()
    };
    assert_eq!(rest(&after), rest(&before), "with the rights of the server");
    let journal = device.journal();
    let entry = journal.last().unwrap();
    assert_eq!((entry.verdict, entry.server_id.as_deref()), (Verdict::Accepted, Some(SERVER)));
    assert_eq!(entry.notes, taken.notes);
    let data = "./DMAcc/a/AppAuth/1/AAuthData";
    assert_eq!(entry.changed.iter().filter(|at| !at.starts_with("./DMAcc/a/")).count(), 0);
    assert!(entry.changed.iter().any(|at| at == data), "{:?}", entry.changed);

    // Nor does one that is no good leave the device without it.
    assert!(matches!(device.file(&wbxml(vec![unpinned(SERVER)])), Err(Refused::NoPin(_))));
    assert_eq!(device.tree(), after);
}

#[test]
fn dev_detail_of_a_document_is_that_of_a_new_device_and_else_noted() {
    let detail = || {
        let mut root = Node::interior("DevDetail", "urn:oma:mo:oma-dm-devdetail:1.0");
        root.nodes = vec![
            Node::leaf("FwV", "7.1"),
            Node::leaf("OEM", "Acme"),
            Node::interior("Ext", "").with(Node::leaf("Board", "b2")),
            Node::interior("URI", "").with(Node::leaf("MaxTotLen", "9999")),
        ];
        root
    };
    let device = Device::new("again = true");
    let taken = device.file(&wbxml(vec![detail(), nap(), account(SERVER)])).unwrap();
    for (name, wanted) in [
        ("FwV", "7.1"),
        ("OEM", "Acme"),
        ("Ext/Board", "b2"),
        ("HwV", "unknown"),
        ("URI/MaxTotLen", "255"),
    ] {
        let found = device.text(&format!("./DevDetail/{name}"));
        assert_eq!(found.as_deref(), Some(wanted), "{name}");
    }
    let own = "DevDetail/URI of the document left out: it is the device's own";
    assert_eq!(taken.notes.first().map(String::as_str), Some(own), "{:?}", taken.notes);

    let mut other = detail();
    other.nodes = vec![Node::leaf("FwV", "8")];
    let taken = device.file(&wbxml(vec![other, nap(), account("other.example")])).unwrap();
    assert_eq!(device.text("./DevDetail/FwV").as_deref(), Some("7.1"));
    let left_out = "DevDetail of the document left out: the device has one";
    assert!(taken.notes.iter().any(|note| note == left_out), "{:?}", taken.notes);
    assert_eq!(device.journal()[1].notes, taken.notes);

    let mut twice = detail();
    twice.nodes.push(Node::leaf("FwV", "8"));
    let refused = Device::new("").file(&wbxml(vec![twice, nap(), account(SERVER)])).unwrap_err();
    assert!(matches!(refused, Refused::Bootstrap(BootstrapError::Object(_))), "{refused:?}");
}
