//! Files and environments, right and wrong.

use std::path::Path;
use std::time::Duration;

use super::*;

mod example;

const BASE: &str = "device_id = \"urn:imei:1\"\nstate = \"state\"\n";

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::parse(Path::new("agent.toml"), text, environment.iter().copied())
}

fn fault(text: &str) -> String {
    parse(text, &[]).unwrap_err().to_string()
}

fn listen_fault(keys: &str) -> String {
    fault(&format!("{BASE}[[listen]]\naddress = \"127.0.0.1:0\"\n{keys}"))
}

#[test]
fn defaults() {
    let config = parse(BASE, &[]).unwrap();
    assert_eq!(config.device_id, "urn:imei:1");
    assert_eq!((config.clock, config.freshness, config.ui), (true, Freshness::IfPresent, Ui::None));
    assert_eq!(config.spelling, Spelling::Interop);
    assert_eq!(config.limits.message, 1_048_576);
    assert_eq!(config.listen, []);
    assert_eq!(config.tree, TreePolicy::default());
    assert_eq!(config.tree.inbox["urn:oma:mo:oma-connmo-nap"], "./NAP");
    assert!(!config.tree.account_change && !config.tree.account_creation);
    assert_eq!(config.danger, super::Danger::default());
    assert!(!config.danger.sha1 && !config.danger.unbound_ciphertext && config.accounts.is_empty());
}

#[test]
fn a_device_may_take_all_spellings_but_the_shortest() {
    let spelling = |word: &str| parse(&format!("spelling = \"{word}\"\n{BASE}"), &[]);
    assert_eq!(spelling("compact").unwrap().spelling, Spelling::Compact);
    let said = spelling("shortest").unwrap_err().to_string();
    assert!(said.contains("`any`, `compact`, `interop`"), "{said}");
}

#[test]
fn every_key() {
    let text = r#"
        clock = false
        device_id = "urn:imei:1"
        freshness = "required"
        groups = ["urn:example:meters"]
        spelling = "any"
        state = "/tmp/state"
        ui = "no"

        [limits]
        body_timeout = "1 min"
        connections = 2
        header_timeout = "500 ms"
        burst = 9
        message = "32 KiB"
        queue = 3
        rate = "30/min"
        tree_children = 9
        tree_octets = "10 B"
        tree_depth = 4
        tree_nodes = 5
        tree_segment = 6
        tree_uri = 7
        tree_value = "8 B"

        [tree]
        access = { "./DevInfo" = ["Get"] }
        account_change = true
        account_creation = true
        ext_known = ["Vendor"]
        inbox = { "urn:x" = "./X" }
        permanent = ["./NAP"]
        reference_leaves = ["Via"]
        supported = ["urn:x:1.0"]

        [[spool]]
        folder = "/var/spool/marconigram"
        security = "owner"
        owners = [0, 1000]
        keep = true

        [[listen]]
        transport = "http"
        address = "[::1]:8080"
        path = "/dm"
        security = "none"
        danger_insecure = true

        [[listen]]
        transport = "udp"
        address = "127.0.0.1:2948"
        security = "source-list"
        from = ["127.0.0.1"]
    "#;
    let config = parse(text, &[]).unwrap();
    assert!(!config.clock);
    assert_eq!((config.freshness, config.ui), (Freshness::Required, Ui::No));
    assert_eq!(config.groups, ["urn:example:meters"]);
    assert_eq!(config.spelling, Spelling::Any);
    let limits = &config.limits;
    assert_eq!(limits.body_timeout, Duration::from_secs(60));
    assert_eq!(limits.header_timeout, Duration::from_millis(500));
    assert_eq!((limits.connections, limits.message, limits.queue), (2, 32_768, 3));
    assert_eq!(limits.rate, Some(Rate { interval: Duration::from_secs(2), burst: 9 }));
    let owner = SpoolSecurity::Owner(vec![0, 1000]);
    assert_eq!(
        config.spool,
        [Spool { folder: "/var/spool/marconigram".into(), keep: true, security: owner }]
    );
    let tree =
        TreeLimits { children: 9, depth: 4, nodes: 5, octets: 10, segment: 6, uri: 7, value: 8 };
    assert_eq!(limits.tree, tree);
    assert_eq!(config.tree.access["./DevInfo"], ["Get"]);
    assert!(config.tree.account_change && config.tree.account_creation);
    assert_eq!(config.tree.ext_known, ["Vendor"]);
    assert_eq!(config.tree.inbox["urn:x"], "./X");
    assert_eq!(config.tree.inbox.len(), TreePolicy::default().inbox.len() + 1);
    assert_eq!(config.tree.permanent, ["./NAP"]);
    assert_eq!(config.tree.reference_leaves.last().map(String::as_str), Some("Via"));
    let supported = TreePolicy::default().supported.into_iter().chain(["urn:x:1.0".to_owned()]);
    assert_eq!(config.tree.supported, supported.collect::<Vec<_>>());
    assert_eq!(config.listen[0].endpoint, Endpoint::Http { path: "/dm".into() });
    assert_eq!(config.listen[0].security, Security::DangerInsecure(None));
    assert_eq!(config.listen[1].endpoint, Endpoint::Udp);
    assert!(config.listen[1].security.sources().unwrap().contains([127, 0, 0, 1].into()));
}

