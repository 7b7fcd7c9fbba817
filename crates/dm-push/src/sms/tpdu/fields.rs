//! What each octet of a TPDU is.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Flags, MessageType, Pdu, ServiceCentre, Tpdu, Validity};
use crate::sms::field::{Field, Layout};

impl Pdu<'_> {
    /// What each octet is.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut layout = Layout::new();
        let meaning = match &self.service_centre {
            ServiceCentre::Absent => String::new(),
            ServiceCentre::Default => String::from("the modem's own"),
            ServiceCentre::Address(address) => address.to_string(),
        };
        layout.put("service centre", self.service_centre.octets(), meaning);
        self.tpdu.lay(&mut layout);
        layout.finish()
    }
}

impl Tpdu<'_> {
    /// What each octet is.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut layout = Layout::new();
        self.lay(&mut layout);
        layout.finish()
    }

    fn lay(&self, layout: &mut Layout) {
        layout.put("first octet", 1, self.first_octet());
        if let MessageType::Submit { reference, .. } = self.message_type {
            layout.put("TP-MR", 1, format!("{reference}"));
        }
        let name = match self.message_type {
            MessageType::Deliver { .. } => "TP-OA",
            MessageType::Submit { .. } => "TP-DA",
        };
        layout.put(name, 2 + self.address.value().len(), self.address.to_string());
        layout.put("TP-PID", 1, format!("{:#04x}", self.protocol_id));
        let class = self.coding.class().map(|class| format!(", class {class}"));
        let class = class.unwrap_or_default();
        layout.put("TP-DCS", 1, format!("{}{class}", self.coding.alphabet()));
        match self.message_type {
            MessageType::Deliver { time } => layout.put("TP-SCTS", 7, time.to_string()),
            MessageType::Submit { validity, .. } => {
                layout.put("TP-VP", validity.octets().len(), validity.meaning());
            }
        }
        let unit = if self.coding.counts_septets() { "septets" } else { "octets" };
        layout.put("TP-UDL", 1, format!("{} {unit}", self.user_data.length()));
        if let Some(header) = &self.user_data.header {
            header.lay(layout);
        }
        let length = self.user_data.octets.len();
        layout.put("TP-UD", length, format!("{length} octets of {}", self.coding.alphabet()));
    }

    fn first_octet(&self) -> String {
        let (name, bit_2) = match self.message_type {
            MessageType::Deliver { .. } => ("SMS-DELIVER", "no more messages"),
            MessageType::Submit { .. } => ("SMS-SUBMIT", "reject duplicates"),
        };
        let mut meaning = String::from(name);
        let flags = [
            (self.flags.has(Flags::NO_MORE_MESSAGES), bit_2),
            (self.flags.has(Flags::STATUS_REPORT), "status report"),
            (self.user_data.header.is_some(), "user data header"),
            (self.flags.has(Flags::REPLY_PATH), "reply path"),
        ];
        for (_, name) in flags.iter().filter(|(is_set, _)| *is_set) {
            meaning.push_str(", ");
            meaning.push_str(name);
        }
        meaning
    }
}

impl Validity {
    pub(super) fn meaning(&self) -> String {
        match self {
            Self::Unsaid => String::new(),
            Self::Relative(octet) => relative(*octet),
            Self::Absolute(time) => format!("until {time}"),
            Self::Enhanced(_) => String::from("enhanced format"),
        }
    }
}

/// A relative validity period in words. [TS 23.040 §9.2.3.12.1]
fn relative(octet: u8) -> String {
    let minutes = match u32::from(octet) {
        value @ 0..=143 => (value + 1) * 5,
        value @ 144..=167 => 12 * 60 + (value - 143) * 30,
        value @ 168..=196 => (value - 166) * 24 * 60,
        value => (value - 192) * 7 * 24 * 60,
    };
    match (minutes / 60 / 24, minutes / 60 % 24, minutes % 60) {
        (0, hours, minutes) => format!("{hours}:{minutes:02} h"),
        (days, 0, 0) => format!("{days} d"),
        (days, hours, minutes) => format!("{days} d {hours}:{minutes:02} h"),
    }
}
