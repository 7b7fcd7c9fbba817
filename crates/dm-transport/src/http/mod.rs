//! HTTP: `POST` of the message, unchanged, to the device itself or to a gateway.
//!
//! Where the answering end is the device, a 2xx is rung 3 of the evidence: reached, and no more. Of a
//! gateway it is rung 2. No proxy and no redirect comes between, or this would not hold.
//!
//! | What came back | What it means |
//! | -- | -- |
//! | 200 to 299 | a receipt |
//! | 300 to 399 | [`SendError::Redirected`]: not followed |
//! | 408, 429, 500 to 599 | [`SendError::Status`]: again, after `Retry-After` where it stands |
//! | 401, 403, 407 of a gateway | [`SendError::Gateway`]: again, and the route is to blame |
//! | other statuses, 413 and 415 among them | [`SendError::Status`]: not this way |
//! | a stream refused, or behind the last of a connection (HTTP/2) | the same request again, at once |
//! | a kept connection was closed before anything of the request left | the same |
//! | the connection broke later | [`SendError::BrokenOff`]: it may have arrived |

mod client;
mod config;
mod connect;
mod hosts;

use std::sync::Arc;

use dm_push::wsp::Push;
use dm_push::{APPLICATION_ID, Receipt, http_push, media_type};
use hyper::Uri;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

pub(crate) use client::{Answer, Client};
pub use config::{HttpConfig, HttpVersion};

use crate::address::HttpAddress;
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::setup::SetupError;
use crate::{Address, SendError};

/// Messages by `POST`, over connections that are kept.
pub struct HttpRoute {
    client: Client,
    is_gateway: bool,
    headers: HeaderMap,
    teller: Teller,
    /// The same of what goes by TLS, and by mutual TLS.
    by_tls: [Teller; 2],
}

impl HttpRoute {
    /// A route with these settings, that tells this.
    ///
    /// # Errors
    /// [`SetupError`]: a file of TLS is not there, or does not fit.
    pub fn new(config: &HttpConfig, teller: Teller) -> Result<Self, SetupError> {
        let client = Client::new(config, &config.tls.open()?);
        let by_tls = ["TLS", "mutual TLS"].map(|it| teller.clone().or_protected_by(it));
        Ok(Self { client, is_gateway: config.gateway, headers: headers(), teller, by_tls })
    }
}

impl Route for HttpRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        address(&outgoing.octets, &outgoing.to)?;
        Ok(Plan::new(1, outgoing.octets.len()))
    }

    fn is_to_blame(&self, failure: &SendError) -> bool {
        self.is_gateway && failure.is_of_the_way()
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let to = address(&outgoing.octets, &outgoing.to)?;
            let octets = Bytes::from_owner(Arc::clone(&outgoing.octets));
            let answer = post(&self.client, to, self.headers.clone(), octets).await?;
            let receipt = receipt(&answer, to, self.is_gateway)?;
            let [by_tls, by_mutual_tls] = &self.by_tls;
            let teller = match (to.is_tls(), answer.has_shown) {
                (true, true) => by_mutual_tls,
                (true, false) => by_tls,
                (false, _) => &self.teller,
            };
            teller.tell(&outgoing.id, receipt, &[]).await;
            Ok(())
        })
    }
}

async fn post(
    client: &Client,
    to: &HttpAddress,
    headers: HeaderMap,
    octets: Bytes,
) -> Result<Answer, SendError> {
    let answer = client.post(&to.uri(), headers, octets, 0).await;
    answer.map_err(|fault| fault.explain(Address::Http(to.clone())))
}

fn address<'a>(octets: &[u8], to: &'a Address) -> Result<&'a HttpAddress, SendError> {
    match to {
        Address::Http(_) if Push::read(octets).is_ok() => {
            Err(SendError::Wrapped { to: to.clone() })
        }
        Address::Http(address) => Ok(address),
        _ => Err(SendError::Address { to: to.clone(), transport: "HTTP" }),
    }
}

fn receipt(answer: &Answer, to: &HttpAddress, is_gateway: bool) -> Result<Receipt, SendError> {
    let to = || Address::Http(to.clone());
    match answer.status {
        status @ 200..=299 if is_gateway => Ok(Receipt::http_of_gateway(status)),
        status @ 200..=299 => Ok(Receipt::http_of_device(status)),
        status @ 300..=399 => Err(SendError::Redirected { to: to(), status }),
        status @ (401 | 403 | 407) if is_gateway => Err(SendError::Gateway { to: to(), status }),
        status => Err(SendError::Status { to: to(), status, wait: answer.retry_after }),
    }
}

fn headers() -> HeaderMap {
    let application = HeaderName::from_static(http_push::APPLICATION_ID_FIELD);
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(media_type::DM_WBXML)),
        (application, HeaderValue::from_static(APPLICATION_ID)),
    ])
}

impl HttpAddress {
    /// What is asked for. That it is one was seen when the address was read.
    pub(crate) fn uri(&self) -> Uri {
        Uri::try_from(self.to_string()).unwrap_or_default()
    }
}
