//! One message, over a connection of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dm_push::Receipt;
use dm_push::sip::digest::Hash;
use zeroize::Zeroizing;

use super::ask::{Asked, Caller, OwnLogin};
use super::voice::Voice;
use crate::address::{Host, SipAddress};
use crate::{Address, SendError, tls};

/// What a push by SIP needs beside its address.
#[derive(Clone, Copy, Default)]
pub struct SipWay<'a> {
    /// Who sends, if the proxy asks.
    pub login: Option<SipLogin<'a>>,
    /// Certificates in PEM of who may vouch for the proxy, for TLS; without any, those that this system trusts.
    pub authorities: &'a [u8],
    /// The proxy that the request goes to; without one, the host of the address.
    pub proxy: Option<&'a Host>,
}

/// A user of the proxy.
#[derive(Clone, Copy)]
pub struct SipLogin<'a> {
    /// The name.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
    /// The hash functions of digest.
    pub hash: Hash,
}

pub(crate) async fn send(
    octets: &[u8],
    to: &SipAddress,
    way: SipWay<'_>,
) -> Result<Receipt, SendError> {
    let unfit = |source: rustls::Error| SendError::Tls {
        to: Address::Sip(to.clone()),
        source: source.into(),
    };
    let login = way.login.map(|SipLogin { user, password, hash }| OwnLogin {
        user: user.to_owned(),
        password: Zeroizing::new(password.to_owned()),
        hash,
    });
    let caller = Caller {
        proxy: way.proxy.cloned(),
        transport: None,
        tls: Arc::new(tls::trusting(way.authorities).map_err(unfit)?).into(),
        login,
        from: None,
        accept_contact: Vec::new(),
        // The deadline is the caller's.
        connect_timeout: Duration::MAX,
        voice: Voice::new(None, false),
        places: Mutex::new(HashMap::new()),
    };
    let answer = caller.ask(Asked { octets, to, id: None, valid_until: None }).await?;
    Ok(caller.voice.receipt(answer.status))
}
