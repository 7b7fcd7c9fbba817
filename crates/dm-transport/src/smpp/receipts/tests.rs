//! What waits to be kept, without a connection.

use dm_push::smpp::{ESM_CLASS_RECEIPT, Message};

use super::*;
use crate::{Host, MemoryLedger, PushId, Told};

struct Rig {
    keeper: Keeper,
    told: mpsc::Receiver<Told>,
    answers: mpsc::UnboundedReceiver<Acknowledgement>,
}

fn rig(room: usize) -> Rig {
    let (tell, told) = mpsc::channel(room);
    let (acknowledge, answers) = mpsc::unbounded_channel();
    let ledger = MemoryLedger::new(9);
    let sent = Sent { id: PushId::new("one").unwrap(), part: None };
    ledger.note("lab", "4711", &sent).unwrap();
    let (teller, shared) = (Teller::new("lab", tell), Arc::new(Shared::new("lab".to_owned())));
    let config = SmppConfig::new(Host::parse("smsc.example", 2775).unwrap(), "mgram");
    let keeper = Keeper::new(&config, teller, Arc::new(ledger), acknowledge, shared);
    Rig { keeper, told, answers }
}

/// The receipt of the message, with this sequence number.
fn receipt(sequence: u32) -> Heard {
    let short_message = b"id:4711 sub:001 dlvrd:001 stat:DELIVRD err:000 text:";
    let esm_class = ESM_CLASS_RECEIPT;
    let message = Message { esm_class, short_message, ..Message::default() };
    let mut pdu = Vec::new();
    Pdu::ok(sequence, Body::DeliverSm(message)).write(&mut pdu).unwrap();
    Heard::Delivered { session: 1, sequence, pdu, may_be_early: false }
}

#[tokio::test]
async fn what_waits_to_be_kept_is_bounded_and_one_more_is_refused_for_now() {
    let most = u32::try_from(MOST_UNKEPT).unwrap();
    let Rig { mut keeper, mut told, mut answers } = rig(MOST_UNKEPT);
    keeper.take((0..=most).map(receipt).collect()).await;
    let answer = answers.recv().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (most, Status::RECEIVER_TEMPORARY));
    assert!(answers.try_recv().is_err(), "the others wait");

    told.recv().await.unwrap().done.confirm();
    let answer = answers.recv().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (0, Status::OK));
    keeper.take(vec![receipt(most)]).await;
    assert!(answers.try_recv().is_err(), "there is room again");
    assert_eq!(keeper.shared.counts().unkept_receipts, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_kept_in_time_or_at_all_is_refused_for_now() {
    let Rig { mut keeper, mut told, mut answers } = rig(9);
    keeper.take(vec![receipt(1), receipt(2)]).await;
    let held = told.recv().await.unwrap();
    drop(told.recv().await.unwrap());
    let start = Instant::now();
    let answer = answers.recv().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (2, Status::RECEIVER_TEMPORARY));
    assert!(start.elapsed() < Duration::from_secs(1), "at once");
    let answer = answers.recv().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (1, Status::RECEIVER_TEMPORARY));
    assert!(start.elapsed() >= Duration::from_secs(30));
    held.done.confirm(); // too late, and harmless

    drop(told);
    keeper.take(vec![receipt(3)]).await;
    let answer = answers.recv().await.unwrap();
    assert_eq!((answer.sequence, answer.status), (3, Status::RECEIVER_TEMPORARY), "nobody listens");
    assert_eq!(keeper.shared.counts().unkept_receipts, 3);
}