#[test]
fn an_unknown_key_is_found_by_line_and_column() {
    let text = format!("{BASE}colour = 1\n");
    assert!(fault(&text).starts_with("agent.toml:3:1: unknown field `colour`, expected one of"));
    let text = format!("{BASE}\n[tree]\n  acount_change = true\n");
    assert!(fault(&text).starts_with("agent.toml:5:3: unknown field `acount_change`"));
    let fault = listen_fault("transport = \"udp\"\n  form = []\nsecurity = \"none\"\n");
    assert!(fault.starts_with("agent.toml:6:3: unknown field `form`"), "{fault}");
}

#[test]
fn a_wrong_value_names_its_key() {
    let text = format!("{BASE}[limits]\nmessage = \"2 MiB\"\n");
    assert_eq!(
        fault(&text),
        "agent.toml:4:11: a message limit lies between \"1 B\" and \"1 MiB\" (in `limits.message`)"
    );
    let text = format!("{BASE}[limits]\nheader_timeout = 30\n");
    assert!(fault(&text).starts_with("agent.toml:4:18: `30` is not a duration with its unit"));
    for rate in ["10", "0/s", "ten/s", "10/fortnight"] {
        let said = fault(&format!("{BASE}[limits]\nrate = \"{rate}\"\n"));
        let start =
            format!("agent.toml:4:8: `{rate}` is not a number of messages in a unit of time");
        assert!(said.starts_with(&start), "{said}");
    }
    let text = format!("{BASE}[limits]\nqueue = 0\n");
    assert!(fault(&text).starts_with("agent.toml:4:9: 0 is out of range"), "{}", fault(&text));
    let text = format!("{BASE}freshness = \"maybe\"\n");
    assert!(fault(&text).contains("expected one of `if-present`, `off`, `required`"));
    let text = format!("{BASE}groups = [\"meters\"]\n");
    assert!(fault(&text).starts_with("agent.toml:3:10: `meters` is no group id"));
}

#[test]
fn what_is_not_toml_is_found_by_line_and_column() {
    assert!(fault("device_id = \"é\" x\n").starts_with("agent.toml:1:17: "));
}

#[test]
fn a_missing_key_is_named_with_an_example() {
    assert!(fault("state = \"s\"").ends_with("for instance device_id = \"urn:imei:...\""));
    assert!(fault("device_id = \"d\"").starts_with("agent.toml: `state` is missing"));
    assert!(
        fault("device_id = \"\"\nstate = \"s\"").starts_with("agent.toml:1:13: the id is empty")
    );
}

