//! The documents of PAP, as values. [PAP §9]

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Address, Code, MAX_ATTRIBUTE, PapFault, State, Timestamp};
use crate::receipt::{Detail, Receipt, Says};
use crate::{Error, ErrorKind};

/// What is said in PAP, one way or the other.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Document {
    /// A push, of which this is the control document.
    PushMessage(PushMessage),
    /// The gateway's answer to it.
    PushResponse(PushResponse),
    /// A push is to be withdrawn.
    CancelMessage(Selection),
    /// What came of that.
    CancelResponse(Results),
    /// What became of a push is asked for.
    StatusQuery(Selection),
    /// The answer to it.
    StatusQueryResponse(Results),
    /// The gateway tells what became of a push.
    ResultNotification(Report),
    /// That was heard.
    ResultNotificationResponse(ReportAnswer),
    /// What was said could not be read.
    BadMessage(Verdict),
}

/// A push, as a gateway is to carry it. Never confirmed: a sessionless message asks for no answer, and there is
/// a gateway that does not reach a device any more after it tried so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushMessage {
    pub(super) push_id: String,
    /// The device.
    pub address: Address,
    /// When the gateway is to give up.
    pub deliver_before: Option<Timestamp>,
    /// Who sends, as text for the gateway's records.
    pub source_reference: Option<String>,
    /// Where the gateway shall tell what became of it: a URL.
    pub notify: Option<String>,
    /// How it is delivered.
    pub exchanged: Exchanged,
}

/// `delivery-method`: there are two that ask the device for nothing. [PAP §9.2.2]
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Exchanged {
    /// `unconfirmed`.
    #[default]
    Unconfirmed,
    /// `notspecified`: the gateway decides.
    NotSpecified,
}

/// The answer to a push.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushResponse {
    /// Of which.
    pub push_id: String,
    /// What came of it.
    pub result: Verdict,
}

/// A code, and words for the eyes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// The code.
    pub code: Code,
    /// Words.
    pub text: String,
}

/// Which push: of one device, or of all that it went to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selection {
    pub(super) push_id: String,
    /// The devices; none stands for all.
    pub addresses: Vec<Address>,
}

/// What is said of a push, for some devices alike, for others not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Results {
    /// Of which.
    pub push_id: String,
    /// What is said.
    pub results: Vec<Word>,
}

/// What is said of a push for some devices.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    /// What came of the question.
    pub verdict: Verdict,
    /// What became of the push, if that was asked.
    pub state: Option<State>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// For which devices, as the gateway writes them; none stands for all.
    pub addresses: Vec<String>,
}

/// What became of a push: a notification of its result.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// Of which.
    pub push_id: String,
    /// The device, as the gateway writes it.
    pub address: String,
    /// What became of it.
    pub state: State,
    /// Why.
    pub verdict: Verdict,
    /// When that was.
    pub at: Option<Timestamp>,
}

/// The answer to a [`Report`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReportAnswer {
    /// Of which push.
    pub push_id: String,
    /// The device, as the gateway wrote it.
    pub address: String,
    /// Whether it was heard.
    pub verdict: Verdict,
}

impl PushMessage {
    /// A push with this id to this device, unconfirmed and for as long as the gateway likes.
    ///
    /// # Errors
    /// [`PapFault::Attribute`]: no such push-id.
    pub fn new(push_id: &str, address: Address) -> Result<Self, Error> {
        Ok(Self {
            push_id: checked_id(push_id)?,
            address,
            deliver_before: None,
            source_reference: None,
            notify: None,
            exchanged: Exchanged::default(),
        })
    }

    /// The id.
    #[must_use]
    pub fn push_id(&self) -> &str {
        &self.push_id
    }
}

impl Selection {
    /// The push with this id, to all devices.
    ///
    /// # Errors
    /// [`PapFault::Attribute`]: no such push-id.
    pub fn new(push_id: &str) -> Result<Self, Error> {
        Ok(Self { push_id: checked_id(push_id)?, addresses: Vec::new() })
    }

    /// The id.
    #[must_use]
    pub fn push_id(&self) -> &str {
        &self.push_id
    }
}

impl PushResponse {
    /// What the gateway said of the message: handed over, and never more.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        Receipt::new(Says::HandedOver, Detail::Pap { code: self.result.code.number() })
    }
}

impl Report {
    /// What the gateway said of the message. Nothing if it does not know; if it says that a message was
    /// delivered, and why it was not, no more than that it had it.
    #[must_use]
    pub fn receipt(&self) -> Option<Receipt> {
        receipt(Some(self.state), &self.verdict)
    }
}

impl Word {
    /// What the answer to a query says of the message.
    #[must_use]
    pub fn receipt(&self) -> Option<Receipt> {
        receipt(self.state, &self.verdict)
    }
}

fn receipt(state: Option<State>, verdict: &Verdict) -> Option<Receipt> {
    let code = verdict.code.number();
    let says = match state?.says()? {
        Says::Reached if code >= 2000 => Says::HandedOver,
        says => says,
    };
    Some(Receipt::new(says, Detail::Pap { code }))
}

/// A push-id: visible ASCII, without what XML escapes. There is a gateway that repeats it as it stands.
pub(super) fn checked_id(text: &str) -> Result<String, Error> {
    let is_plain = |octet: u8| octet.is_ascii_graphic() && !b"<>&\"'".contains(&octet);
    if text.is_empty() || text.len() > MAX_ATTRIBUTE || !text.bytes().all(is_plain) {
        let fault = PapFault::Attribute { element: "push-message", attribute: "push-id" };
        return Err(Error::new(ErrorKind::Pap(fault), 0));
    }
    Ok(text.to_string())
}
