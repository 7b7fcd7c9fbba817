//! Delivery receipts: what became of a message that was sent before. [SMPP 3.4 §5.2.28, appendix B]
//!
//! The same is said twice, and not by every SMS centre both ways: in optional parameters, and in text:
//!
//! ```text
//! id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text:...
//! ```

use alloc::string::String;

use super::message::Message;
use super::tlv::tag;
use crate::receipt::{Detail, Receipt, Says};

/// What a deliver_sm says of an earlier message.
///
/// ```
/// use dm_push::receipt::Says;
/// use dm_push::smpp::{ESM_CLASS_RECEIPT, DeliveryReceipt, Message};
/// let text = b"id:7 sub:001 dlvrd:001 submit date:2402291200 done date:2402291201 stat:DELIVRD err:000 text:";
/// let message = Message { esm_class: ESM_CLASS_RECEIPT, short_message: text, ..Message::default() };
/// let receipt = DeliveryReceipt::read(&message).expect("a receipt");
/// assert_eq!((receipt.id_in_text, receipt.receipt().says()), (Some(&b"7"[..]), Says::Reached));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeliveryReceipt<'a> {
    /// receipted_message_id: the id as the submit_sm_resp has it.
    pub id: Option<&'a [u8]>,
    /// `id:` of the text, which some SMS centres write otherwise.
    pub id_in_text: Option<&'a [u8]>,
    /// message_state, or what `stat:` stands for.
    pub state: u8,
    /// `err:` of the text, as it stands.
    pub error: Option<&'a [u8]>,
}

impl<'a> DeliveryReceipt<'a> {
    /// The receipt that a deliver_sm is: none if it is no receipt, or tells no state that we know.
    #[must_use]
    pub fn read(message: &Message<'a>) -> Option<Self> {
        let text = message.user_data();
        let state = message.tlvs.octet(tag::MESSAGE_STATE);
        let state = state.or_else(|| state_of(field(text, b"stat:")?))?;
        let id = message.tlvs.text(tag::RECEIPTED_MESSAGE_ID);
        (message.is_receipt() || id.is_some()).then_some(())?; // some leave esm_class at 0
        Some(Self { id, id_in_text: field(text, b"id:"), state, error: field(text, b"err:") })
    }

    /// What it says of the segment.
    #[must_use]
    pub const fn receipt(&self) -> Receipt {
        Receipt::new(says(self.state), Detail::SmppState { state: self.state })
    }
}

/// What a message_state claims, and no more: what is on its way is handed over.
/// [SMPP 5.0 §4.7.15]
#[must_use]
pub const fn says(state: u8) -> Says {
    match state {
        2 => Says::Reached,
        3 => Says::Expired,
        4 | 8 => Says::Refused,
        5 | 9 => Says::Undeliverable,
        _ => Says::HandedOver,
    }
}

/// `stat:` has seven letters, and here and there more.
fn state_of(word: &[u8]) -> Option<u8> {
    let begins =
        |with: &[u8]| word.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    let known = STATES.iter().find(|(letters, _)| begins(letters));
    known.map(|(_, state)| *state)
}

const STATES: [(&[u8], u8); 10] = [
    (b"SCHED", 0),
    (b"ENROU", 1),
    (b"DELIV", 2),
    (b"EXPIR", 3),
    (b"DELET", 4),
    (b"UNDEL", 5),
    (b"ACCEP", 6),
    (b"UNKNO", 7),
    (b"REJEC", 8),
    (b"SKIPP", 9),
];

/// The word behind a key that stands at the beginning or behind white space. What `text:` repeats of the
/// message is not looked at.
fn field<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let is_at = |at: usize, key: &[u8]| {
        (at == 0 || text[at - 1].is_ascii_whitespace())
            && text.get(at..at + key.len()).is_some_and(|found| found.eq_ignore_ascii_case(key))
    };
    let end = (0..text.len()).find(|at| is_at(*at, b"text:")).unwrap_or(text.len());
    let at = (0..end).find(|at| is_at(*at, key))?;
    let rest = text.get(at + key.len()..end)?;
    let word = rest.split(|octet| octet.is_ascii_whitespace() || *octet == 0).next()?;
    (!word.is_empty()).then_some(word)
}

/// How an SMS centre writes the same id in a submit_sm_resp and in the text of a receipt. It is a setting:
/// a guess could find another message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MessageIds {
    /// The same way.
    #[default]
    Same,
    /// In hexadecimal in the response, in decimal in the receipt.
    HexThenDecimal,
    /// In decimal in the response, in hexadecimal in the receipt.
    DecimalThenHex,
}

impl MessageIds {
    /// What is noted of the id in a submit_sm_resp, or in receipted_message_id.
    #[must_use]
    pub fn of_response(self, id: &[u8]) -> String {
        match self {
            Self::Same => latin1(id),
            Self::HexThenDecimal => number(id, 16),
            Self::DecimalThenHex => number(id, 10),
        }
    }

    /// What was noted of the id that the text of a receipt has.
    ///
    /// ```
    /// use dm_push::smpp::MessageIds;
    /// let ids = MessageIds::HexThenDecimal;
    /// assert_eq!(ids.of_response(b"1A2b"), ids.of_text(b"0000006699"));
    /// assert_ne!(MessageIds::Same.of_response(b"10"), MessageIds::Same.of_text(b"010"));
    /// ```
    #[must_use]
    pub fn of_text(self, id: &[u8]) -> String {
        match self {
            Self::Same => latin1(id),
            Self::HexThenDecimal => number(id, 10),
            Self::DecimalThenHex => number(id, 16),
        }
    }
}

/// A number in one form; what is no number, as it stands.
fn number(id: &[u8], radix: u32) -> String {
    let text = latin1(id);
    match u128::from_str_radix(&text, radix) {
        Ok(number) if !text.starts_with('+') => alloc::format!("{number}"),
        _ => text,
    }
}

/// Each octet a character, so that other octets are another text.
fn latin1(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

#[cfg(test)]
mod tests;
