//! Routes that carry sealed octets: UDP, HTTP, long poll, MQTT, push gateways, SIP, SMPP, files.
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
mod chance;
mod config;
mod cost;
mod error;
mod file;
mod guard;
mod http;
mod kept;
mod ledger;
mod metrics;
mod mqtt;
pub mod outbox;
mod pap;
mod pending;
mod poll;
mod protect;
mod route;
mod secret;
mod send;
mod setup;
mod sip;
mod smpp;
mod stage;
mod stream;
mod tls;
mod udp;

pub use address::{
    Address, AddressError, FileAddress, Host, HttpAddress, MqttAddress, PollAddress, QrAddress,
    SipAddress, SipTransport, TelAddress, UdpAddress,
};
pub use config::{Direct, DirectError, OpenRoutes, Routes, RoutesError};
pub use cost::{Cost, CostError, Tariff};
pub use dm_push::Receipt;
pub use error::{Next, SendError, Silence};
pub use file::{
    BundleError, Bundled, Codes, Correction, FileRoute, QrConfig, QrRoute, read_bundle,
    spool_bundle, write_bundle, write_carousel,
};
pub use guard::{Acceptance, Counts, Guarded, Limits, Security};
pub use http::{HttpConfig, HttpRoute, HttpVersion};
pub use ledger::MemoryLedger;
pub use metrics::{METRICS_TYPE, metrics};
pub use mqtt::{MqttConfig, MqttRoute};
pub use pap::{
    Delivery, ListenConfig, NotificationListener, PapConfig, PapRoute, Unknown, pap_target,
};
pub use poll::{CertificateName, PollConfig, PollRoute, Tokens};
pub use protect::{SecMac, SecName, protect};
pub use route::{
    Done, Ledger, Outgoing, Plan, PushId, Route, Sending, Sent, Teller, Told, attempt,
};
pub use secret::{Secret, without_password};
pub use send::send;
pub use setup::SetupError;
pub use sip::{SipConfig, SipRoute, is_user_name};
pub use smpp::{SmppConfig, SmppCounts, SmppDown, SmppRoute, SmppState};
pub use tls::{ClientTls, ServerTls};
pub use udp::{MAX_DATAGRAM, UdpRoute};
