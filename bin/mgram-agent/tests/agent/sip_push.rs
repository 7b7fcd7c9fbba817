//! What `mgram push --to sip:...` sends, through Kamailio, to the agent. [RFC 3428]

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use dm_push::Receipt;
use dm_transport::{
    ClientTls, Direct, Ledger, MemoryLedger, Outgoing, PushId, Routes, Secret, SendError,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::authority::Authority;
use super::message::sealed;
use super::sip::{Registrar, registered};

/// Sends as this user, over a transport, to the device that Kamailio knows.
fn send(
    registrar: &Registrar,
    login: Option<(&str, &str)>,
    transport: &str,
    body: &[u8],
) -> Result<Receipt, SendError> {
    let [port, tls_port] = registrar.ports;
    let port = if transport == "tls" { tls_port } else { port };
    let mut password = tempfile::NamedTempFile::new().expect("a file");
    let ca = (transport == "tls").then(|| registrar.authority.path().to_owned());
    let mut with = Direct {
        tls: ClientTls { ca, ..ClientTls::default() },
        proxy: Some(format!("127.0.0.1:{port}")),
        danger_unprotected: true,
        ..Direct::default()
    };
    if let Some((user, secret)) = login {
        password.write_all(secret.as_bytes()).expect("written");
        with.user = Some(user.to_owned());
        with.password = Some(Secret::File(password.path().to_owned()));
    }
    let url = format!("sip:device1@push.example;transport={transport}");
    let (routes, ways) = Routes::direct(&[url], &with).expect("a way");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (tell, mut told) = mpsc::channel(8);
        let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new(8));
        let open = routes.open(&tell, &ledger).await.expect("open");
        let outgoing = Outgoing {
            id: PushId::new("one").expect("an id"),
            octets: body.into(),
            to: ways[0].1.clone(),
            deadline: Instant::now() + Duration::from_secs(20),
            valid_until: None,
        };
        open.routes[0].send(&outgoing).await?;
        Ok(told.recv().await.expect("told").receipt)
    })
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
        let is_it = match refused {
            SendError::Sip { status, .. } => status == wanted,
            // The proxy asked, was answered, and did not take the answer.
            SendError::SipLogin { status, .. } => status == wanted && login.is_some(),
            _ => false,
        };
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
    let Some(mut registrar) = Registrar::start(&[]) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    registrar.authority = Authority::new(folder.path(), "other");
    let refused = send(&registrar, SERVER, "tls", b"\x02").expect_err("refused");
    assert!(matches!(refused, SendError::Tls { .. }), "{refused}");
}
