//! REGISTER as it is written, with digest where it was asked for. [RFC 3261 §10.2, RFC 7616 §3.4]

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Instant;

use dm_push::sip::Uri;
use dm_push::sip::digest::{Algorithm, Credentials};

use super::{Asking, Known, Registration, State, T1};
use crate::config::SipTransport;

impl Registration {
    /// Writes the next REGISTER. [RFC 3261 §10.2]
    pub(super) fn ask(&mut self, now: Instant, rounds: u8, removes: bool) {
        self.cseq += 1;
        let branch = format!("z9hG4bK{:016x}{:016x}", (self.random)(), (self.random)());
        let Self { aor, application, call_id, contact, cseq, domain, tag, .. } = &*self;
        let transport = match self.transport {
            SipTransport::Tcp => "TCP",
            SipTransport::Tls => "TLS",
            SipTransport::Udp => "UDP",
        };
        let ours = self.contact_uri(*contact);
        let expires = if removes { 0 } else { self.expires.as_secs() };
        let mut text = format!(
            "REGISTER {domain} SIP/2.0\r\nVia: SIP/2.0/{transport} {contact};branch={branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <{aor}>;tag={tag}\r\nTo: <{aor}>\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} REGISTER\r\nContact: <{ours}>;expires={expires};\
             +g.oma.pusheventapp=\"{application}\"\r\n"
        );
        if let Some(old) = self.old {
            let _ = write!(text, "Contact: <{}>;expires=0\r\n", self.contact_uri(old));
        }
        let _ = write!(text, "Expires: {expires}\r\nAllow: MESSAGE, OPTIONS\r\n");
        let (authorization, nonce) = self.authorization().unzip();
        text += &authorization.unwrap_or_default();
        text += "Content-Length: 0\r\n\r\n";
        let again = (self.transport == SipTransport::Udp).then_some((now + T1, T1));
        self.state = State::Asking(Asking {
            branch,
            octets: text.into_bytes(),
            is_sent: false,
            again,
            until: now + 64 * T1,
            rounds,
            nonce,
            removes,
        });
    }

    /// The field that answers the challenge, if there is one, and the nonce in it.
    fn authorization(&mut self) -> Option<(String, String)> {
        let cnonce = format!("{:016x}", (self.random)());
        let password = self.password.as_ref()?;
        let Known { challenge, count, field } = self.challenge.as_mut()?;
        *count += 1;
        let login = Credentials {
            method: "REGISTER",
            uri: &self.domain,
            user: &self.user,
            password,
            count: *count,
            cnonce: &cnonce,
        };
        let value = challenge.authorization(login, hash);
        Some((format!("{field}: {value}\r\n"), challenge.nonce.clone()))
    }

    pub(super) fn contact_uri(&self, address: SocketAddr) -> String {
        let user = Uri::read(&self.aor).and_then(|uri| uri.user).unwrap_or_default();
        let transport = match self.transport {
            SipTransport::Tcp => "tcp",
            SipTransport::Tls => "tls",
            SipTransport::Udp => "udp",
        };
        format!("sip:{user}@{address};transport={transport}")
    }
}

pub(super) fn hash(algorithm: Algorithm, octets: &[u8]) -> String {
    let hex = |octets: &[u8]| {
        octets.iter().fold(String::new(), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
    };
    match algorithm {
        Algorithm::Md5 => hex(&dm_crypto::md5(octets)),
        Algorithm::Sha256 => hex(&dm_crypto::sha256(octets)),
    }
}