#[test]
fn a_listener_must_name_its_security() {
    for (keys, said) in [
        (
            "",
            "`security` is missing; a transport must have its own security (R16, [Sessionless §5.3])",
        ),
        (
            "security = \"ipsec\"",
            "security = \"ipsec\" is not supported; a transport must have its own",
        ),
        ("security = \"none\"", "leaves a transport without the security that it must have (R16"),
        ("security = \"source-list\"", "write from = [\"ADDRESS\"]"),
        ("security = \"source-list\"\nfrom = []", "write from = [\"ADDRESS\"]"),
        ("security = \"source-list\"\nfrom = [\"::1\"]\ndanger_insecure = true", "remove it, or"),
        ("danger_insecure = true", "`security` is missing"),
    ] {
        let fault = listen_fault(&format!("transport = \"udp\"\n{keys}\n"));
        assert!(fault.starts_with("agent.toml:3:1: ") && fault.contains(said), "{keys}: {fault}");
    }
}

#[test]
fn a_path_belongs_to_http() {
    let secure = "security = \"source-list\"\nfrom = [\"::1\"]\n";
    let fault = listen_fault(&format!("transport = \"udp\"\npath = \"/push\"\n{secure}"));
    assert!(fault.contains("udp has no `path`; remove it"), "{fault}");
    for path in ["push", "/a b", "/a?b", ""] {
        let fault = listen_fault(&format!("transport = \"http\"\npath = \"{path}\"\n{secure}"));
        assert!(fault.contains("write \"/push\""), "{fault}");
    }
}

#[test]
fn a_bad_source_is_named() {
    let keys = "transport = \"udp\"\nsecurity = \"source-list\"\nfrom = [\"localhost\"]";
    let fault = listen_fault(keys);
    assert!(fault.contains("`localhost` is no source") && fault.contains(":7:8"), "{fault}");
}

#[test]
fn the_environment_goes_over_the_file() {
    let text = format!("{BASE}clock = true\n[limits]\nqueue = 4\nmessage = \"9 B\"\n");
    let environment = [
        ("MARCONIGRAM_CLOCK", "false"),
        ("MARCONIGRAM_DEVICE_ID", "12345"),
        ("MARCONIGRAM_GROUPS", "[\"urn:a\", \"urn:b\"]"),
        ("MARCONIGRAM_LIMITS__QUEUE", "7"),
        ("MARCONIGRAM_TREE__INBOX", "{ \"urn:x\" = \"./X\" }"),
        ("PATH", "/bin"),
    ];
    let config = parse(&text, &environment).unwrap();
    assert_eq!((config.clock, config.device_id.as_str()), (false, "12345"));
    assert_eq!(config.groups, ["urn:a", "urn:b"]);
    assert_eq!((config.limits.queue, config.limits.message), (7, 9));
    assert_eq!(config.tree.inbox["urn:x"], "./X");
}

