//! Each view writes what its description has, and reads back what it wrote.

use dm_lint::{Catalog, Options, Severity, Source, check_descriptions, check_object};
use dm_mo::{
    Account, AppAddr, AppAuth, Auth, Bearer, DevDetail, DevInfo, DmAcc, Ip, MoError, Nap,
    PinnedKey, Port, Proxy, Secret, VIEWS, Wlan,
};
use dm_tnds::ddf::Ddf;
use dm_tnds::{MgmtTree, Node};
use dm_tree::{Descriptions, Limits, Rules, Transaction, Tree, Uri};

fn ddf(text: &str) -> Ddf {
    let document = dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).expect("XML");
    Ddf::read(document.root()).expect("a description")
}

fn catalog() -> Catalog {
    let source = |view: &dm_mo::View| Source {
        name: view.file.into(),
        ddf: ddf(view.ddf),
        deviations: Vec::new(),
    };
    Catalog::new(VIEWS.iter().map(source).collect())
}

/// Rules with all the descriptions.
fn rules() -> Rules {
    let mut descriptions = Descriptions::default();
    for view in VIEWS {
        descriptions.add(&ddf(view.ddf), &[]).expect("no conflict");
    }
    Rules { descriptions, ..Rules::default() }
}

/// Nothing in the object is against its description, in two opinions; then the tree with it.
fn accepted(object: Node<'static>) -> Tree {
    let object = MgmtTree::new(vec![object]);
    let findings = check_object(&object, &catalog(), &Options::default());
    let bad: Vec<_> = findings.list.iter().filter(|it| it.severity != Severity::Note).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    stored(&object)
}

/// The tree of a device that has the descriptions.
fn stored(object: &MgmtTree<'_>) -> Tree {
    let (mut tree, rules) = (Tree::new(), rules());
    let mut transaction = Transaction::local(&mut tree, &rules);
    transaction.add_object(&Uri::root(), object).expect("an object");
    let _ = transaction.commit(None);
    tree
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).expect("a URI")
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn nap() -> Nap {
    Nap {
        nap_id: text("n"),
        name: text("Home"),
        addr: text("internet"),
        addr_type: text("APN"),
        ipv4: Some(Ip {
            auto_config: Some(false),
            local_addr: text("10.0.0.2"),
            mask: text("255.0.0.0"),
            gateway: text("10.0.0.1"),
            dns: (1..=12).map(|n| format!("10.0.0.{n}")).collect(),
        }),
        ipv6: Some(Ip { auto_config: Some(true), mask: text("64"), ..Ip::default() }),
        linger: Some(30),
        auth: Some(Auth {
            auth_type: text("PAP"),
            auth_name: text("u"),
            auth_secret: Some(Secret("s".into())),
            auth_entities: vec!["a".into(), "b".into()],
            spi: text("1"),
        }),
        bearer: Some(Bearer::Wlan(Wlan {
            ssid: "net".into(),
            hidden: Some(true),
            sec_mode: text("WPA2-PSK"),
            psk: Some(Secret("p".into())),
        })),
    }
}

#[test]
fn an_access_point_is_read_as_it_was_written() {
    let other = Bearer::Other("CDMA".into());
    let bearers = [Some(Bearer::Ps3gpp), Some(other), None, nap().bearer];
    let full = bearers.map(|bearer| Nap { bearer, ..nap() });
    for nap in full.into_iter().chain([Nap::default()]) {
        let tree = accepted(nap.to_tnds("N"));
        assert_eq!(Nap::read(&tree, &uri("./N")), Ok(nap.clone()));
        let found: Vec<_> = Nap::find_all(&tree).collect();
        assert_eq!(found, [(&uri("./N"), Ok(nap))]);
    }
}

#[test]
fn a_proxy_is_read_as_it_was_written() {
    let full = Proxy {
        proxy_id: text("p"),
        name: text("P"),
        addr_type: text("IPV4"),
        addr: text("10.0.0.1"),
        ports: vec![
            Port { port_nbr: 8080, services: vec!["http".into(), "https".into()] },
            Port { port_nbr: 1, services: vec![] },
        ],
        con_refs: vec!["./NAP/a".into(), "./NAP/b".into()],
        auth: Some(Auth { auth_type: text("BASIC"), auth_name: text("u"), ..Auth::default() }),
        proxy_type: text("HTTP"),
    };
    for proxy in [full, Proxy::default()] {
        assert_eq!(Proxy::read(&accepted(proxy.to_tnds("P")), &uri("./P")), Ok(proxy));
    }
}

#[test]
fn the_details_of_a_device_publish_the_limits_of_its_tree() {
    let limits =
        Limits { depth: 16, uri_characters: 255, segment_characters: 1 << 20, ..Limits::default() };
    let detail = DevDetail { oem: "o".into(), ..DevDetail::default() }.with_limits(&limits);
    let tree = accepted(detail.to_tnds());
    assert_eq!(tree.get(&uri("./DevDetail/URI/MaxTotLen")).unwrap().as_text(), Some("255"));
    assert_eq!(tree.get(&uri("./DevDetail/URI/MaxSegLen")).unwrap().as_text(), Some("0"));
    assert_eq!(DevDetail::read(&tree, &uri("./DevDetail")), Ok(detail));
}

