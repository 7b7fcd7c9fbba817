use super::*;

impl Parcel for (&'static str, u32) {
    fn device(&self) -> &str {
        self.0
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// Carries a hundred things to one device, one each ten milliseconds, and yields what became of each, in order.
fn carried(seed: u64, faults: &Faults) -> Vec<(u32, Outcome)> {
    let (mut air, mut now, mut ended) = (Air::new(seed), Instant::now(), Vec::new());
    for number in 0..100 {
        now += SECOND / 100;
        ended.extend(air.take(("d", number), faults, now).err().map(|it| (it.1, Outcome::Lost)));
        while let Some((it, outcome)) = air.next(now) {
            ended.push((it.1, outcome));
        }
    }
    while let Some((it, outcome)) = air.next(now + 60 * SECOND) {
        ended.push((it.1, outcome));
    }
    assert!(air.due().is_none() && ended.len() == 100, "{ended:?}");
    ended
}

fn numbers(ended: &[(u32, Outcome)], wanted: impl Fn(Outcome) -> bool) -> Vec<u32> {
    ended.iter().filter(|it| wanted(it.1)).map(|it| it.0).collect()
}

#[test]
fn without_faults_all_arrive_once_in_their_order() {
    let ended = carried(1, &Faults::default());
    assert_eq!(numbers(&ended, |it| it == Outcome::Delivered(1)), (0..100).collect::<Vec<_>>());
}

#[test]
fn the_seed_decides_about_every_fault() {
    let faults = Faults {
        lose: 100,
        undeliverable: 100,
        duplicate: 100,
        reorder: 100,
        sleep: 30,
        asleep: SECOND / 20..SECOND / 10,
        delay: Duration::ZERO..SECOND / 50,
        validity: Some(SECOND / 12),
    };
    let ended = carried(1, &faults);
    assert_eq!(ended, carried(1, &faults));
    assert_ne!(ended, carried(2, &faults));
    for outcome in [
        Outcome::Lost,
        Outcome::Undeliverable,
        Outcome::Expired,
        Outcome::Delivered(1),
        Outcome::Delivered(2),
    ] {
        assert!(!numbers(&ended, |it| it == outcome).is_empty(), "{outcome:?}");
    }
    assert!(!numbers(&ended, |_| true).is_sorted());
}

#[test]
fn what_is_held_back_is_passed_by_the_next_one() {
    let ended = carried(5, &Faults { reorder: 200, ..Faults::default() });
    let order = numbers(&ended, |_| true);
    assert!(!order.is_sorted());
    let moved = order.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!((10..30).contains(&moved), "{moved} of 100");
    // Alone, it is held back for a while, and then comes.
    let (mut air, now) = (Air::new(1), Instant::now());
    let faults = Faults { reorder: 1_000, ..Faults::default() };
    air.take(("d", 1), &faults, now).unwrap();
    assert_eq!(air.next(now + SECOND / 2), None);
    assert_eq!(air.next(now + HELD), Some((("d", 1), Outcome::Delivered(1))));
    // What goes to another device does not pass it.
    air.take(("d", 2), &faults, now).unwrap();
    air.take(("e", 3), &Faults::default(), now).unwrap();
    assert_eq!(air.next(now), Some((("e", 3), Outcome::Delivered(1))));
    assert_eq!(air.next(now), None);
    air.take(("d", 4), &Faults::default(), now).unwrap();
    let both = [air.next(now), air.next(now)].map(|it| it.map(|it| it.0.1));
    assert_eq!(both, [Some(4), Some(2)]);
}

#[test]
fn a_device_that_falls_asleep_gets_what_waits_when_it_wakes_unless_that_is_too_late() {
    let nap = Faults { sleep: 1_000, asleep: SECOND..SECOND, ..Faults::default() };
    let (mut air, now) = (Air::new(1), Instant::now());
    air.take(("d", 1), &nap, now).unwrap();
    air.take(("e", 2), &Faults::default(), now).unwrap();
    assert_eq!(air.next(now), Some((("e", 2), Outcome::Delivered(1))), "another is awake");
    let half = Faults { validity: Some(SECOND / 2), ..Faults::default() };
    air.take(("d", 3), &half, now).unwrap();
    assert_eq!(air.next(now), None);
    assert_eq!(air.next(now + SECOND / 2), Some((("d", 3), Outcome::Expired)));
    assert_eq!(air.next(now + SECOND * 9 / 10), None);
    assert_eq!(air.next(now + SECOND), Some((("d", 1), Outcome::Delivered(1))));
    assert_eq!(air.next(now + SECOND), None);
}

#[test]
fn who_is_put_to_sleep_wakes_by_nothing_but_being_woken() {
    let nap = Faults { sleep: 1_000, asleep: SECOND..SECOND, ..Faults::default() };
    let (mut air, now) = (Air::new(1), Instant::now());
    air.take(("d", 1), &nap, now).unwrap();
    assert_eq!(air.next(now), None);
    air.sleep("d".to_owned());
    assert_eq!(air.next(now + 60 * SECOND), None);
    air.wake("d", now + 60 * SECOND);
    assert_eq!(air.next(now + 60 * SECOND), Some((("d", 1), Outcome::Delivered(1))));
    air.wake("d", now);
}

#[test]
fn what_takes_longer_than_it_is_valid_is_too_late() {
    let faults = Faults { delay: SECOND..SECOND, validity: Some(SECOND / 2), ..Faults::default() };
    let (mut air, now) = (Air::new(1), Instant::now());
    air.take(("d", 1), &faults, now).unwrap();
    assert_eq!(air.next(now + SECOND), Some((("d", 1), Outcome::Expired)));
}
