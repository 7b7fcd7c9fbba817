//! Power loss at every moment: in a commit, in the very first, at the end, in a repair.
//!
//! Whatever the moment and whatever the disk had written by then, the state must be one that a
//! commit left, never one between.

use super::disk::{Call, Disk, apply};
use super::rig::{Rig, contents, open};
use super::window::Window;
use crate::crash::random::Random;

#[test]
fn power_loss_after_any_call_leaves_a_whole_state() {
    let mut rig = Rig::new();
    let begin = rig.disk.count();
    (0..7).for_each(|number| rig.commit(number, true).unwrap());
    let calls = rig.disk.calls();
    for (end, image) in prefixes(&calls, begin) {
        rig.check(image, end, "all calls so far");
    }
    assert!(calls.len() - begin > 7 * 3, "{} calls prove little", calls.len() - begin);
}

#[test]
fn a_disk_that_reorders_and_tears_leaves_a_whole_state() {
    let mut rig = Rig::in_use();
    let begin = rig.disk.count();
    (1..6).for_each(|number| rig.commit(number, true).unwrap());
    let calls = rig.disk.calls();
    let torn = tear(&calls, begin, |image, end, what| rig.check(image, end, what));
    assert!(torn > 2_000, "only {torn} torn images");
}

#[test]
fn commits_that_need_not_be_durable_are_lost_in_order() {
    let mut rig = Rig::in_use();
    let begin = rig.disk.count();
    let durable = [false, false, true, false, true, false, false];
    for (number, durable) in (1..).zip(durable) {
        rig.commit(number, durable).unwrap();
    }
    let rig = rig.close();
    let calls = rig.disk.calls();
    for (end, image) in prefixes(&calls, begin) {
        rig.check(image, end, "all calls so far");
    }
    tear(&calls, begin, |image, end, what| rig.check(image, end, what));
    rig.check(rig.disk.image(), calls.len(), "closed in order");
}

#[test]
fn power_loss_during_a_repair_leaves_a_whole_state() {
    let mut rig = Rig::in_use();
    let begin = rig.disk.count();
    rig.commit(1, true).unwrap();
    let calls = rig.disk.calls();
    for (end, image) in prefixes(&calls, begin) {
        let disk = Disk::of(image.clone());
        drop(open(&disk)); // repairs, then closes
        let repair = disk.calls();
        assert!(!repair.is_empty());
        let mut image = image;
        for call in &repair {
            apply(&mut image, call);
            rig.check(image.clone(), end, "a repair that was cut off");
        }
    }
}

#[test]
fn a_disk_that_fails_leaves_a_whole_state() {
    let used = {
        let mut rig = Rig::in_use();
        let begin = rig.disk.count();
        rig.commit(1, true).unwrap();
        rig.disk.count() - begin
    };
    for good in 0..used {
        let mut rig = Rig::in_use();
        let before = rig.last().clone();
        rig.disk.fail_after(good);
        let error = rig.commit(1, true).unwrap_err().to_string();
        assert!(error.contains("test cannot be read or written"), "{error}");
        rig.commit(2, true).unwrap_err(); // nothing more is written after a failure
        drop(rig.store);
        let found = contents(&open(&Disk::of(rig.disk.image())));
        let mut whole = Rig::in_use();
        whole.commit(1, true).unwrap();
        assert!(found == before || found == *whole.last(), "failed after {good} calls: {found:?}");
    }
}

/// The image after each call from `begin` on.
fn prefixes(calls: &[Call], begin: usize) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let mut image = Vec::new();
    calls[..begin].iter().for_each(|call| apply(&mut image, call));
    (begin..=calls.len()).map(move |end| {
        if end > begin {
            apply(&mut image, &calls[end - 1]);
        }
        (end, image.clone())
    })
}

/// After each call: images in which the sectors written since the last sync are there or not.
/// Yields how many.
fn tear(calls: &[Call], begin: usize, check: impl Fn(Vec<u8>, usize, &str)) -> usize {
    let (mut random, mut torn) = (Random(1), 0);
    for end in begin + 1..=calls.len() {
        let window = Window::new(calls, end);
        let (dirty, newest) = (window.dirty(), window.images.len() - 1);
        for lone in &dirty {
            let without = |sector| if sector == *lone { 0 } else { newest };
            check(window.mix(&dirty, without), end, "one sector is missing");
            let only = |sector| if sector == *lone { newest } else { 0 };
            check(window.mix(&dirty, only), end, "one sector came first");
        }
        for _ in 0..if dirty.is_empty() { 0 } else { 20 } {
            let any = |_| random.below(newest + 1);
            check(window.mix(&dirty, any), end, "sectors of any age");
            let share = random.below(8);
            let some = |_| if random.below(8) <= share { newest } else { 0 };
            check(window.mix(&dirty, some), end, "some sectors are missing");
            torn += 2;
        }
        torn += 2 * dirty.len();
    }
    torn
}
