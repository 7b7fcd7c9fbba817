//! §7, freshness on a device: durable, per account and Target, spent only by what passed it.

use conformance::{Device, GROUP, Message, NOW, alpha, command, gamma};
use dm_client::freshness::{EmiError, Policy, REMEMBERED};
use dm_client::{Effect, Refusal, Stage};

/// A message with this EMI; `n` makes it differ from others.
fn sent(n: u64, emi: &str) -> Vec<u8> {
    Message::new(alpha()).session(n).emi(emi).seal()
}

fn counted(counter: u64) -> Vec<u8> {
    sent(counter, &format!("c={counter}"))
}

fn required() -> Device {
    Device::new().set(|settings| settings.freshness = Policy::Required)
}

#[test]
fn emi_is_one_and_well_formed() {
    for good in [
        "",
        "c=0",
        "x=1800000001",
        "c=1;x=1800000000",
        "x=1800000000;c=1",
        "new=1",
        "c=9999999999999999999",
        "note;c=1;",
        "C=x;cc=y; c=z",
    ] {
        Device::new().accept(&sent(1, good));
    }
    for (bad, error) in [
        ("c=", EmiError::Number),
        ("c", EmiError::Number),
        ("c=-1", EmiError::Number),
        ("c=+1", EmiError::Number),
        ("c= 1", EmiError::Number),
        ("c=1 ", EmiError::Number),
        ("c=0x1", EmiError::Number),
        ("c=1.0", EmiError::Number),
        ("c=١", EmiError::Number),
        ("c=00000000000000000001", EmiError::Number),
        ("x=18446744073709551616", EmiError::Number),
        ("x=tomorrow", EmiError::Number),
        ("c=1=1", EmiError::Number),
        ("c=1;c=1", EmiError::Doubled),
        ("x=9999999999;c=1;x=9999999999", EmiError::Doubled),
    ] {
        assert_eq!(Device::new().refuse(&sent(1, bad)), Refusal::Emi(error), "{bad}");
    }
    let two = Message::new(alpha()).emi("c=1").emi("x=9999999999").seal();
    assert_eq!(Device::new().refuse(&two), Refusal::Emi(EmiError::Several));
}

#[test]
fn a_malformed_emi_is_not_looked_at_when_the_policy_is_off() {
    let mut device = Device::new().set(|settings| settings.freshness = Policy::Off);
    device.accept(&sent(1, "c=x"));
    device.accept(&sent(2, "c=1;x=1"));
    device.accept(&sent(3, "c=1"));
    assert_eq!(device.refuse(&sent(3, "c=1")), Refusal::Replayed, "the cache is never off");
}

#[test]
fn the_window_reaches_64_below_the_highest() {
    let mut device = required();
    device.accept(&counted(100));
    assert_eq!(device.refuse(&sent(1, "c=100")), Refusal::CounterUsed(100));
    device.accept(&counted(36));
    assert_eq!(device.refuse(&sent(1, "c=36")), Refusal::CounterUsed(36));
    let refusal = device.refuse(&counted(35));
    assert_eq!(refusal, Refusal::CounterTooOld { counter: 35, highest: 100 });
    device.accept(&counted(99));
    device.accept(&counted(164));
    assert_eq!(device.refuse(&sent(1, "c=100")), Refusal::CounterUsed(100));
    assert!(matches!(device.refuse(&sent(1, "c=99")), Refusal::CounterTooOld { .. }));
    device.accept(&counted(9_999_999_999_999_999_999));
    assert!(matches!(device.refuse(&counted(165)), Refusal::CounterTooOld { .. }));
}

#[test]
fn a_counter_may_be_demanded() {
    let mut device = required();
    assert_eq!(device.refuse(&Message::new(alpha()).seal()), Refusal::CounterMissing);
    assert_eq!(device.refuse(&sent(1, "x=9999999999")), Refusal::CounterMissing);
    device.accept(&counted(1));
    let mut lenient = Device::new();
    lenient.accept(&Message::new(alpha()).seal());
    lenient.accept(&counted(1));
}

