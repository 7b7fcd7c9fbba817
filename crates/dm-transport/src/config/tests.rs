use std::time::Duration;

use super::*;
use crate::Limits;

fn parse(text: &str) -> Result<Routes, RoutesError> {
    Routes::parse("r.toml".as_ref(), text)
}

fn said(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

#[test]
fn a_fault_is_told_with_its_place_and_what_to_write() {
    for (text, wanted) in [
        ("[[route]]\nname = \"a\"\nfax = {}", "r.toml:3:1: unknown field `fax`"),
        ("[[route]]\nname = \"a\"", "r.toml: route \"a\": it has no transport: write one of"),
        (
            "[[route]]\nname = \"a\"\nudp = {}\nhttp = {}",
            "r.toml: route \"a\": it has several transports",
        ),
        ("[[route]]\nname = \"a b\"\nudp = {}", "r.toml: route \"a b\": its name is"),
        (
            "[[route]]\nname = \"a\"\nhttp = {}\n[[route]]\nname = \"a\"\nhttp = {}",
            "r.toml: route \"a\": the name is taken",
        ),
        (
            "[[route]]\nname = \"a\"\nhttp = {}\nlimits = { messages = \"9\" }",
            "r.toml:4:23: `9` is not a number of messages in a unit of time",
        ),
        (
            "[[route]]\nname = \"a\"\nhttp = {}\nlimits = { window = 0 }",
            "r.toml:4:21: 0 is out of range",
        ),
        (
            "[[route]]\nname = \"a\"\npap = { url = \"https://g/\" }\nnotifications = { address = \"127.0.0.1:0\" }",
            "r.toml: route \"a\": anybody could say that a message arrived [R16]",
        ),
        (
            "[[route]]\nname = \"a\"\nhttp = {}\nnotifications = { address = \"127.0.0.1:0\" }",
            "r.toml: route \"a\": `notifications` are of `pap` alone",
        ),
    ] {
        let said = said(text);
        assert!(said.starts_with(wanted), "{said}");
    }
}

#[test]
fn a_password_that_is_written_where_it_does_not_belong_is_not_repeated() {
    let pap = "[[route]]\nname = \"a\"\n[route.pap]\nuser = \"u\"\n";
    let written = said(&format!("{pap}url = \"https://g/\"\npassword = \"hunter2\""));
    assert!(written.contains("r.toml:6:12: a secret is written by reference: "), "{written}");
    assert!(!written.contains("hunter2"), "{written}");
    let url = crate::PapConfig::new("https://me:hunter2@ppg.example/");
    let (tell, _told) = mpsc::channel(1);
    let ledger = Arc::new(crate::MemoryLedger::new(1));
    let error = PapRoute::new(&url, Teller::new("a", tell), ledger).err().expect("credentials");
    let shown = error.to_string();
    assert!(shown.contains("https://me:...@ppg.example/"), "{shown}");
}

#[test]
fn r16_a_route_without_protection_is_refused_unless_its_owner_says_so() {
    let smpp = "[[route]]\nname = \"a\"\nsmpp = { centre = \"c\", system_id = \"s\" }";
    let pap = "[[route]]\nname = \"a\"\npap = { url = \"http://ppg.example/pap\" }";
    let udp = "[[route]]\nname = \"a\"\nudp = {}";
    for text in [smpp, pap, udp] {
        assert!(said(text).contains("nothing protects the way [R16]"), "{text}");
        parse(&format!("{text}\ndanger_unprotected = true")).expect(text);
    }
    let smpp = "[[route]]\nname = \"a\"\nsmpp = { centre = \"c\", system_id = \"s\", tls = {} }";
    let pap = "[[route]]\nname = \"a\"\npap = { url = \"https://ppg.example/pap\" }";
    for text in [smpp, pap] {
        parse(text).expect(text);
        assert!(said(&format!("{text}\ndanger_unprotected = true")).contains("leave it out"));
    }
}

#[test]
fn r16_what_a_push_proves_protects_routes_whose_way_is_not_and_is_named_beside_tls() {
    let sec_mac = "sec_mac = { sec = \"netwpin\", netwpin = { file = \"f\" } }";
    let smpp = "smpp = { centre = \"c\", system_id = \"s\"";
    let files = "certificate = \"c\", key = \"k\"";
    for (route, wanted) in [
        (format!("{smpp}, {sec_mac} }}"), "SEC/MAC, NETWPIN"),
        (format!("{smpp}, {sec_mac}, tls = {{}} }}"), "TLS; SEC/MAC, NETWPIN"),
        (format!("{smpp}, {sec_mac}, tls = {{ {files} }} }}"), "mutual TLS; SEC/MAC, NETWPIN"),
        (format!("{smpp}, tls = {{ {files} }} }}"), "mutual TLS"),
        (format!("pap = {{ url = \"http://p/pap\", {sec_mac} }}"), "SEC/MAC, NETWPIN"),
        (format!("pap = {{ url = \"https://p/pap\", {sec_mac} }}"), "TLS; SEC/MAC, NETWPIN"),
        ("pap = { url = \"https://p/pap\" }".to_owned(), "TLS"),
        (format!("udp = {{ {sec_mac} }}"), "SEC/MAC, NETWPIN"),
    ] {
        let routes = parse(&format!("[[route]]\nname = \"a\"\n{route}")).expect(&route);
        assert_eq!(routes.0[0].security(), Security::Mechanism(wanted), "{route}");
    }
}

#[test]
fn limits_are_read_with_their_units() {
    let text = "[[route]]\nname = \"a\"\nhttp = {}\n[route.limits]\nmessages = \"100/s\"\n\
                segments = \"30/min\"\nburst = 7\nwindow = 9\nfailures = 2\nwait = \"2 s\"";
    let limits = parse(text).expect("routes").0[0].limits.limits();
    let seconds = Duration::from_secs;
    let wanted = Limits {
        messages: Some(Duration::from_millis(10)),
        segments: Some(seconds(2)),
        burst: 7,
        window: 9,
        failures: 2,
        waits: (seconds(2), seconds(300)),
    };
    assert_eq!(limits, wanted);
}

#[tokio::test]
async fn what_a_message_costs_is_known_before_it_is_sent() {
    let text = "[[route]]\nname = \"sms\"\ndanger_unprotected = true\ncost = { segment = \"0.04 EUR\" }\n\
                smpp = { centre = \"127.0.0.1:9\", system_id = \"s\" }\n\
                [[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}";
    let ledger: Arc<dyn Ledger> = Arc::new(crate::MemoryLedger::new(1));
    let (tell, _told) = mpsc::channel(1);
    let open = parse(text).expect("routes").open(&tell, &ledger).await.expect("open");
    let plan = |route: usize, to: &str| {
        let outgoing = crate::Outgoing {
            id: crate::PushId::new("one").expect("an id"),
            octets: vec![2; 300].into(),
            to: to.parse().expect("an address"),
            deadline: tokio::time::Instant::now() + Duration::from_secs(1),
            valid_until: None,
        };
        open.routes[route].plan(&outgoing).expect("a plan")
    };
    let sms = plan(0, "tel:+358401234567");
    assert_eq!((sms.segments, sms.cost), (3, Some("0.12 EUR".parse().expect("a cost"))));
    assert_eq!(plan(1, "udp://127.0.0.1").cost, None);
    let said = said("[[route]]\nname = \"a\"\nhttp = {}\ncost = { segment = \"4 cents\" }");
    assert!(said.starts_with("r.toml:4:20: `4 cents`: write an amount"), "{said}");
}

#[tokio::test]
async fn a_route_for_https_refuses_http_before_anything_leaves() {
    let routes = parse("[[route]]\nname = \"web\"\nhttp = {}").expect("routes");
    let ledger: Arc<dyn Ledger> = Arc::new(crate::MemoryLedger::new(1));
    let (tell, _told) = mpsc::channel(1);
    let open = routes.open(&tell, &ledger).await.expect("open");
    let outgoing = |to: &str| crate::Outgoing {
        id: crate::PushId::new("one").expect("an id"),
        octets: vec![2].into(),
        to: to.parse().expect("an address"),
        deadline: tokio::time::Instant::now() + Duration::from_secs(1),
        valid_until: None,
    };
    let error =
        open.routes[0].send(&outgoing("http://127.0.0.1:9/push")).await.expect_err("refused");
    assert!(matches!(&error, crate::SendError::Unprotected { .. }), "{error}");
    assert!(open.routes[0].plan(&outgoing("https://127.0.0.1:9/push")).is_ok());
    let Err(error) = routes.only(&["fax".to_owned()]) else { panic!("no such route") };
    assert_eq!(error.to_string(), "there is no route \"fax\"; there are: web");
}
