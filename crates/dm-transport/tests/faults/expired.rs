//! The certificate of the peer expired: nothing is sent to it, and what waits goes when it has another.

use crate::authority::Authority;
use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, route, route_with};
use crate::tongue::Tongue;
use crate::wait::{other, waits_and_falls_back};

async fn expired(tongue: Tongue) {
    let (peer, other) = (Peer::start(tongue, Mood::Good).await, other().await);
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "ca");
    peer.proves(&authority.issue_expired("127.0.0.1"));
    let (to, second) = (peer.at.to_string(), other.at.to_string());
    let tls = format!("tls = {{ ca = {:?} }}", authority.path());
    let one = route_with("one", tongue, &to, &tls);
    let one = one.replace("http://", "https://").replace("mqtt://", "mqtts://");
    let one = one.replace("\"tcp\"", "\"tls\"");
    // The way of HTTP is protected or not by each address.
    let is_http = matches!(tongue, Tongue::Device | Tongue::Http);
    let (one, to) = match is_http {
        true => (one, format!("https://{to}")),
        false => (one.replace("danger_unprotected = true\n", ""), to),
    };
    let rig = Rig::new(&[one, route("two", Tongue::Http, &second)].concat()).patient();
    let running = rig.run().await;
    let words = if tongue == Tongue::Smpp { "certificate" } else { "xpired" };
    waits_and_falls_back(&running, (tongue, &to), &other, &[words]).await;
    assert_eq!(peer.saw(), (0, 0), "nothing was said to it");

    peer.proves(&authority.issue("127.0.0.1"));
    running.until_sent().await;
    assert_eq!((peer.took(), other.took()), ((3 * each(tongue), 0), (3, 0)));
    running.stop().await;
}

#[tokio::test]
async fn device() {
    expired(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    expired(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    expired(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    expired(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    expired(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    expired(Tongue::Smpp).await;
}
