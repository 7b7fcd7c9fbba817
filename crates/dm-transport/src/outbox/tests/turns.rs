//! Whose turn it is, and when it is too late for one.

use super::*;

/// One to a device of its own.
fn elsewhere(number: usize) -> New {
    let way = Way { route: "one".to_owned(), to: format!("udp://192.0.2.{number}") };
    New { ways: vec![way], ..new(number) }
}

fn milliseconds_of(number: u64) -> Duration {
    Duration::from_millis(number)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_turn_has_all_of_the_time_for_the_attempt_then() {
    let mut rig = Rig::new();
    (rig.takes, rig.attempt) = (milliseconds_of(150), milliseconds_of(1_000));
    rig.outbox.accept((0..8).map(elsewhere).collect()).await.expect("accepted");
    rig.run(&Limits { messages: Some(milliseconds_of(240)), ..Limits::default() }).await;
    assert_eq!((rig.took("one").len(), rig.has[1].load(Ordering::Relaxed)), (8, 8), "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_one_address_one_goes_behind_another_in_the_order_in_which_they_were_accepted() {
    let order: Vec<_> = (0..30).map(id).collect();
    let rated = Limits { messages: Some(milliseconds_of(5)), ..Limits::default() };
    for limits in [Limits::default(), rated] {
        let mut rig = Rig::new();
        rig.takes = milliseconds_of(6);
        rig.outbox.accept((0..30).map(new).collect()).await.expect("accepted");
        rig.run(&limits).await;
        let took: Vec<_> = rig.took("one").into_iter().map(|(id, _)| id).collect();
        assert_eq!((took, rig.has[2].load(Ordering::Relaxed)), (order.clone(), 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_gives_turns_in_the_order_in_which_messages_were_accepted() {
    let rig = Rig::new();
    rig.outbox.accept((0..30).map(elsewhere).collect()).await.expect("accepted");
    rig.run(&Limits { messages: Some(milliseconds_of(30)), ..Limits::default() }).await;
    let took: Vec<_> = rig.took("one").into_iter().map(|(id, _)| id).collect();
    assert_eq!(took, (0..30).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_waited_until_its_time_was_over_is_given_up_and_not_sent() {
    let rig = Rig::new();
    let late = New { until: SystemTime::now() - Duration::from_secs(3_600), ..new(1) };
    // It has the turn of the route only when its time is over.
    let soon = New { until: SystemTime::now() + milliseconds_of(300), ..new(2) };
    rig.outbox.accept(vec![new(0), late, soon]).await.expect("accepted");
    rig.run(&Limits { messages: Some(milliseconds_of(1_500)), ..Limits::default() }).await;
    assert_eq!(rig.took("one").len() + rig.took("two").len(), 1);
    for number in 1..=2 {
        let state = rig.outbox.standing(&id(number)).expect("read").expect("known").state;
        let State::GivenUp { reason } = state else { panic!("{state:?}") };
        assert!(reason.starts_with("its time is over"), "{reason}");
    }
}
