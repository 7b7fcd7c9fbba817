//! One message, one address, one deadline.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dm_push::Receipt;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::hash;
use crate::route::{Outgoing, PushId, Route, Teller, attempt};
use crate::{Address, HttpConfig, HttpRoute, SendError, SetupError, SipConfig, SipRoute, UdpRoute};

/// Sends the octets of one sealed message, unchanged, and says how far they came.
///
/// The deadline covers name look-up, connecting, sending and, where the transport has one,
/// the acknowledgement. Nothing is sent twice. Octets that are a WSP push already, as a bootstrap
/// document with a MAC is, go by UDP as they are. Whether anything protects the way (R16) is not asked
/// here, as [`Routes`](crate::Routes) does.
///
/// # Errors
/// [`SendError`] says what happened, where, and what to do next. After
/// [`SendError::Timeout`] and [`SendError::BrokenOff`] the message may have arrived.
pub async fn send(octets: &[u8], to: &Address, deadline: Duration) -> Result<Receipt, SendError> {
    let (tell, mut told) = mpsc::channel(1);
    let needs_route = || SendError::NeedsRoute { to: to.clone() };
    let route = alone(to, Teller::new("alone", tell)).ok().flatten().ok_or_else(needs_route)?;
    let outgoing = Outgoing {
        id: PushId::new("alone").ok_or_else(needs_route)?,
        octets: Arc::from(octets),
        to: to.clone(),
        deadline: Instant::now() + deadline,
        valid_until: None,
    };
    attempt(&*route, &outgoing).await?;
    // Every route tells of a message before it says that it was sent.
    told.recv().await.map(|told| told.receipt).ok_or_else(needs_route)
}

/// A route that needs nothing beside an address.
fn alone(to: &Address, teller: Teller) -> Result<Option<Box<dyn Route>>, SetupError> {
    Ok(match to {
        Address::Http(_) => Some(Box::new(HttpRoute::new(&HttpConfig::default(), teller)?)),
        Address::Sip(_) => Some(Box::new(SipRoute::new(&SipConfig::default(), hash, teller)?)),
        Address::Udp(_) => Some(Box::new(UdpRoute::new(teller).alone())),
        _ => None,
    })
}

pub(crate) async fn resolve(
    to: &Address,
    host: &crate::Host,
) -> Result<Vec<SocketAddr>, SendError> {
    match tokio::net::lookup_host((host.name(), host.port())).await {
        Ok(found) => Ok(found.collect()),
        Err(source) => Err(SendError::NotResolved { to: to.clone(), source }),
    }
}
