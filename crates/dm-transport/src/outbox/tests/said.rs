//! What receipts and answers say of what was sent, and how often.

use super::*;

#[tokio::test]
async fn the_same_receipt_again_is_counted_and_kept_once() {
    let rig = Rig::new();
    rig.outbox.accept(vec![new(1), new(2)]).await.expect("accepted");
    for number in 0..100 {
        let (mut raw, part) = (vec![number; 16], 1 + number % 2); // a header, and what is behind it
        raw.push(part);
        let told = Told { raw, ..told(1, Says::HandedOver, part) };
        rig.outbox.keep(told).await.expect("kept");
    }
    rig.outbox.keep(told(2, Says::HandedOver, 1)).await.expect("kept");
    rig.outbox.keep(told(1, Says::Reached, 1)).await.expect("kept");
    let standing = rig.reopen().outbox.standing(&id(1)).expect("read").expect("known");
    assert_eq!((standing.receipts.len(), standing.repeated), (3, 98));
    assert_eq!(standing.receipts.iter().map(|told| told.raw[0]).collect::<Vec<_>>(), [0, 1, 1]);
}

#[tokio::test]
async fn what_one_address_of_a_route_did_not_take_says_nothing_of_another() {
    let rig = Rig::new();
    let way = |to: &str| Way { route: "one".to_owned(), to: to.to_owned() };
    let ways = vec![way("udp://192.0.2.7"), way("udp://192.0.2.8")];
    rig.outbox.accept(vec![New { ways, ..new(1) }]).await.expect("accepted");
    rig.outbox.settle(&id(1), Ok(())).await.expect("settled");
    rig.outbox.keep(told(1, Says::Undeliverable, 1)).await.expect("kept");
    rig.outbox.settle(&id(1), Ok(())).await.expect("settled");
    rig.outbox.keep(told(1, Says::Undeliverable, 1)).await.expect("kept");
    assert_eq!(rig.outbox.counts().expect("counts").sent, 1, "that is of the first still");
    let of_the_second = Told { raw: vec![2], ..told(1, Says::Undeliverable, 1) };
    rig.outbox.keep(of_the_second).await.expect("kept");
    assert_eq!(rig.outbox.counts().expect("counts").given_up, 1, "of the second");
}

#[tokio::test]
async fn segments_that_a_gateway_took_are_known_and_when_it_has_all_no_failure_counts() {
    let rig = Rig::new();
    let to: crate::Address = "tel:+358401234567".parse().expect("an address");
    let other: crate::Address = "tel:+358401234568".parse().expect("an address");
    let way = Way { route: "one".to_owned(), to: to.to_string() };
    rig.outbox.accept(vec![New { ways: vec![way], ..new(1) }]).await.expect("accepted");
    let sent = |number| (to.clone(), Sent { id: id(1), part: Some(Part { number, total: 3 }) });
    let late = || SendError::Timeout { to: to.clone(), after: Duration::ZERO };

    rig.outbox.take_all("one", &[sent(1), sent(3), sent(1)]).expect("kept");
    rig.outbox.settle(&id(1), Err(late())).await.expect("settled");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 1);
    let rig = rig.reopen();
    assert_eq!(rig.outbox.taken("one", &to, &id(1)).expect("read"), [1, 3]);
    assert!(rig.outbox.taken("two", &to, &id(1)).expect("read").is_empty());
    assert!(rig.outbox.taken("one", &other, &id(1)).expect("read").is_empty());
    assert!(rig.outbox.taken("one", &to, &id(10)).expect("read").is_empty());

    rig.outbox.take_all("one", &[sent(2)]).expect("kept");
    rig.outbox.settle(&id(1), Err(late())).await.expect("settled");
    assert_eq!(rig.outbox.counts().expect("counts"), Counts { waiting: 0, sent: 1, given_up: 0 });

    rig.outbox.keep(told(1, Says::Undeliverable, 2)).await.expect("kept");
    assert_eq!(rig.outbox.retry_given_up().await.expect("written"), 1);
    assert!(rig.outbox.taken("one", &to, &id(1)).expect("read").is_empty(), "all of it again");
}

#[tokio::test]
async fn a_failure_does_not_count_when_the_receipts_say_that_all_was_handed_over() {
    let rig = Rig::new();
    rig.outbox.accept(vec![new(1)]).await.expect("accepted");
    let late = || {
        let to = "udp://192.0.2.7".parse().expect("an address");
        SendError::Timeout { to, after: Duration::ZERO }
    };
    rig.outbox.keep(told(1, Says::HandedOver, 1)).await.expect("kept");
    rig.outbox.settle(&id(1), Err(late())).await.expect("settled");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 1, "of one of two");
    rig.outbox.keep(told(1, Says::HandedOver, 2)).await.expect("kept");
    rig.outbox.settle(&id(1), Err(late())).await.expect("settled");
    assert_eq!(rig.outbox.counts().expect("counts").sent, 1);
}
