//! The route and its listener against the lab's gateway, which tells what became of messages over a bad way.

use std::collections::BTreeMap;
use std::time::Duration;

use dm_lab::{Answer, Bearer, Faults, Gateway, GatewayBehaviour};
use dm_push::pap::{Code, State};
use dm_push::receipt::Says;
use dm_push::wsp::Push;
use dm_transport::{
    ListenConfig, Next, NotificationListener, PapConfig, PapRoute, PushId, SendError, Teller,
    attempt,
};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::lab::{Notes, next, outgoing, push_id};

const TO: &str = "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example";

fn listening() -> ListenConfig {
    toml::from_str("address = \"127.0.0.1:0\"\ndanger_unprotected = true").expect("a configuration")
}

#[tokio::test]
async fn what_a_bad_way_does_is_told_by_notifications_late_twice_and_in_any_order() {
    let faults = Faults {
        lose: 100,
        undeliverable: 100,
        duplicate: 100,
        delay: Duration::ZERO..Duration::from_millis(50),
        ..Faults::default()
    };
    let notices = Faults { undeliverable: 0, lose: 0, reorder: 100, ..faults.clone() };
    let bearer = Bearer::start(7, faults).await.unwrap();
    let behaviour = GatewayBehaviour { seed: 7, notices, ..GatewayBehaviour::default() };
    let gateway = Gateway::start(behaviour, &bearer).await.unwrap();
    let device = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    bearer.device("358401234567", device.local_addr().unwrap());

    let (notes, (tell, mut told)) = (Notes::new(), mpsc::channel(1_000));
    let teller = || Teller::new("ppg", tell.clone());
    let ear = NotificationListener::start(&listening(), teller(), notes.clone()).await.unwrap();
    let mut config = PapConfig::new(&gateway.url());
    config.notify = Some(format!("http://{}/pap", ear.local_addr()));
    let route = PapRoute::new(&config, teller(), notes).unwrap();
    for number in 0..100 {
        let message = outgoing(&format!("m{number}"), format!("\x02{number}").as_bytes(), TO);
        attempt(&route, &message).await.unwrap();
    }

    let mut heard = BTreeMap::<String, Vec<Says>>::new();
    while let Ok(Some(told)) = timeout(Duration::from_secs(2), told.recv()).await {
        told.done.confirm();
        heard.entry(told.id.as_str().to_owned()).or_default().push(told.receipt.says());
    }
    let mut arrived = Vec::new();
    let mut octets = [0; 2_000];
    while let Ok(length) = device.try_recv(&mut octets) {
        let push = Push::read(&octets[..length]).expect("a push");
        arrived.push(format!("m{}", str::from_utf8(&push.body[1..]).expect("a number")));
    }
    let counts = gateway.counts();
    assert_eq!((counts.taken, ear.unknown().count), (100, 0));
    assert!(counts.lost > 0 && counts.delivered < 100 - counts.lost, "{counts:?}");
    let mut twice = 0;
    for (id, says) in &heard {
        assert_eq!(says[0], Says::HandedOver, "{id}");
        let wanted = match gateway.state(&push_id(id)).expect("a state") {
            State::Pending => None,
            State::Delivered => Some(Says::Reached),
            State::Undeliverable => Some(Says::Undeliverable),
            other => panic!("{other}"),
        };
        assert_eq!(says.len() > 1, wanted.is_some(), "{id}: {says:?}");
        assert!(says[1..].iter().all(|said| Some(*said) == wanted), "{id}: {says:?}");
        assert_eq!(arrived.contains(id), wanted == Some(Says::Reached), "{id}");
        twice += usize::from(says.len() > 2);
    }
    assert!(twice > 0 && !arrived.is_sorted() && heard.len() == 100);
}

#[tokio::test]
async fn a_gateway_that_says_1001_and_loses_it_leaves_it_at_handed_over() {
    let bearer = Bearer::start(1, Faults::default()).await.unwrap();
    let behaviour = GatewayBehaviour {
        answer_first: vec![Answer::Lose, Answer::Cut, Answer::Code(Code::new(4001).unwrap())],
        ..GatewayBehaviour::default()
    };
    let gateway = Gateway::start(behaviour, &bearer).await.unwrap();
    let (tell, mut told) = mpsc::channel(16);
    let config = PapConfig::new(&gateway.url());
    let route = PapRoute::new(&config, Teller::new("ppg", tell), Notes::new()).unwrap();

    attempt(&route, &outgoing("lost", b"\x02", TO)).await.unwrap();
    assert_eq!(next(&mut told).await.receipt.says(), Says::HandedOver);
    route.query(&PushId::new("lost").unwrap(), &TO.parse().unwrap()).await.unwrap();
    assert_eq!(next(&mut told).await.receipt.says(), Says::HandedOver, "and never more");

    // Its answer is lost: the same again, with the same push-id, is not taken a second time.
    let message = outgoing("cut", b"\x02", TO);
    let error = attempt(&route, &message).await.unwrap_err();
    assert!(error.may_have_arrived(), "{error}");
    attempt(&route, &message).await.map_err(|error| error.next()).unwrap_err(); // 4001
    attempt(&route, &message).await.unwrap(); // 2007
    assert_eq!(gateway.counts().taken, 2);

    let busy = outgoing("late", b"\x02", TO);
    gateway.behave(|behaviour| {
        let busy = Answer::Code(Code::new(4001).expect("a code"));
        behaviour.answer_to = [("358401234567".to_owned(), busy)].into();
    });
    let error = attempt(&route, &busy).await.unwrap_err();
    assert!(matches!(error, SendError::Pap { .. }) && error.next() == Next::Again, "{error}");
}
