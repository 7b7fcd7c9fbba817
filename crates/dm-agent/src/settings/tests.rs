use super::*;

fn config(text: &str) -> Config {
    let text = format!("device_id = \"d\"\nstate = \"s\"\n{text}");
    Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]).unwrap()
}

fn fault(text: &str) -> String {
    settings(&config(text)).unwrap_err().to_string()
}

#[test]
fn every_key_arrives() {
    let config = config(
        "groups = [\"urn:g\"]\nspelling = \"any\"\nfreshness = \"required\"\nui = \"yes\"\n\
         accounts = { srv = { policy = \"chain\" } }\n[danger]\nsha1 = true\n\
         [limits]\nmessage = \"9 B\"\ntree_depth = 2\ntree_nodes = 3\ntree_segment = 4\n\
         tree_uri = 5\ntree_value = \"6 B\"\ntree_octets = \"7 B\"\ntree_children = 8\n\
         [tree]\naccount_creation = true\npermanent = [\"./P\"]\nreference_leaves = [\"Via\"]\n\
         ext_known = [\"./X\"]\nsupported = [\"urn:mo:1.0\"]\naccess = { \"./A\" = [\"Get\", \"Copy\"] }\n\
         inbox = { \"urn:mo\" = \"./M\" }\n",
    );
    let Settings {
        device_id,
        groups,
        limits,
        spellings,
        freshness,
        ui,
        rules,
        trust,
        effects,
        accepts,
    } = settings(&config).unwrap();
    assert_eq!(trust, [("srv".to_owned(), TrustPolicy::Chain)].into());
    assert_eq!(effects, Effects::default(), "nothing follows messages");
    assert!(accepts.sha1());
    assert_eq!(spellings, Spellings::Any);
    assert_eq!((device_id.as_str(), groups), ("d", vec!["urn:g".to_owned()]));
    assert_eq!((limits.octets, freshness, ui), (9, Policy::Required, Ui::Yes));
    let tree = rules.limits;
    assert_eq!((tree.depth, tree.nodes, tree.segment_characters), (2, 3, 4));
    assert_eq!((tree.uri_characters, tree.octets_of_a_value), (5, 6));
    assert_eq!((tree.octets, tree.children), (7, 8));
    let uri = |text: &str| Uri::parse(text).unwrap();
    assert!(rules.account_creation && !rules.account_change);
    assert!(rules.permanent.contains(&uri("./P")) && rules.exec.is_empty());
    assert_eq!(rules.reference_leaves, ["PrefConRef", "ConRef", "Via"]);
    assert!(rules.ext_known.contains(&uri("./X")) && rules.supported.contains("urn:mo:1.0"));
    assert_eq!(rules.inbox["urn:mo"], uri("./M"));
    assert_eq!(rules.access[&uri("./A")], [AclCommand::Get].into_iter().collect());
}

#[test]
fn sha1_and_chains_are_for_those_who_ask() {
    let Settings { trust, accepts, .. } = settings(&config("")).unwrap();
    assert_eq!((trust.len(), accepts), (0, Accepts::LISTED));
    for wrong in ["[danger]\nsha2 = true", "[accounts.a]\npolicy = \"any\"", "danger = true"] {
        let text = format!("device_id = \"d\"\nstate = \"s\"\n{wrong}\n");
        assert!(Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]).is_err(), "{wrong}");
    }
}

#[test]
fn the_standard_objects_stay_whatever_is_configured() {
    let wider = config("[tree]\naccess = { \"./Inbox\" = [\"Get\", \"Replace\"] }\n");
    let rules = rules(&wider.tree).unwrap();
    for standard in ["./DevInfo", "./DMAcc", "./Inbox"] {
        assert!(rules.permanent.contains(&Uri::parse(standard).unwrap()), "{standard}");
    }
    let inbox = &rules.access[&Uri::parse("./Inbox").unwrap()];
    assert_eq!(*inbox, [AclCommand::Add].into_iter().collect());
}

