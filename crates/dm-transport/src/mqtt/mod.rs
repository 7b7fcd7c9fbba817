//! MQTT 5: the message published on the topic of its device, at QoS 1, never retained. [MQTT 5]
//!
//! A broker keeps it for a device that is away, as long as the device has a session there, and as long as the
//! message is valid: message expiry is the time that is left of it. One connection is kept, and used by many
//! messages at once, as many as the broker takes before it acknowledges the first (receive maximum).
//!
//! | What came back | What it means |
//! | -- | -- |
//! | PUBACK 0x00 | a receipt: rung 2, never more |
//! | PUBACK 0x10 | the same, with a note: nobody subscribes to that topic, so that nobody may ever get it |
//! | PUBACK 0x80, 0x83, 0x97 and others | [`SendError::Mqtt`]: again |
//! | PUBACK 0x87, 0x90, 0x99; above the broker's limit | [`SendError::Mqtt`]: not this way |
//! | CONNACK or DISCONNECT with a reason | [`SendError::Broker`]: again |
//! | the connection broke before PUBACK | [`SendError::Cut`]: it may have arrived; what was not written goes over another one |
//!
//! **No session of ours.** A sender subscribes to nothing, and so has nothing in a session but what is not
//! acknowledged; it could be sent again with DUP, and a broker would deliver it once more all the same: QoS 1
//! is at least once either way. So each connection begins clean, and what broke off is sent again by whoever
//! keeps it (the outbox), with the same octets, which the device takes once.

mod config;
mod line;

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use dm_push::mqtt::{PACKET_TOO_LARGE, REFUSED_FROM};
use dm_push::wsp::Push;
use tokio::time::Instant;

pub use config::MqttConfig;

use crate::address::MqttAddress;
use crate::kept::{Fault, Kept};
use crate::pending::Gone;
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::setup::SetupError;
use crate::stage::waits_for;
use crate::{Address, SendError};
use line::{Broker, Line, Trouble};

/// Messages on the topics of a broker, over one connection that is kept.
pub struct MqttRoute {
    broker: Broker,
    line: Kept<Line>,
}

impl MqttRoute {
    /// A route with these settings, that tells this.
    ///
    /// # Errors
    /// [`SetupError`]: settings that contradict one another, or files that are not there or do not fit.
    pub fn new(config: &MqttConfig, teller: Teller) -> Result<Self, SetupError> {
        config.check()?;
        let (host, is_tls) = config.broker()?;
        let login = match (&config.user, &config.password) {
            (Some(user), Some(password)) => Some((user.clone(), password.read()?)),
            _ => None,
        };
        let tls = is_tls.then(|| config.tls.open()).transpose()?;
        let teller = tls.iter().fold(teller, Teller::once_shown);
        let broker = Broker {
            host,
            tls,
            client_id: config.client_id.clone(),
            login,
            keep_alive: config.keep_alive,
            window: config.window,
            within: config.connect_timeout,
            teller,
        };
        Ok(Self { broker, line: Kept::default() })
    }

    async fn publish(&self, outgoing: &Outgoing) -> Result<(), SendError> {
        let Outgoing { id, octets, to, valid_until, .. } = outgoing;
        let topic = topic(outgoing)?.topic();
        for is_last in [false, false, true] {
            let host = &self.broker.host;
            waits_for(host, "gave no connection", false);
            let line = self.line.get(|| self.broker.open()).await;
            let line = line.map_err(|fault| match fault {
                Fault::NotReached(after) => SendError::Timeout { to: to.clone(), after },
                fault => fault.unsent(to),
            })?;
            waits_for(host, "did not acknowledge the message", true);
            let expiry = valid_until.map(seconds_left);
            let answer = match line.publish((topic, octets), expiry, id).await {
                Ok(answer) => answer,
                Err(Trouble::TooLarge) => {
                    return Err(SendError::Mqtt { to: to.clone(), reason: PACKET_TOO_LARGE });
                }
                Err(Trouble::Gone(Gone { fault, was_begun: true })) => return Err(fault.sent(to)),
                Err(Trouble::Gone(Gone { fault, .. })) if is_last => return Err(fault.unsent(to)),
                // Nothing of it left: another connection will do.
                Err(Trouble::Gone(_)) => continue,
            };
            if answer.reason >= REFUSED_FROM {
                return Err(SendError::Mqtt { to: to.clone(), reason: answer.reason });
            }
            self.broker.teller.tell(id, answer.receipt(), &answer.raw).await;
            break;
        }
        Ok(())
    }
}

impl Route for MqttRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        let topic = topic(outgoing)?.topic();
        let octets = outgoing.octets.len() + topic.len() + FIXED;
        Ok(Plan::new(1, octets))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(self.publish(outgoing))
    }

    fn close(&self, deadline: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if let Ok(Some(line)) = tokio::time::timeout_at(deadline, self.line.take()).await {
                line.close(deadline).await;
            }
        })
    }
}

fn topic(outgoing: &Outgoing) -> Result<&MqttAddress, SendError> {
    let Outgoing { octets, to, .. } = outgoing;
    match to {
        Address::Mqtt(_) if Push::read(octets).is_ok() => {
            Err(SendError::Wrapped { to: to.clone() })
        }
        Address::Mqtt(topic) => Ok(topic),
        _ => Err(SendError::Address { to: to.clone(), transport: "MQTT" }),
    }
}

/// At least one: 0 would be gone before anybody has it.
fn seconds_left(until: SystemTime) -> u32 {
    let left = until.duration_since(SystemTime::now()).map_or(0, |left| left.as_secs());
    u32::try_from(left.max(1)).unwrap_or(u32::MAX)
}

/// Octets of a packet beside topic and payload, about.
const FIXED: usize = 48;