#[test]
fn expiry_counts_where_there_is_a_clock() {
    let message = |expiry: u64| sent(expiry, &format!("x={expiry}"));
    let mut device = Device::new();
    device.accept(&message(NOW));
    let expired = Refusal::Expired { expiry: NOW - 1, now: NOW };
    assert_eq!(device.refuse(&message(NOW - 1)), expired);
    device.clock = None;
    device.accept(&message(NOW - 1));
}

#[test]
fn counters_are_kept_per_account_and_target() {
    let mut device = required();
    let message =
        |server, target: &str, n: u64| Message::new(server).session(n).to(target).emi("c=5").seal();
    device.accept(&message(alpha(), conformance::DEVICE_ID, 1));
    device.accept(&message(gamma(), conformance::DEVICE_ID, 1));
    device.accept(&message(alpha(), GROUP, 1));
    for (server, target) in
        [(alpha(), conformance::DEVICE_ID), (gamma(), conformance::DEVICE_ID), (alpha(), GROUP)]
    {
        let refusal = device.refuse(&message(server, target, 2));
        assert_eq!(refusal, Refusal::CounterUsed(5), "{} {target}", server.id);
    }
}

#[test]
fn what_is_remembered_survives_a_restart() {
    let mut device = required();
    device.accept(&counted(7));
    device.accept(&counted(9));
    let mut device = device.restarted();
    assert_eq!(device.refuse(&counted(9)), Refusal::Replayed);
    assert_eq!(device.refuse(&sent(1, "c=7")), Refusal::CounterUsed(7));
    device.accept(&counted(8));
    let mut device = device.restarted().restarted();
    assert_eq!(device.refuse(&sent(1, "c=8")), Refusal::CounterUsed(8));
}

#[test]
fn the_last_256_messages_are_known() {
    let mut device = Device::new();
    let numbered = |n: usize| Message::new(gamma()).session(n).seal();
    for n in 0..=REMEMBERED {
        device.accept(&numbered(n));
    }
    let mut device = device.restarted();
    assert_eq!(device.refuse(&numbered(1)), Refusal::Replayed);
    assert_eq!(device.refuse(&numbered(REMEMBERED)), Refusal::Replayed);
    device.accept(&numbered(0)); // forgotten: this is what counters are for
}

#[test]
fn a_message_whose_body_is_malformed_is_spent() {
    let mut device = required();
    let malformed = Message::new(alpha()).emi("c=5").with("<Replace/>").seal();
    assert_eq!(device.refuse(&malformed).stage(), Stage::Model);
    assert_eq!(device.refuse(&malformed), Refusal::Replayed);
    assert_eq!(device.refuse(&sent(1, "c=5")), Refusal::CounterUsed(5));
    let mut device = device.restarted();
    assert_eq!(device.refuse(&malformed), Refusal::Replayed);
}

#[test]
fn a_dry_run_spends_nothing_and_changes_nothing() {
    let mut device = required();
    let command = command::replace("1", "./Vendor/Speed", "2");
    let message = Message::new(alpha()).emi("c=5").with(command).seal();
    let before = device.tree().clone();
    for _ in 0..2 {
        let outcome = device.try_out(&message);
        assert_eq!(outcome.accepted().map(|accepted| accepted.changes.len()), Some(1));
        assert_eq!(*device.tree(), before);
    }
    assert!(device.journal().is_empty());
    device.accept(&message);
    assert_eq!(Effect::default(), Effect::Durable);
}

#[test]
fn the_record_is_in_the_same_step_as_the_tree() {
    // After any accepted message the store alone tells all: tree, record and journal.
    let mut device = required();
    let message = Message::new(alpha()).emi("c=1");
    device.accept(&message.with(command::replace("1", "./Vendor/Speed", "2")).seal());
    let device = device.restarted();
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
    assert_eq!(device.journal().len(), 1);
    assert_eq!(device.kept().iter().flatten().count(), 1, "one account has a record");
}
