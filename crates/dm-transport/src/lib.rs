//! Routes that carry sealed octets: UDP, HTTP, push gateways, SIP.
//!
//! A message goes unchanged over any transport [Sessionless §5.1.1, §5.3], one way: what comes
//! back is a [`Receipt`] of the transport, never an answer of the device [Sessionless §5.2].
//!
//! ```no_run
//! use std::time::Duration;
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let to = "udp://192.0.2.7".parse()?;
//! let receipt = dm_transport::send(b"\x02...", &to, Duration::from_secs(10)).await?;
//! assert_eq!(receipt.on_screen(), "handed over");
//! # Ok(())
//! # }
//! ```

mod address;
mod error;
mod guard;
mod http;
pub mod outbox;
mod pap;
mod route;
mod send;
mod setup;
mod sip;
mod tls;
mod udp;

pub use address::{Address, AddressError, Host, HttpAddress, SipAddress, SipTransport, UdpAddress};
pub use dm_push::Receipt;
pub use error::{Next, SendError};
pub use guard::{Counts, Guarded, Limits};
pub use http::{HttpConfig, HttpRoute, HttpVersion};
pub use pap::{
    Delivery, ListenConfig, NotificationListener, PapConfig, PapRoute, Unknown, pap_target,
};
pub use route::{
    Done, Ledger, Outgoing, Plan, PushId, Route, Sending, Sent, Teller, Told, attempt,
};
pub use send::{send, send_by};
pub use setup::{Secret, SetupError};
pub use sip::{SipLogin, SipWay};
pub use tls::{ClientTls, ServerTls};
pub use udp::{MAX_DATAGRAM, UdpRoute};
