//! What can be said of routes before they are open: what a message takes, and how much they can tell.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{RouteConfig, Routes, RoutesError};
use crate::route::{Outgoing, Plan, Route, Sending};
use crate::{Address, Guarded, Ledger, MemoryLedger, SendError, Teller};

impl Routes {
    /// The routes for [`Guarded::plan`] alone: nothing listens, and no file is made.
    ///
    /// # Errors
    /// [`RoutesError::Setup`].
    pub async fn for_plans(&self) -> Result<Vec<Guarded>, RoutesError> {
        let (tell, _) = mpsc::channel(1);
        let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new(1));
        let mut routes = Vec::new();
        for config in &self.0 {
            let route: Box<dyn Route> = match &config.poll {
                Some(_) => Box::new(PollPlan),
                None => {
                    let teller = Teller::new(&config.name, tell.clone());
                    config.route(teller, &ledger).await.map_err(|error| config.failed(error))?
                }
            };
            routes.push(config.guarded(route));
        }
        Ok(routes)
    }

    /// The highest rung of the ladder of evidence that the route of this name can ever tell of; none, if there is no
    /// such route. Whether it does so for one message, the other end decides.
    ///
    /// ```
    /// use dm_transport::{Direct, Routes};
    /// let with = Direct { danger_unprotected: true, ..Direct::default() };
    /// let (routes, _) = Routes::direct(&["https://device.example/push", "udp://192.0.2.7"], &with)?;
    /// assert_eq!(["http", "udp-2", "sms"].map(|name| routes.highest_rung(name)), [Some(3), Some(2), None]);
    /// # Ok::<(), dm_transport::DirectError>(())
    /// ```
    #[must_use]
    pub fn highest_rung(&self, name: &str) -> Option<u8> {
        self.0.iter().find(|route| route.name == name).map(RouteConfig::highest_rung)
    }
}

impl RouteConfig {
    fn highest_rung(&self) -> u8 {
        let is_reached = match self {
            Self { http: Some(http), .. } => !http.gateway,
            Self { pap: Some(_), notifications, .. } => notifications.is_some(),
            Self { poll: Some(_), .. } => true,
            Self { sip: Some(sip), .. } => sip.device,
            Self { smpp: Some(smpp), .. } => smpp.receipts,
            // Nobody tells of what was carried, published, or sent as a datagram.
            _ => false,
        };
        if is_reached { 3 } else { 2 }
    }
}

/// Mailboxes that are not open: another program may have them.
struct PollPlan;

impl Route for PollPlan {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        match &outgoing.to {
            Address::Poll(_) => Ok(Plan::new(1, outgoing.octets.len())),
            to => Err(SendError::Address { to: to.clone(), transport: "long poll" }),
        }
    }

    fn send<'a>(&'a self, _: &'a Outgoing) -> Sending<'a> {
        let (route, reason) = ("poll".into(), "it is for plans alone".into());
        let again = Duration::from_secs(300);
        Box::pin(std::future::ready(Err(SendError::RouteDown { route, reason, again })))
    }
}
