//! Over UDP: repeated until there is an answer, and never too long for a datagram.

use std::time::Instant;

use dm_push::receipt::Says;
use dm_transport::SendError;
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::timeout;

use crate::lab::{Lab, Line, SOON, field, said};

async fn socket() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let to = format!("sip:device1@{}", socket.local_addr().expect("an address"));
    (socket, to)
}

async fn heard(socket: &UdpSocket) -> (Vec<u8>, std::net::SocketAddr) {
    let mut octets = vec![0; 65_536];
    let heard = timeout(SOON, socket.recv_from(&mut octets)).await;
    let (length, from) = heard.expect("in time").expect("a datagram");
    (octets[..length].to_vec(), from)
}

#[tokio::test]
async fn the_same_octets_are_repeated_until_there_is_an_answer() {
    let (socket, to) = socket().await;
    let mut lab = Lab::new("");
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let (first, from) = heard(&socket).await;
    let begun = Instant::now();
    for milliseconds in [500, 1_500, 3_500] {
        assert_eq!(heard(&socket).await.0, first);
        let after = begun.elapsed().as_millis();
        assert!((milliseconds - 100..milliseconds + 900).contains(&after), "{after}");
    }
    socket.send_to(&said(&first, "200 OK", ""), from).await.expect("sent");
    sending.await.expect("no panic").expect("taken");
    assert_eq!(lab.told().await.receipt.says(), Says::HandedOver);
    // And no more then; the next one goes over the same socket.
    let sending = lab.sends("n", &to, b"\x02n", SOON);
    let (second, same) = heard(&socket).await;
    assert_eq!((second.ends_with(b"\x02n"), same), (true, from));
    socket.send_to(&said(&second, "480 Away", ""), from).await.expect("sent");
    let error = sending.await.expect("no panic").expect_err("away");
    assert!(matches!(error, SendError::Sip { status: 480, .. }), "{error}");
}

#[tokio::test]
async fn a_closed_port_is_said_to_be_closed_and_nothing_arrived() {
    let (socket, to) = socket().await;
    drop(socket);
    let error = Lab::new("").send("m", &to, b"\x02m").await.expect_err("closed");
    assert!(matches!(error, SendError::Network { .. }), "{error}");
    assert!(!error.may_have_arrived());
}

#[tokio::test]
async fn what_the_answer_to_a_challenge_makes_too_long_goes_over_tcp() {
    let (socket, to) = socket().await;
    let at = socket.local_addr().expect("an address");
    let listener = TcpListener::bind(at).await.expect("the same port");
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    std::fs::write(&password, "secret\n").expect("written");
    let lab = Lab::new(&format!("user = \"server\"\npassword = {{ file = {password:?} }}"));
    let sending = lab.sends("m", &to, &[2; 480], SOON);
    let (request, from) = heard(&socket).await;
    let nonce = "n".repeat(500);
    let challenge = format!("Proxy-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\"\r\n");
    socket.send_to(&said(&request, "407 Who", &challenge), from).await.expect("sent");
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    assert!(field(&request, "Proxy-Authorization").contains(&nonce));
    assert!(field(&request, "Via").starts_with("SIP/2.0/TCP "));
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
}
