//! What an SMS centre took is not sent again, and one that is slow is waited for.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dm_lab::{Behaviour, SmsCentre};
use dm_transport::{Address, Ledger, Outgoing, PushId, Sent, SmppConfig};
use tokio::time::Instant;

use crate::lab::config;
use crate::route::{Listened, outgoing};

async fn centre(behaviour: Behaviour) -> SmsCentre {
    SmsCentre::start(behaviour).await.expect("a centre")
}

/// What was submitted, without what is of the connection.
fn bodies(centre: &SmsCentre) -> Vec<Vec<u8>> {
    centre.submitted().iter().map(|it| it.pdu[16..].to_vec()).collect()
}

#[tokio::test]
async fn a_train_goes_on_while_its_segments_are_answered_however_long_all_of_it_takes() {
    let answer_after = Duration::from_millis(150);
    let centre = centre(Behaviour { answer_after, ..Behaviour::default() }).await;
    let listened = Listened::new(&SmppConfig { window: 1, ..config(&centre) });
    let deadline = Instant::now() + Duration::from_millis(900);
    let [one, two] = ["one", "two"].map(|id| Outgoing { deadline, ..outgoing(id, 1_200) });
    // The second waits for the first.
    let sent = tokio::join!(listened.send(&one), listened.send(&two));
    assert!(matches!(sent, (Ok(()), Ok(()))), "{sent:?}");
    assert_eq!(centre.submitted().len(), 20, "each segment once");
}

/// A ledger that knows of segments.
struct Taken(Vec<u8>);

impl Ledger for Taken {
    fn note(&self, _: &str, _: &str, _: &Sent) -> io::Result<()> {
        Ok(())
    }

    fn find(&self, _: &str, _: &str) -> io::Result<Option<Sent>> {
        Ok(None)
    }

    fn taken(&self, route: &str, to: &Address, id: &PushId) -> io::Result<Vec<u8>> {
        let is_it = (route, &*to.to_string(), id.as_str()) == ("lab", "tel:+358401234567", "one");
        Ok(if is_it { self.0.clone() } else { Vec::new() })
    }
}

#[tokio::test]
async fn segments_that_were_taken_before_are_left_out_and_the_others_are_as_they_were() {
    let whole = centre(Behaviour::default()).await;
    Listened::new(&config(&whole)).send(&outgoing("one", 600)).await.expect("taken");
    let all = bodies(&whole);
    assert_eq!(all.len(), 5);

    let rest = centre(Behaviour::default()).await;
    let listened = Listened::with(&config(&rest), Arc::new(Taken(vec![1, 4])));
    listened.send(&outgoing("one", 600)).await.expect("taken");
    assert_eq!(bodies(&rest), [1, 2, 4].map(|at: usize| all[at].clone()));
    let listened = Listened::with(&config(&rest), Arc::new(Taken(vec![1, 2, 3, 4, 5])));
    listened.send(&outgoing("one", 600)).await.expect("nothing is left to send");
    assert_eq!(bodies(&rest).len(), 3);
}