#[test]
fn an_account_and_who_the_device_is_fit_their_descriptions() {
    let pins = [PinnedKey { name: "k".into(), der: vec![0, 1, 255] }];
    let tree = accepted(DmAcc::object("a", "srv.example", &pins));
    let found = DmAcc::find_all(&tree);
    assert_eq!((&*found[0].server_id, &found[0].pins[..]), ("srv.example", &pins[..]));
    let [dev_id, man, r#mod, dm_v, lang] = ["urn:x", "m", "n", "1.3", "en"].map(str::to_owned);
    let info = DevInfo { dev_id, man, r#mod, dm_v, lang };
    let tree = accepted(info.object());
    assert_eq!(tree.get(&uri("./DevInfo/DevId")).unwrap().as_text(), Some("urn:x"));
    assert_eq!(DevInfo::read(&tree, &uri("./DevInfo")), Ok(info));
}

#[test]
fn an_account_of_either_version_is_read_as_it_was_written() {
    let full = Account {
        server_id: "srv.example".into(),
        name: text("Operator"),
        pref_con_ref: text("./NAP/a"),
        con_refs: vec!["./NAP/a".into(), "./NAP/b".into()],
        app_addrs: vec![
            AppAddr {
                addr: "https://srv.example/dm".into(),
                addr_type: text("URI"),
                ports: vec![443, 8443],
            },
            AppAddr { addr: "192.0.2.1".into(), addr_type: text("IPv4"), ports: vec![] },
            AppAddr { addr: "srv.example".into(), ..AppAddr::default() },
        ],
        auth_pref: text("DIGEST"),
        app_auths: vec![
            AppAuth {
                level: "CLCRED".into(),
                r#type: "DIGEST".into(),
                name: text("u"),
                secret: Some(Secret("s".into())),
                data: Some(vec![0, 255]),
            },
            AppAuth { level: "SRVCRED".into(), r#type: "X509".into(), ..AppAuth::default() },
        ],
    };
    let empty = Account { server_id: "s".into(), ..Account::default() };
    for account in [full, empty] {
        let object = account.to_tnds("a");
        let mut of_1_3 = object.clone();
        let identifier = "urn:oma:mo:oma-dm-dmacc:1.1".into();
        of_1_3.rt_properties.as_mut().expect("a type").r#type =
            Some(dm_tnds::Type::DdfName(identifier));
        for tree in [accepted(object), stored(&MgmtTree::new(vec![of_1_3]))] {
            assert_eq!(Account::read(&tree, &uri("./a")), Ok(account.clone()));
            assert_eq!(DmAcc::find_all(&tree)[0].server_id, account.server_id);
        }
    }
}

/// What the view does not name is what the description has beside it.
#[test]
fn every_node_of_an_account_but_ext_is_in_its_view() {
    let full = Account {
        name: text("n"),
        pref_con_ref: text("p"),
        con_refs: vec!["c".into()],
        app_addrs: vec![AppAddr { ports: vec![1], ..AppAddr::default() }],
        auth_pref: text("a"),
        app_auths: vec![AppAuth {
            name: text("n"),
            secret: Some(Secret("s".into())),
            data: Some(vec![1]),
            ..AppAuth::default()
        }],
        ..Account::default()
    };
    fn count(node: &Node<'_>) -> usize {
        1 + node.nodes.iter().map(count).sum::<usize>()
    }
    let described = ddf(VIEWS[0].ddf).len();
    assert_eq!(count(&full.to_tnds("x")) + 1, described, "and Ext");
}

#[test]
fn what_is_wrong_is_said_with_its_node() {
    let read = |object: Node<'static>| {
        let (mut tree, rules) = (Tree::new(), Rules::default());
        let mut transaction = Transaction::local(&mut tree, &rules);
        transaction.add_object(&Uri::root(), &MgmtTree::new(vec![object])).unwrap();
        let _ = transaction.commit(None);
        Nap::read(&tree, &uri("./N")).unwrap_err()
    };
    let nap = || Nap::default().to_tnds("N");
    let linger = read(nap().with(Node::leaf("Linger", "long")));
    let wanted = "number of seconds";
    assert_eq!(linger, MoError::Value { uri: uri("./N/Linger"), wanted });
    let bearer = Node::interior("Bearer", "");
    assert_eq!(read(nap().with(bearer.clone())), MoError::Missing(uri("./N/Bearer/BearerType")));
    let wlan = bearer.with(Node::leaf("BearerType", "WLAN"));
    assert_eq!(read(nap().with(wlan)), MoError::Missing(uri("./N/BearerParams")));
    let name = Node::interior("Name", "");
    assert_eq!(read(nap().with(name)), MoError::Value { uri: uri("./N/Name"), wanted: "text" });
    let other = read(Node::interior("N", "urn:oma:mo:oma-connmo-proxy:1.0"));
    assert!(matches!(other, MoError::OtherObject { .. }), "{other}");
    assert_eq!(read(Node::interior("M", "")), MoError::Missing(uri("./N")));
}

#[test]
fn secrets_are_not_shown() {
    assert!(!format!("{:?}", nap()).contains("Secret(\"s\")"));
    assert!(format!("{:?}", nap().auth).contains("(secret)"));
}

#[test]
fn nothing_is_wrong_with_the_descriptions() {
    let findings = check_descriptions(&catalog(), &Options::default());
    assert!(findings.list.iter().all(|it| it.severity == Severity::Note), "{:#?}", findings.list);
}
