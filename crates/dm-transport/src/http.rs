//! HTTP: `POST` of the message, unchanged, to the device itself.
//!
//! The answering end is the device, so a 2xx is rung 3 of the evidence: reached, and no more.
//! No proxy and no redirect comes between, or this would not hold.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;

use dm_push::{APPLICATION_ID, Receipt, http_push, media_type};
use reqwest::{Client, header, redirect};

use crate::address::HttpAddress;
use crate::{Address, SendError};

pub(crate) async fn send(
    octets: &[u8],
    to: &HttpAddress,
    resolved: &[SocketAddr],
) -> Result<Receipt, SendError> {
    let failed = |error| explain(error, Address::Http(to.clone()));
    let client = client(to, resolved).map_err(failed)?;
    let request = client
        .post(to.to_string())
        .header(header::CONTENT_TYPE, media_type::DM_WBXML)
        .header(http_push::APPLICATION_ID_FIELD, APPLICATION_ID)
        .body(octets.to_vec());
    let status = request.send().await.map_err(failed)?.status();

    let to = Address::Http(to.clone());
    match status.as_u16() {
        status @ 200..=299 => Ok(Receipt::http_of_device(status)),
        status @ 300..=399 => Err(SendError::Redirected { to, status }),
        status => Err(SendError::Status { to, status }),
    }
}

fn client(to: &HttpAddress, resolved: &[SocketAddr]) -> Result<Client, reqwest::Error> {
    let name = to.host().name().to_owned();
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .resolve_to_addrs(&name, resolved)
        .build()
}

fn explain(error: reqwest::Error, to: Address) -> SendError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(os) = inner.downcast_ref::<io::Error>().filter(|_| error.is_connect()) {
            return match os.kind() {
                io::ErrorKind::ConnectionRefused => SendError::Refused { to },
                kind => SendError::Network { to, source: kind.into() },
            };
        }
        cause = inner.source();
    }
    SendError::BrokenOff { to, source: error.without_url() }
}
