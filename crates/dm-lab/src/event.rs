//! What happens in the lab, for whoever looks on.

use std::fmt;
use std::sync::Arc;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Where.
    pub by: By,
    /// What.
    pub kind: Kind,
    /// What the message is called there: a message_id, a push-id, or the number of a datagram.
    pub id: String,
    /// The device; of a receipt, who is told.
    pub to: String,
    /// In which way: the answer, the state, or how often.
    pub detail: String,
}

/// A part of the lab.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum By {
    /// The bearer.
    Bearer,
    /// The push gateway.
    Gateway,
    /// The SMS centre.
    SmsCentre,
}

/// What can happen.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Kind {
    /// A message came, and was taken.
    Submitted,
    /// A message came, and was not taken.
    Refused,
    /// A message was put on the air.
    Carried,
    /// A message got lost, was too late, or was not taken by its device.
    Lost,
    /// A device has a message.
    Delivered,
    /// Whoever sent was told what became of a message.
    Receipt,
}

impl By {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Gateway => "gateway",
            Self::SmsCentre => "sms-centre",
        }
    }
}

impl Kind {
    /// All, in the order in which a message meets them.
    pub const ALL: [Self; 6] =
        [Self::Submitted, Self::Refused, Self::Carried, Self::Lost, Self::Delivered, Self::Receipt];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Refused => "refused",
            Self::Carried => "carried",
            Self::Lost => "lost",
            Self::Delivered => "delivered",
            Self::Receipt => "receipt",
        }
    }
}

/// Is told everything that happens, in order, and is waited for.
#[derive(Clone, Default)]
pub struct Watcher(Option<Arc<Tell>>);

type Tell = dyn Fn(&Event) + Send + Sync;

impl Watcher {
    /// One that is told so.
    pub fn new(tell: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(crate) const fn is_there(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn tell(&self, by: By, kind: Kind, of: (&str, &str), detail: impl fmt::Display) {
        if let Some(tell) = &self.0 {
            let (id, to) = (of.0.to_owned(), of.1.to_owned());
            tell(&Event { by, kind, id, to, detail: detail.to_string() });
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watcher").field(&self.is_there()).finish()
    }
}
