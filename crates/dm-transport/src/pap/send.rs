//! The route to a push gateway.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use dm_push::pap::{
    self, Document, Entity, Exchanged, PushMessage, Results, Selection, Timestamp, Word,
};
use dm_push::receipt::{Detail, Receipt, Says};

use super::config::{Delivery, PapConfig};
use super::exchange::{Gateway, foreign, refused, taken};
use super::name::{called, push_id};
use crate::protect::Wrapping;
use crate::route::{Ledger, Outgoing, Plan, PushId, Route, Sending, Sent, Teller};
use crate::setup::SetupError;
use crate::{Address, SendError};

/// Messages to a push gateway.
pub struct PapRoute {
    gateway: Gateway,
    config: PapConfig,
    wrapping: Wrapping,
    teller: Teller,
    ledger: Arc<dyn Ledger>,
}

impl PapRoute {
    /// A route to this gateway, that tells this. The ledger keeps which push-id is which sending, for
    /// the [`NotificationListener`](super::NotificationListener) that is given the same one.
    ///
    /// # Errors
    /// [`SetupError`]: the URL is none, or a file is not there or does not fit, or a secret is missing.
    pub fn new(
        config: &PapConfig,
        teller: Teller,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, SetupError> {
        config.check()?;
        let tls = config.tls.open()?;
        let (gateway, config) = (Gateway::new(config, &tls)?, config.clone());
        let teller = teller.once_shown(&tls);
        let wrapping = Wrapping::new(config.sec_mac.as_ref())?;
        Ok(Self { gateway, config, wrapping, teller, ledger })
    }

    /// Asks the gateway to withdraw a sending. That it did is told as a receipt, too.
    ///
    /// # Errors
    /// [`SendError::Pap`]: it did not; it is too late (2008), or the gateway does not know it (2004), or
    /// cannot do that (3001).
    pub async fn cancel(&self, id: &PushId, to: &Address) -> Result<Results, SendError> {
        let (selection, push_id) = self.selection(id, to)?;
        let said = self.ask(Document::CancelMessage(selection), to).await?;
        let Document::CancelResponse(results) = said.0 else { return Err(foreign(to)) };
        self.check(&results, &push_id, to)?;
        for Word { verdict, .. } in &results.results {
            let code = verdict.code.number();
            if code == 1000 {
                let receipt = Receipt::new(Says::Refused, Detail::Pap { code });
                self.teller.tell(id, receipt, &said.1).await;
            }
        }
        Ok(results)
    }

    /// Asks the gateway what became of a sending. What it says is told as a receipt, too.
    ///
    /// # Errors
    /// [`SendError::Pap`]: it does not know (2004), or cannot do that (3001).
    pub async fn query(&self, id: &PushId, to: &Address) -> Result<Results, SendError> {
        let (selection, push_id) = self.selection(id, to)?;
        let said = self.ask(Document::StatusQuery(selection), to).await?;
        let Document::StatusQueryResponse(results) = said.0 else { return Err(foreign(to)) };
        self.check(&results, &push_id, to)?;
        for receipt in results.results.iter().filter_map(Word::receipt) {
            self.teller.tell(id, receipt, &said.1).await;
        }
        Ok(results)
    }

    fn selection(&self, id: &PushId, to: &Address) -> Result<(Selection, String), SendError> {
        let push_id = self.push_id(id, to)?;
        let failed = |source| SendError::PapMessage { to: to.clone(), source: Box::new(source) };
        let mut selection = Selection::new(&push_id).map_err(failed)?;
        selection.addresses = vec![self.address(to)?.clone()];
        Ok((selection, push_id))
    }

    async fn ask(
        &self,
        document: Document,
        to: &Address,
    ) -> Result<(Document, Vec<u8>), SendError> {
        let failed = |source| SendError::PapMessage { to: to.clone(), source: Box::new(source) };
        let body = document.write().map_err(failed)?.into_bytes();
        let entity = Entity { content_type: pap::MEDIA_TYPE.to_owned(), body };
        let said = self.gateway.ask(entity, to).await?;
        Ok((said.document, said.raw))
    }

    /// The answer is to this push, and not that it cannot be answered.
    fn check(&self, results: &Results, push_id: &str, to: &Address) -> Result<(), SendError> {
        if !results.push_id.is_empty() && results.push_id != push_id {
            return Err(foreign(to));
        }
        let Some(first) = results.results.first() else { return Err(foreign(to)) };
        let is_success = |word: &Word| word.verdict.code.number() < 2000;
        // A state that a code of failure explains is an answer, too.
        match results.results.iter().any(|word| is_success(word) || word.state.is_some()) {
            true => Ok(()),
            false => Err(refused(to, first.verdict.clone())),
        }
    }

    fn address<'a>(&self, to: &'a Address) -> Result<&'a pap::Address, SendError> {
        let transport = match to {
            Address::Pap(address) if self.config.ipv6 || !is_ipv6(address) => return Ok(address),
            Address::Pap(_) => "PAP without `ipv6`",
            _ => "PAP",
        };
        Err(SendError::Address { to: to.clone(), transport })
    }

    /// What the gateway is told as the push-id of a sending to this device.
    ///
    /// # Errors
    /// [`SendError::Address`]: it is no address of this route.
    pub fn push_id(&self, id: &PushId, to: &Address) -> Result<String, SendError> {
        Ok(push_id(id, self.address(to)?, self.config.push_id_domain.as_deref()))
    }

    fn message(&self, outgoing: &Outgoing) -> Result<(String, Entity), SendError> {
        let to = &outgoing.to;
        let failed = |source| SendError::PapMessage { to: to.clone(), source: Box::new(source) };
        let address = self.address(to)?.clone();
        let push_id = self.push_id(&outgoing.id, to)?;
        let mut message = PushMessage::new(&push_id, address).map_err(failed)?;
        let since_1970 = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
        let until = outgoing.valid_until.and_then(since_1970);
        message.deliver_before = until.map(|since| Timestamp::from_unix(since.as_secs()));
        message.source_reference.clone_from(&self.config.source_reference);
        message.notify.clone_from(&self.config.notify);
        message.exchanged = match self.config.delivery {
            Delivery::Unconfirmed => Exchanged::Unconfirmed,
            Delivery::NotSpecified => Exchanged::NotSpecified,
        };
        let push = match self.wrapping.proves() {
            true => self.wrapping.push(&outgoing.octets, 0),
            false => Some(Cow::Borrowed(&*outgoing.octets)), // no push needs to be made
        };
        let push = push.ok_or_else(|| SendError::Unproven { to: to.clone() })?;
        Ok((push_id, message.entity(&push).map_err(failed)?))
    }

    /// Keeps which sending the gateway calls so: it may tell of it before it has answered. Whether it was tried before.
    async fn note(&self, push_id: &str, outgoing: &Outgoing) -> Result<bool, SendError> {
        let (ledger, route) = (self.ledger.clone(), self.teller.route().clone());
        let called = called(push_id, self.address(&outgoing.to)?);
        let sent = Sent { id: outgoing.id.clone(), part: None };
        let noted = tokio::task::spawn_blocking(move || {
            let is_again = ledger.find(&route, &called)?.as_ref() == Some(&sent);
            if !is_again {
                ledger.note(&route, &called, &sent)?;
            }
            Ok(is_again)
        });
        let noted = noted.await;
        let noted = noted.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        noted.map_err(|source| SendError::Ledger { to: outgoing.to.clone(), source })
    }
}

impl Route for PapRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        let (_, entity) = self.message(outgoing)?;
        Ok(Plan::new(1, entity.body.len()))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let (push_id, entity) = self.message(outgoing)?;
            let is_again = self.note(&push_id, outgoing).await?;
            let said = self.gateway.ask(entity, &outgoing.to).await?;
            let Document::PushResponse(response) = said.document else {
                return Err(foreign(&outgoing.to));
            };
            if !response.push_id.is_empty() && response.push_id != push_id {
                return Err(foreign(&outgoing.to));
            }
            let receipt = response.receipt();
            taken(&outgoing.to, response.result, is_again)?;
            self.teller.tell(&outgoing.id, receipt, &said.raw).await;
            Ok(())
        })
    }
}

const fn is_ipv6(address: &pap::Address) -> bool {
    matches!(address.device(), pap::Device::Ipv6(_))
}
