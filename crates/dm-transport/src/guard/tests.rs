use std::io;
use std::sync::atomic::AtomicUsize;

use super::*;
use crate::PushId;
use crate::route::Sending;

const S: fn(u64) -> Duration = Duration::from_secs;

/// Takes a second for each message, and fails as often as it is told to.
#[derive(Default)]
struct Lab {
    failures: AtomicUsize,
    at_once: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Route for Lab {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        let octets = outgoing.octets.len();
        match u32::try_from(octets) {
            Ok(segments @ ..=9) => Ok(Plan::new(segments, octets)),
            _ => Err(SendError::TooLarge { to: outgoing.to.clone(), octets, limit: 9 }),
        }
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(now, Ordering::Relaxed);
            tokio::time::sleep(S(1)).await;
            self.at_once.fetch_sub(1, Ordering::Relaxed);
            let one_less = |left: usize| left.checked_sub(1);
            match self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
                Ok(_) => {
                    let source = io::ErrorKind::NetworkUnreachable.into();
                    Err(SendError::Network { to: outgoing.to.clone(), source })
                }
                Err(_) => Ok(()),
            }
        })
    }
}

fn outgoing(octets: usize, deadline: u64) -> Outgoing {
    Outgoing {
        id: PushId::new("one").expect("an id"),
        octets: vec![2; octets].into(),
        to: "udp://192.0.2.7".parse().expect("an address"),
        deadline: Instant::now() + S(deadline),
        valid_until: None,
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_at_once_than_the_window_and_no_faster_than_the_rates() {
    let lab = Lab::default();
    let most = lab.most.clone();
    let limits = Limits {
        messages: Some(Duration::from_millis(100)),
        segments: Some(Duration::from_millis(400)),
        burst: 4,
        window: 3,
        ..Limits::default()
    };
    let route = Arc::new(Guarded::new("lab", Box::new(lab), &limits));
    let start = Instant::now();
    let sending: Vec<_> = (0..10)
        .map(|_| {
            let route = route.clone();
            tokio::spawn(async move { route.send(&outgoing(2, 60)).await })
        })
        .collect();
    for one in sending {
        one.await.expect("ended").expect("sent");
    }
    assert_eq!(most.load(Ordering::Relaxed), 3);
    // Twenty segments, four of them at once, then one each 400 ms: the last two go after 6.4 s.
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(7_400) && took < S(9), "{took:?}");
    assert_eq!(route.counts(), Counts { sent: 10, segments: 20, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn a_route_that_fails_is_left_alone_and_says_why_until_one_gets_through() {
    let failures = AtomicUsize::new(6);
    let limits = Limits { waits: (S(10), S(10)), ..Limits::default() };
    let route = Guarded::new("lab", Box::new(Lab { failures, ..Lab::default() }), &limits);
    for number in 1..=5 {
        assert!(matches!(route.send(&outgoing(1, 60)).await, Err(SendError::Network { .. })));
        let wanted = if number < 5 { "degraded" } else { "down" };
        assert_eq!(route.health().as_str(), wanted);
    }
    let error = route.send(&outgoing(1, 60)).await.expect_err("down");
    assert!(error.to_string().contains("route lab is down (sending to udp://"), "{error}");
    assert_eq!(error.next(), Next::Again);
    tokio::time::sleep(S(10)).await;
    assert!(matches!(route.send(&outgoing(1, 60)).await, Err(SendError::Network { .. })), "a try");
    assert!(matches!(route.send(&outgoing(1, 60)).await, Err(SendError::RouteDown { .. })));
    tokio::time::sleep(S(10)).await;
    route.send(&outgoing(1, 60)).await.expect("it works again");
    assert_eq!(route.health(), Health::Up);
    let counts = Counts { sent: 1, segments: 1, failed: 6, held: 2, ..Counts::default() };
    assert_eq!(route.counts(), counts);
}

#[tokio::test(start_paused = true)]
async fn what_never_goes_is_refused_at_once_and_blames_nobody() {
    let route = Guarded::new("lab", Box::new(Lab::default()), &Limits::default());
    for _ in 0..9 {
        assert!(matches!(route.send(&outgoing(10, 60)).await, Err(SendError::TooLarge { .. })));
    }
    assert_eq!(route.health(), Health::Up);
    assert_eq!(route.counts(), Counts { refused: 9, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_not_waited_for_beyond_the_deadline() {
    let limits = Limits { messages: Some(S(30)), ..Limits::default() };
    let route = Guarded::new("lab", Box::new(Lab::default()), &limits);
    route.send(&outgoing(1, 60)).await.expect("the first");
    let start = Instant::now();
    assert!(matches!(route.send(&outgoing(1, 5)).await, Err(SendError::NoTurn { .. })));
    assert_eq!(start.elapsed(), S(5));
}
