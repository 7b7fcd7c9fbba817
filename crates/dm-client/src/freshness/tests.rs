use super::*;

fn message(number: u64) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    digest
}

fn mark(number: u64, target: &str, emi: Emi) -> Mark<'_> {
    Mark { digest: message(number), target, emi }
}

/// Counts each counter once with a digest of its own; yields whether it was accepted.
struct Device {
    state: Freshness,
    sent: u64,
}

impl Device {
    fn new() -> Self {
        Self { state: Freshness::default(), sent: 0 }
    }

    fn counts(&mut self, counter: u64) -> bool {
        self.sent += 1;
        let emi = Emi { counter: Some(counter), expiry: None };
        let before = self.state.clone();
        let accepted =
            self.state.accept(&mark(self.sent, "id", emi), Policy::IfPresent, None).is_ok();
        assert!(accepted || self.state == before, "a refusal changes nothing");
        accepted
    }
}

#[test]
fn a_counter_counts_once() {
    let mut device = Device::new();
    assert!(device.counts(10) && !device.counts(10) && device.counts(11) && !device.counts(10));
}

#[test]
fn the_window_is_64_below_the_highest() {
    let mut device = Device::new();
    assert!(device.counts(100));
    assert!(device.counts(36) && !device.counts(35));
    assert!(!device.counts(36) && device.counts(37));
    assert!(device.counts(164) && !device.counts(100), "100 is the lowest of the window, and used");
    assert!(device.counts(101) && !device.counts(99));
    assert!(
        device.counts(1000) && !device.counts(164) && device.counts(936) && !device.counts(935)
    );
}

#[test]
fn against_a_plain_set() {
    let mut device = Device::new();
    let (mut seen, mut highest) = (alloc::collections::BTreeSet::new(), 0);
    let mut value: u64 = 500;
    for step in 0..5_000_u64 {
        value = (value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step)) % 701;
        let counter = 500 + step / 10 + value / 4;
        let expected = counter + WINDOW >= highest && seen.insert(counter);
        assert_eq!(device.counts(counter), expected, "step {step}, counter {counter}");
        highest = highest.max(counter);
    }
}

#[test]
fn the_largest_counters_do_not_overflow() {
    let mut device = Device::new();
    assert!(device.counts(0) && device.counts(u64::MAX) && !device.counts(u64::MAX));
    assert!(device.counts(u64::MAX - 64) && !device.counts(u64::MAX - 65));
}

#[test]
fn targets_count_apart() {
    let mut state = Freshness::default();
    let emi = Emi { counter: Some(1), expiry: None };
    for (number, target) in [(1, "device"), (2, "group")] {
        state.accept(&mark(number, target, emi), Policy::Required, None).unwrap();
    }
    let again = state.accept(&mark(3, "group", emi), Policy::Required, None);
    assert_eq!(again, Err(Refusal::CounterUsed(1)));
}

#[test]
fn the_last_256_messages_are_known_whatever_the_policy() {
    let mut state = Freshness::default();
    for number in 0..=256 {
        state.accept(&mark(number, "id", Emi::default()), Policy::Off, None).unwrap();
    }
    for number in 1..=256 {
        let again = state.accept(&mark(number, "id", Emi::default()), Policy::Off, None);
        assert_eq!(again, Err(Refusal::Replayed));
    }
    assert!(state.accept(&mark(0, "id", Emi::default()), Policy::Off, None).is_ok());
}

#[test]
fn expiry_needs_a_clock_and_counts_seconds() {
    let emi = Emi { counter: None, expiry: Some(100) };
    let at = |now| Freshness::default().accept(&mark(1, "id", emi), Policy::IfPresent, now);
    assert!(at(None).is_ok() && at(Some(100)).is_ok());
    assert_eq!(at(Some(101)), Err(Refusal::Expired { expiry: 100, now: 101 }));
}

#[test]
fn required_means_a_counter() {
    let refused =
        Freshness::default().accept(&mark(1, "id", Emi::default()), Policy::Required, None);
    assert_eq!(refused, Err(Refusal::CounterMissing));
}

#[test]
fn emi_is_read_strictly() {
    for (text, error) in [
        ("c=", EmiError::Number),
        ("c", EmiError::Number),
        ("c=+1", EmiError::Number),
        ("c= 1", EmiError::Number),
        ("c=0x10", EmiError::Number),
        ("x=12345678901234567890", EmiError::Number),
        ("c=1;c=1", EmiError::Doubled),
    ] {
        assert_eq!(Emi::read([text]), Err(error), "{text}");
    }
    assert_eq!(Emi::read(["c=1", "x=1"]), Err(EmiError::Several));
    assert_eq!(Emi::read([]), Ok(Emi::default()));
    assert_eq!(
        Emi::read(["c=9999999999999999999"]).unwrap().counter,
        Some(9_999_999_999_999_999_999)
    );
}

#[test]
fn what_is_stored_reads_back() {
    let mut device = Device::new();
    for counter in [5, 9, 7, 300] {
        assert!(device.counts(counter));
    }
    assert_eq!(Freshness::decode(&device.state.encode()), Some(device.state.clone()));
    let octets = device.state.encode();
    for cut in 0..octets.len() {
        assert!(Freshness::decode(&octets[..cut]).is_none_or(|state| state != device.state));
    }
    assert_eq!(Freshness::decode(&[2, 0, 0]), None);
}