#[test]
fn a_bad_uri_is_named_with_its_key() {
    for (text, key) in [
        ("permanent = [\"./A//B\"]", "permanent"),
        ("ext_known = [\"./A/\"]", "ext_known"),
        ("inbox = { \"urn:x\" = \"./a//\" }", "inbox"),
        ("access = { \"./a//\" = [\"Get\"] }", "access"),
    ] {
        let said = fault(&format!("[tree]\n{text}\n"));
        assert!(said.starts_with(&format!("tree.{key}: \"")), "{said}");
        assert!(said.ends_with("is not a node URI, like \"./Vendor/Setting\""), "{said}");
    }
}

#[test]
fn an_unknown_access_command_is_named() {
    for name in ["get", "Write", "*", ""] {
        let said = fault(&format!("[tree]\naccess = {{ \"./A\" = [\"Get\", \"{name}\"] }}\n"));
        assert!(said.contains(&format!("{name:?} is none of Add, Copy, Delete")), "{said}");
    }
}

#[test]
fn what_effects_follow_is_said_to_the_client_and_their_exec_nodes_take_exec() {
    let config = config(
        "[[effect]]\nname = \"a\"\non = [\"./NAP\", \"./Proxy\"]\nrun = [\"/a\"]\n\
         [[effect]]\nname = \"b\"\nexec = \"./Vendor/Reboot\"\nrun = [\"/b\"]\n\
         [[effect]]\nname = \"c\"\nsession = true\nrun = [\"/c\"]\n",
    );
    let Settings { effects, rules, .. } = settings(&config).unwrap();
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let expected =
        Effects { on: set(&["./NAP", "./Proxy"]), exec: set(&["./Vendor/Reboot"]), session: true };
    assert_eq!(effects, expected);
    assert_eq!(rules.exec, uris("exec", &["./Vendor/Reboot".into()]).unwrap());
}

#[test]
fn what_the_file_says_of_the_inbox_adds_to_the_defaults() {
    let rules = |text: &str| rules(&config(&format!("[tree]\n{text}")).tree).unwrap();
    let home = |rules: &Rules, name: &str| rules.inbox.get(name).map(ToString::to_string);
    let nap = "urn:oma:mo:oma-connmo-nap";
    let more = rules(
        "supported = [\"com.acme/1.0/Meter\"]\n\
         inbox = { \"com.acme/1.0/Meter\" = \"./Meters\", \"urn:oma:mo:oma-connmo-proxy\" = \"\" }\n",
    );
    assert_eq!(home(&more, "com.acme/Meter").as_deref(), Some("./Meters"));
    assert_eq!(home(&more, nap).as_deref(), Some("./NAP"));
    assert_eq!(home(&more, "urn:oma:mo:oma-dm-dmacc").as_deref(), Some("./DMAcc"));
    assert_eq!(home(&more, "urn:oma:mo:oma-connmo-proxy"), None, "taken away");
    assert!(more.supported.contains("com.acme/1.0/Meter"));
    for version in ["1.0", "1.1"] {
        assert!(
            more.supported.contains(&format!("urn:oma:mo:oma-dm-dmacc:{version}")),
            "{version}"
        );
    }
    let described = rules(&format!("standard_ddf = true\ninbox = {{ \"{nap}\" = \"\" }}\n"));
    assert_eq!(home(&described, nap), None, "nor is it where a description has it");
    assert!(home(&described, "urn:oma:mo:oma-dm-dmacc").is_some());
}

#[test]
fn a_node_takes_exec_where_an_effect_follows_and_nowhere_else() {
    let text = "device_id = \"d\"\nstate = \"s\"\n[tree]\nexec = [\"./E\"]\n";
    let fault = Config::parse("agent.toml".as_ref(), text, [("", ""); 0]).unwrap_err();
    assert!(fault.to_string().contains("unknown field `exec`"), "{fault}");
}
