//! What is said of an SMS centre that lets nobody in, and answers nothing.

use std::time::Duration;

use dm_transport::{Outgoing, SendError};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::lab::config_at;
use crate::route::{Listened, outgoing};

#[tokio::test]
async fn who_takes_a_connection_and_answers_no_bind_is_named_and_got_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address").to_string();
    let listened = Listened::new(&config_at(&at));
    let deadline = Instant::now() + Duration::from_millis(300);
    let error = listened.send(&Outgoing { deadline, ..outgoing("one", 500) }).await;
    let error = error.expect_err("no bind");
    assert!(matches!(error, SendError::Silent { was_sent: false, .. }), "{error}");
    let said = error.to_string();
    assert!(said.starts_with(&format!("the SMS centre {at} did not answer the bind ")), "{said}");
    assert!(!error.may_have_arrived() && !said.contains("may have"), "{said}");
    drop(listener);
}