#[test]
fn the_environment_can_give_what_the_file_lacks() {
    let environment = [("MARCONIGRAM_DEVICE_ID", "d"), ("MARCONIGRAM_STATE", "/s")];
    assert_eq!(parse("", &environment).unwrap().state, Path::new("/s"));
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, value, said) in [
        ("MARCONIGRAM_LIMITS__QUEUE", "0", "0 is out of range"),
        ("MARCONIGRAM_LIMITS__MESSAGE", "2 MiB", "between \"1 B\" and \"1 MiB\""),
        ("MARCONIGRAM_CLOCK", "yes", "expected a boolean"),
        ("MARCONIGRAM_COLOUR", "red", "unknown field `colour`"),
        ("MARCONIGRAM_TREE__COLOUR", "1\nclock = true", "unknown field `colour`"),
    ] {
        let error = parse(BASE, &[(name, value)]).unwrap_err().to_string();
        assert!(error.starts_with(name) && error.contains(said), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.toml");
    let error = Config::load(&path, [("", ""); 0]).unwrap_err();
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    std::fs::write(&path, BASE).unwrap();
    assert_eq!(Config::load(&path, [("", ""); 0]).unwrap().device_id, "urn:imei:1");
}

/// Sections of the example that are commented out.
const SECTIONS: [&str; 5] =
    ["[bootstrap]", "[danger]", "[device_keys]", "[tree.inbox]", "[tree.policy]"];

#[test]
fn keys_in_tokens_are_named_by_uris() {
    let with = |uri: &str| {
        parse(&format!("{BASE}[device_keys]\ntokens = [{{ name = \"d1\", uri = {uri:?} }}]\n"), &[])
    };
    let config = with("pkcs11:token=device;object=d1?pin-source=file:/pin").unwrap();
    let [key] = &config.device_keys.tokens[..] else { panic!("{config:?}") };
    assert_eq!(
        (&key.name[..], key.uri.to_string()),
        ("d1", "pkcs11:token=device;object=d1".into())
    );
    let refused = with("pkcs11:token=a?pin-value=4711").unwrap_err().to_string();
    assert!(
        refused.contains("pin-source=file:") && refused.contains("has the PIN in it"),
        "{refused}"
    );
    let refused = with("file:/key.pem").unwrap_err().to_string();
    assert!(refused.contains("begins with pkcs11:"), "{refused}");
}

#[test]
fn the_example_shows_the_defaults() {
    let example = include_str!("../../example.toml");
    let written = parse(example, &[]).unwrap();
    assert_eq!(written.listen.len(), 2);

    // With every default written out, nothing changes.
    let setting = |line: &str| line.contains(" = ") && !line.contains("MARCONIGRAM");
    let shown = example.lines().map(|line| match line.strip_prefix("# ") {
        Some(hidden) if setting(line) || SECTIONS.contains(&hidden) => hidden,
        _ => line,
    });
    let shown: String = shown
        .filter(|line| !line.starts_with("\"source-list\""))
        .fold(String::new(), |text, line| text + line + "\n");
    assert!(shown.matches("\nqueue = 16").count() == 1, "{shown}");
    assert_eq!(parse(&shown, &[]).unwrap(), written);

    // What has no default is shown in lines of its own kind.
    let all: String = example
        .lines()
        .fold(String::new(), |text, line| text + line.strip_prefix("#: ").unwrap_or(line) + "\n");
    let all = parse(&all, &[]).unwrap();
    assert_eq!(all.limits.rate.map(|rate| rate.burst), Some(50));
    assert_eq!((all.listen.len(), all.mqtt.len(), all.poll.len(), all.spool.len()), (3, 1, 1, 1));
    let security: Vec<_> = all.listen.iter().map(|listen| listen.security.name()).collect();
    assert_eq!(security, ["source-list", "source-list", "client-certificate"]);
}

#[test]
fn r16_a_spool_folder_names_its_security() {
    let spool = |keys: &str| fault(&format!("{BASE}[[spool]]\nfolder = \"/spool\"\n{keys}"));
    for (keys, words) in [
        ("", "`security` is missing"),
        ("security = \"owner\"\n", "needs the users"),
        ("security = \"none\"\n", "danger_insecure = true"),
        ("security = \"source-list\"\n", "is not supported for a folder"),
        ("security = \"owner\"\nowners = [0]\ndanger_insecure = true\n", "remove it"),
        ("security = \"none\"\nowners = [0]\ndanger_insecure = true\n", "remove it"),
    ] {
        let said = spool(keys);
        assert!(said.starts_with("agent.toml:3:1: ") && said.contains(words), "{words}: {said}");
    }
    let said = fault(&format!("{BASE}[[spool]]\nfolder = \"spool\"\n"));
    assert!(said.contains("no whole path"), "{said}");
}

#[test]
fn r16_tls_names_its_files_and_stands_alone() {
    let http = |keys: &str| listen_fault(&format!("transport = \"http\"\n{keys}"));
    let files = "certificate = \"c\"\nkey = \"k\"\n";
    for (keys, words) in [
        ("security = \"tls\"\n".to_owned(), "write certificate = "),
        ("security = \"tls\"\nkey = \"k\"\n".to_owned(), "write certificate = "),
        (format!("security = \"client-certificate\"\n{files}"), "write client_ca = "),
        (format!("security = \"tls\"\n{files}client_ca = \"a\"\n"), "are of security = \"client-"),
        (
            format!("security = \"tls\"\n{files}client_names = [\"a\"]\n"),
            "are of security = \"client-",
        ),
        (format!("security = \"source-list\"\nfrom = [\"::1\"]\n{files}"), "are of TLS"),
        (format!("security = \"tls\"\n{files}danger_insecure = true\n"), "remove it"),
        (
            format!(
                "security = \"client-certificate\"\nclient_ca = \"a\"\nclient_names = [\"-\"]\n{files}"
            ),
            "`-` of `client_names`",
        ),
    ] {
        let said = http(&keys);
        assert!(said.starts_with("agent.toml:3:1: ") && said.contains(words), "{words}: {said}");
    }
    let said = listen_fault(&format!("transport = \"udp\"\nsecurity = \"tls\"\n{files}"));
    assert!(said.contains("udp has no TLS"), "{said}");
}

#[test]
fn r16_a_server_to_fetch_from_names_its_security() {
    let tls = "url = \"https://a/\"\nsecurity = \"tls\"\n";
    for (keys, words) in [
        ("", "`url` is missing"),
        ("url = \"https://a/\"\n", "`security` is missing"),
        ("url = \"ftp://a/\"\n", "no URL of this transport"),
        ("url = \"https://me:secret@a/\"\n", "without user and password"),
        ("url = \"https://a/\"\nsecurity = \"none\"\n", "leaves a transport without"),
        ("url = \"https://a/\"\nsecurity = \"none\"\ndanger_insecure = true\n", "without TLS"),
        ("url = \"http://a/\"\nsecurity = \"tls\"\n", "write https://"),
        ("url = \"https://a/\"\nsecurity = \"source-list\"\n", "is not supported here"),
        (tls, "write ca = "),
        (&format!("{tls}ca = \"c\"\ndanger_insecure = true\n"), "remove it"),
        (&format!("{tls}ca = \"c\"\nkey = \"k\"\n"), "takes both"),
        (&format!("{tls}ca = \"c\"\nkey = \"k\"\ncertificate = \"c\"\n"), "write that, or remove"),
        (&format!("{tls}ca = \"c\"\nuser = \"u\"\n"), "`password_file`"),
        (&format!("{tls}ca = \"c\"\ncolour = 1\n"), "unknown field `colour`"),
    ] {
        let said = fault(&format!("{BASE}[[poll]]\n{keys}"));
        assert!(said.starts_with("agent.toml:3:1: ") && said.contains(words), "{words}: {said}");
    }
    let mqtt = "url = \"mqtts://a\"\nsecurity = \"tls\"\nca = \"c\"\nclient_id = \"d\"\n";
    for (keys, words) in [
        (format!("{mqtt}topics = []\n"), "write topics = "),
        (format!("{mqtt}topics = [\"t\"]\nbearer_file = \"b\"\n"), "no `bearer_file`"),
        (format!("{}topics = [\"t\"]\n", mqtt.replace("\"d\"", "\"\"")), "`client_id` has"),
    ] {
        let said = fault(&format!("{BASE}[[mqtt]]\n{keys}"));
        assert!(said.starts_with("agent.toml:3:1: ") && said.contains(words), "{words}: {said}");
    }
    let config = parse(&format!("{BASE}[[mqtt]]\n{mqtt}topics = [\"t\"]\n"), &[]).unwrap();
    let server = &config.mqtt[0].server;
    assert_eq!((server.host.as_str(), server.port, server.security()), ("a", 8883, "tls"));
    assert!(config.receives() && !parse(BASE, &[]).unwrap().receives());
}
