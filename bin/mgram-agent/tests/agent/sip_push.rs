//! What `mgram push --to sip:...` sends, through Kamailio, to the agent. [RFC 3428]

use std::time::Duration;

use dm_push::Receipt;
use dm_transport::{Host, SendError, SipLogin, SipWay, send_by};

use super::message::sealed;
use super::sip::{Registrar, hash, registered};

/// Sends as this user, over a transport, to the device that Kamailio knows.
fn send(
    registrar: &Registrar,
    login: Option<(&str, &str)>,
    transport: &str,
    body: &[u8],
) -> Result<Receipt, SendError> {
    let authorities = std::fs::read(registrar.authority.path()).expect("certificates");
    let [port, tls_port] = registrar.ports;
    let port = if transport == "tls" { tls_port } else { port };
    let proxy = Host::parse("127.0.0.1", port).expect("a place");
    let login = login.map(|(user, password)| SipLogin { user, password, hash });
    let way = SipWay { login, authorities: &authorities, proxy: Some(&proxy) };
    let to = format!("sip:device1@push.example;transport={transport}").parse().expect("one");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let sending = send_by(body, &to, way, Duration::from_secs(20));
    runtime.expect("a runtime").block_on(sending)
}

const SERVER: Option<(&str, &str)> = Some(("server", "srvpass"));

fn sent_over(transport: &str, more: &[(&'static str, &'static str)]) {
    let Some(registrar) = Registrar::start(more) else { return };
    let way = if transport == "tls" { "tls" } else { "tcp" };
    let device = registrar.device(way, "senders = [\"sip:server@push.example\"]");
    let mut agent = registered(&device);
    let receipt = send(&registrar, SERVER, transport, &sealed(1)).expect("taken");
    assert_eq!((receipt.rung(), receipt), (Some(2), Receipt::sip(200)));
    agent.wait_for(" accepted from=sip", 1);
    // So short that it goes by one datagram where that is asked for.
    send(&registrar, SERVER, transport, b"\x02garbage").expect("taken");
    agent.wait_for(" refused from=sip", 1);
    for (login, wanted) in
        [(None, 407), (Some(("server", "wrong")), 407), (Some(("other", "otherpass")), 403)]
    {
        let refused = send(&registrar, login, transport, &sealed(2)).expect_err("refused");
        let is_it = matches!(refused, SendError::Sip { status, .. } if status == wanted);
        assert!(is_it, "{login:?}: {refused}");
    }
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let gone = send(&registrar, SERVER, transport, &sealed(3)).expect_err("refused");
    assert!(gone.to_string().contains("answered 404; the device is not registered"), "{gone}");
    assert_eq!(device.kept().accepted, 1);
}

#[test]
fn pushes_over_udp_and_where_they_are_too_long_over_tcp_arrive() {
    sent_over("udp", &[]);
}

#[test]
fn a_push_over_tcp_with_sha_256_arrives() {
    sent_over("tcp", &[("KAMAILIO_ALGORITHM", "SHA-256")]);
}

#[test]
fn a_push_over_tls_arrives() {
    sent_over("tls", &[]);
}

#[test]
fn a_proxy_whom_nobody_vouches_for_hears_nothing() {
    let Some(registrar) = Registrar::start(&[]) else { return };
    let proxy = Host::parse("127.0.0.1", registrar.ports[1]).expect("a place");
    let way = SipWay { proxy: Some(&proxy), ..SipWay::default() };
    let to = "sip:device1@push.example;transport=tls".parse().expect("one");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let sending = send_by(b"\x02", &to, way, Duration::from_secs(20));
    let refused = runtime.expect("a runtime").block_on(sending).expect_err("refused");
    assert!(matches!(refused, SendError::Tls { .. }), "{refused}");
}
