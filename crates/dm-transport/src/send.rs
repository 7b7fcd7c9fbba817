//! One message, one address, one deadline.

use std::net::SocketAddr;
use std::time::Duration;

use dm_push::Receipt;
use dm_push::wsp::Push;

use crate::{Address, Host, SendError, SipWay, http, sip, udp};

/// Sends the octets of one sealed message, unchanged, and says how far they came.
///
/// The deadline covers name look-up, connecting, sending and, where the transport has one,
/// the acknowledgement. Nothing is sent twice. Octets that are a WSP push already, as a bootstrap
/// document with a MAC is, go by UDP as they are.
///
/// # Errors
/// [`SendError`] says what happened, where, and what to do next. After
/// [`SendError::Timeout`] and [`SendError::BrokenOff`] the message may have arrived.
pub async fn send(octets: &[u8], to: &Address, deadline: Duration) -> Result<Receipt, SendError> {
    send_by(octets, to, SipWay::default(), deadline).await
}

/// As [`send`]; with what SIP needs beside the address. Its certificates count for `https://` too.
///
/// # Errors
/// As [`send`].
pub async fn send_by(
    octets: &[u8],
    to: &Address,
    way: SipWay<'_>,
    deadline: Duration,
) -> Result<Receipt, SendError> {
    if octets.is_empty() {
        return Err(SendError::Empty);
    }
    let is_push = Push::read(octets).is_ok();
    let sending = async {
        match to {
            Address::Http(_) | Address::Sip(_) if is_push => {
                Err(SendError::Wrapped { to: to.clone() })
            }
            Address::File(_) | Address::Poll(_) | Address::Qr(_) => {
                Err(SendError::NeedsRoute { to: to.clone() })
            }
            Address::Http(path) => http::send(octets, path, way.authorities).await,
            Address::Mqtt(_) | Address::Tel(_) => {
                Err(SendError::Address { to: to.clone(), transport: "UDP, HTTP or SIP" })
            }
            Address::Pap(_) => Err(SendError::NoGateway { to: to.clone() }),
            Address::Sip(address) => sip::send(octets, address, way).await,
            Address::Udp(address) => {
                let datagram = match is_push {
                    true => udp::fitting(octets.to_vec(), to)?,
                    false => udp::datagram(octets, to)?,
                };
                let resolved = resolve(to, address.host()).await?;
                udp::send(&datagram, to, &resolved).await
            }
        }
    };
    match tokio::time::timeout(deadline, sending).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SendError::Timeout { to: to.clone(), after: deadline }),
    }
}

pub(crate) async fn resolve(to: &Address, host: &Host) -> Result<Vec<SocketAddr>, SendError> {
    match tokio::net::lookup_host((host.name(), host.port())).await {
        Ok(found) => Ok(found.collect()),
        Err(source) => Err(SendError::NotResolved { to: to.clone(), source }),
    }
}
