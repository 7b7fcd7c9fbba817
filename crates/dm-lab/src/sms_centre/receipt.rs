//! Receipts as SMS centres write them: in text, and in optional parameters. [SMPP 3.4 appendix B]

use std::time::{SystemTime, UNIX_EPOCH};

use dm_push::smpp::{
    Body, ESM_CLASS_RECEIPT, Message, Party, Pdu, Status, Tlv, Tlvs, absolute_time, tag,
};

/// A segment that was submitted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submitted {
    /// What it is called, if it was taken.
    pub message_id: Option<String>,
    /// How it was answered, or would have been.
    pub status: Status,
    /// The submit_sm, all of it.
    pub pdu: Vec<u8>,
}

/// A deliver_sm that waits for a session.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// A receipt.
    Receipt { id: String, id_in_text: String, state: u8, from: String, to: String },
    /// A body that a test wrote.
    Raw(Vec<u8>),
}

impl Given {
    /// The receipt of a message that is called so in answers.
    pub(super) fn of(id: &str, state: u8, hex_ids: bool) -> Self {
        let number = u64::from_str_radix(id, if hex_ids { 16 } else { 10 });
        let id_in_text = number.map_or(id.to_owned(), |number| format!("{number:010}"));
        let id_in_text = if hex_ids { id_in_text } else { id.to_owned() };
        let (id, from, to) = (id.to_owned(), String::new(), String::new());
        Self::Receipt { id, id_in_text, state, from, to }
    }

    pub(super) fn between(mut self, device: &str, sender: &str) -> Self {
        if let Self::Receipt { from, to, .. } = &mut self {
            device.clone_into(from);
            sender.clone_into(to);
        }
        self
    }

    pub(super) fn raw(body: &[u8]) -> Self {
        Self::Raw(body.to_vec())
    }

    /// Writes the deliver_sm.
    pub(super) fn write(&self, sequence: u32, out: &mut Vec<u8>) {
        let (id, id_in_text, state, from, to) = match self {
            Self::Raw(body) => {
                let body = Body::Other { command: DELIVER_SM, body };
                let _ = Pdu::ok(sequence, body).write(out); // it is as it is
                return;
            }
            Self::Receipt { id, id_in_text, state, from, to } => (id, id_in_text, state, from, to),
        };
        let date = now();
        let date = &date[..10];
        let delivered = u8::from(*state == DELIVERED);
        let text = format!(
            "id:{id_in_text} sub:001 dlvrd:00{delivered} submit date:{date} done date:{date} \
             stat:{} err:000 text:",
            word(*state)
        );
        let mut tlvs = Vec::new();
        let id = [id.as_bytes(), b"\0"].concat();
        // With hexadecimal ids only the text tells: that is what such SMS centres are hard for.
        if id_in_text.as_bytes() == &id[..id.len() - 1] {
            let _ = Tlv { tag: tag::RECEIPTED_MESSAGE_ID, value: &id }.write(&mut tlvs);
        }
        let _ = Tlv { tag: tag::MESSAGE_STATE, value: &[*state] }.write(&mut tlvs);
        let party = |address| Party { ton: 1, npi: 1, address };
        let message = Message {
            source: party(from.as_bytes()),
            destination: party(to.as_bytes()),
            esm_class: ESM_CLASS_RECEIPT,
            short_message: text.as_bytes(),
            tlvs: Tlvs::of(&tlvs),
            ..Message::default()
        };
        let _ = Pdu::ok(sequence, Body::DeliverSm(message)).write(out); // within every limit
    }
}

/// Now, as SMPP writes it.
pub(super) fn now() -> String {
    absolute_time(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

pub(super) const DELIVERED: u8 = 2;
pub(super) const EXPIRED: u8 = 3;
pub(super) const UNDELIVERABLE: u8 = 5;
const DELIVER_SM: u32 = 0x05;

/// What a message_state is called in the text of a receipt.
pub(super) fn word(state: u8) -> &'static str {
    const WORDS: [&str; 9] = [
        "SCHEDLD", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN",
        "REJECTD",
    ];
    WORDS.get(usize::from(state)).unwrap_or(&"UNKNOWN")
}
