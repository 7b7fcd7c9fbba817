//! A route that is used as whoever sends uses it.

use std::sync::Arc;
use std::time::Duration;

use dm_crypto::{Sec, Secrets, secret};
use dm_push::receipt::{Detail, Says};
use dm_push::wsp::{Form, Proof, Push};
use dm_transport::{
    Address, Next, Outgoing, Plan, PushId, Route, SendError, Teller, UdpRoute, attempt,
};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Instant;

fn outgoing(octets: &[u8], to: &str) -> Outgoing {
    Outgoing {
        id: PushId::new("one").expect("an id"),
        octets: Arc::from(octets),
        to: to.parse().expect("an address"),
        deadline: Instant::now() + Duration::from_secs(5),
        valid_until: None,
    }
}

#[tokio::test]
async fn what_is_planned_is_what_leaves_and_is_told_of() {
    let device = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (tell, mut told) = mpsc::channel(1);
    let route = UdpRoute::new(Teller::new("lab", tell));
    let outgoing = outgoing(b"\x02message", &format!("udp://{}", device.local_addr().unwrap()));
    let plan = route.plan(&outgoing).unwrap();
    assert_eq!(plan, Plan::new(1, 14));
    attempt(&route, &outgoing).await.unwrap();

    let mut datagram = [0; 64];
    let length = device.recv(&mut datagram).await.unwrap();
    assert_eq!(length, plan.octets);
    assert_eq!(Push::read(&datagram[..length]).unwrap().body, b"\x02message");
    let told = told.recv().await.unwrap();
    assert_eq!((&*told.route, told.id.as_str()), ("lab", "one"));
    assert_eq!(told.receipt.says(), Says::HandedOver);
    assert_eq!(told.receipt.detail(), Detail::Datagram { octets: 14 });
}

#[tokio::test]
async fn datagrams_of_a_route_come_from_one_socket_of_their_version() {
    let (tell, mut told) = mpsc::channel(8);
    let route = UdpRoute::new(Teller::new("lab", tell));
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let device = UdpSocket::bind(at).await.unwrap();
        let outgoing = outgoing(b"\x02", &format!("udp://{}", device.local_addr().unwrap()));
        let mut ports = Vec::new();
        for _ in 0..2 {
            attempt(&route, &outgoing).await.unwrap();
            let (_, from) = device.recv_from(&mut [0; 64]).await.unwrap();
            ports.push(from.port());
            assert_eq!(told.recv().await.unwrap().receipt.rung(), Some(2));
        }
        assert_eq!(ports[0], ports[1]);
    }
}

#[tokio::test]
async fn a_route_that_proves_a_secret_leaves_a_push_with_a_proof_of_its_own_as_it_is() {
    let device = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (tell, _told) = mpsc::channel(4);
    let secrets = || Secrets { netwpin: secret(b"network"), userpin: None };
    let route = UdpRoute::new(Teller::new("lab", tell)).proving(Sec::NetwPin, secrets());
    let to = format!("udp://{}", device.local_addr().unwrap());
    let mut datagram = [0; 256];
    attempt(&route, &outgoing(b"\x02message", &to)).await.unwrap();
    let length = device.recv(&mut datagram).await.unwrap();
    let push = Push::read(&datagram[..length]).unwrap();
    let mac = push.content_type.mac().unwrap();
    assert_eq!(Sec::NetwPin.is_good(&secrets(), Some(mac.octets()), push.body), Some(true));
    assert_eq!(push.body, b"\x02message");

    let bare = Push::dm(9, b"\x02bootstrap");
    let own = Proof::new(1, &[7; 20]).write(&bare, Form::Token);
    attempt(&route, &outgoing(&own, &to)).await.unwrap();
    let length = device.recv(&mut datagram).await.unwrap();
    assert_eq!(datagram[..length], own);

    attempt(&route, &outgoing(&bare.write(), &to)).await.unwrap();
    let length = device.recv(&mut datagram).await.unwrap();
    let push = Push::read(&datagram[..length]).unwrap();
    assert_eq!((push.transaction_id, push.content_type.sec()), (9, Some(0)), "proven as any other");
}

#[tokio::test]
async fn an_address_of_another_transport_is_for_another_route() {
    let (tell, _told) = mpsc::channel(1);
    let route = UdpRoute::new(Teller::new("lab", tell));
    let outgoing = outgoing(b"\x02message", "http://127.0.0.1/push");
    let error = attempt(&route, &outgoing).await.unwrap_err();
    assert!(matches!(&error, SendError::Address { to: Address::Http(_), transport: "UDP" }));
    assert_eq!(error.next(), Next::OtherRoute);
    assert!(route.plan(&outgoing).is_err());
}

#[tokio::test(start_paused = true)]
async fn who_is_silent_is_not_waited_for_beyond_the_deadline() {
    struct Silent;
    impl Route for Silent {
        fn plan(&self, _: &Outgoing) -> Result<Plan, SendError> {
            Ok(Plan::new(1, 1))
        }
        fn send<'a>(&'a self, _: &'a Outgoing) -> dm_transport::Sending<'a> {
            Box::pin(std::future::pending())
        }
    }
    let error = attempt(&Silent, &outgoing(b"\x02", "udp://192.0.2.7")).await.unwrap_err();
    assert!(error.may_have_arrived() && error.next() == Next::Again, "{error}");
}
