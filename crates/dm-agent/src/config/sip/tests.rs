//! Registrars as they are written, right and wrong.

use super::*;
use crate::config::{Config, Credentials};

const AOR: &str = "aor = \"sip:device1@push.example\"\n";
const PLAIN: &str = "url = \"sip://h\"\nsecurity = \"none\"\ndanger_insecure = true\n";
const TLS: &str = "url = \"sips://h\"\nsecurity = \"tls\"\nca = \"ca.pem\"\n";

fn parse(keys: &str) -> Result<Sip, String> {
    let text = format!("device_id = \"d\"\nstate = \"s\"\n[[sip]]\n{keys}");
    let config = Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]);
    config.map(|mut config| config.sip.remove(0)).map_err(|error| error.to_string())
}

#[test]
fn defaults_are_filled_in() {
    let sip = parse(&format!("{TLS}{AOR}")).unwrap();
    assert_eq!((sip.transport, sip.server.port), (SipTransport::Tls, 5061));
    assert_eq!((sip.application.as_str(), sip.expires.as_secs()), ("syncml.dm", 3600));
    assert_eq!((sip.keep_alive, sip.identity, sip.security()), (None, SipIdentity::From, "tls"));
    assert!(sip.from.is_none() && sip.senders.is_empty());
    let sip = parse(&format!("{PLAIN}{AOR}")).unwrap();
    assert_eq!((sip.transport, sip.server.port, sip.security()), (SipTransport::Tcp, 5060, "none"));
}

#[test]
fn every_key_has_its_place() {
    let sip = parse(&format!(
        "url = \"sip://192.0.2.1:5070\"\nsecurity = \"source-list\"\nfrom = [\"192.0.2.0/24\"]\n\
         transport = \"udp\"\n{AOR}user = \"u\"\npassword_file = \"p\"\napplication = \"dm.ua\"\n\
         expires = \"10 min\"\nkeep_alive = \"25 s\"\nidentity = \"asserted\"\n\
         senders = [\"sip:server@push.example\"]\n"
    ))
    .unwrap();
    assert_eq!((sip.transport, sip.server.port), (SipTransport::Udp, 5070));
    assert_eq!(sip.security(), "source-list");
    assert!(sip.from.unwrap().contains("192.0.2.9".parse().unwrap()));
    assert_eq!(sip.server.credentials, Credentials::Password("u".into(), "p".into()));
    assert_eq!((sip.application.as_str(), sip.expires.as_secs()), ("dm.ua", 600));
    assert_eq!(sip.keep_alive, Some(Duration::from_secs(25)));
    assert_eq!((sip.identity, sip.senders.len()), (SipIdentity::Asserted, 1));
}

#[test]
fn r16_dm_sm_s_005_m_a_registrar_names_its_security() {
    let listed = "url = \"sip://h\"\nsecurity = \"source-list\"\n";
    for (keys, says) in [
        (format!("url = \"sip://h\"\n{AOR}"), "`security` is missing"),
        (format!("url = \"sip://h\"\nsecurity = \"none\"\n{AOR}"), "danger_insecure"),
        (format!("url = \"sip://h\"\nsecurity = \"tls\"\nca = \"c\"\n{AOR}"), "write sips://"),
        (format!("{listed}{AOR}"), "needs the sources"),
        (format!("{PLAIN}from = [\"192.0.2.1\"]\n{AOR}"), "`from` is of security"),
        (format!("{TLS}from = [\"192.0.2.1\"]\n{AOR}"), "`from` is of security"),
        (format!("{}from = [\"::1\"]\n{AOR}", listed.replace("sip:", "sips:")), "without TLS"),
    ] {
        let said = parse(&keys).unwrap_err();
        assert!(said.contains(says), "{keys}: {said}");
    }
}

#[test]
fn what_cannot_stand_in_a_request_is_refused_at_the_start() {
    for (keys, says) in [
        (format!("{TLS}{AOR}transport = \"udp\"\n"), "`transport` is"),
        (format!("{PLAIN}{AOR}transport = \"tls\"\n"), "`transport` is"),
        (format!("{PLAIN}aor = \"device1@push.example\"\n"), "no address of record"),
        (format!("{PLAIN}aor = \"sip:push.example\"\n"), "no address of record"),
        (format!("{PLAIN}aor = \"sip:a>b@push.example\"\n"), "no address of record"),
        (format!("{PLAIN}aor = \"sip:a@b;x=y\"\n"), "no address of record"),
        (format!("{PLAIN}{AOR}senders = [\"server\"]\n"), "`server` of `senders`"),
        (format!("{PLAIN}{AOR}application = \"a b\"\n"), "`application`"),
        (format!("{PLAIN}{AOR}bearer_file = \"f\"\n"), "no `bearer_file`"),
        (format!("{PLAIN}{AOR}user = \"a\\\"b\"\npassword_file = \"p\"\n"), "`user` is"),
        (format!("{PLAIN}{AOR}user = \"a\"\n"), "`user` and `password_file`"),
        (format!("{PLAIN}{AOR}colour = \"red\"\n"), "colour"),
        (PLAIN.to_owned(), "aor"),
    ] {
        let said = parse(&keys).unwrap_err();
        assert!(said.contains(says), "{keys}: {said}");
    }
}
