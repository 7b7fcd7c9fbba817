//! Control documents as XML. [PAP §9]

use alloc::string::{String, ToString};
use core::fmt::Write;

use super::{
    Document, Exchanged, MAX_ATTRIBUTE, PapFault, PushMessage, Report, Results, Selection, Verdict,
    Word,
};
use crate::{Error, ErrorKind};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" \"http://www.wapforum.org/DTD/pap_2.0.dtd\">\n";

impl Document {
    /// The document as XML, with the document type declaration of version 2.0.
    ///
    /// # Errors
    /// [`PapFault::Attribute`]: a value that XML cannot carry, or that is too long.
    pub fn write(&self) -> Result<String, Error> {
        let mut out = Writer { text: HEAD.to_string() + "<pap>" };
        match self {
            Self::PushMessage(message) => out.push_message(message)?,
            Self::PushResponse(response) => {
                out.open("push-response").attribute("push-id", &response.push_id)?.hold();
                out.verdict("response-result", &response.result)?.empty();
                out.close("push-response");
            }
            Self::CancelMessage(selection) => out.selection("cancel-message", selection)?,
            Self::CancelResponse(results) => out.results("cancel", results)?,
            Self::StatusQuery(selection) => out.selection("statusquery-message", selection)?,
            Self::StatusQueryResponse(results) => out.results("statusquery", results)?,
            Self::ResultNotification(report) => out.report(report)?,
            Self::ResultNotificationResponse(answer) => {
                let element = out.verdict("resultnotification-response", &answer.verdict)?;
                element.attribute("push-id", &answer.push_id)?.hold();
                out.address(&answer.address)?;
                out.close("resultnotification-response");
            }
            Self::BadMessage(verdict) => out.verdict("badmessage-response", verdict)?.empty(),
        }
        out.text.push_str("</pap>\n");
        Ok(out.text)
    }
}

struct Writer {
    text: String,
}

/// A tag that is open for attributes.
struct Tag<'a> {
    out: &'a mut Writer,
    element: &'static str,
}

impl Writer {
    fn push_message(&mut self, message: &PushMessage) -> Result<(), Error> {
        let tag = self.open("push-message").attribute("push-id", &message.push_id)?;
        let before = message.deliver_before.map(|time| time.to_string());
        tag.optional("deliver-before-timestamp", before.as_deref())?
            .optional("source-reference", message.source_reference.as_deref())?
            .optional("ppg-notify-requested-to", message.notify.as_deref())?
            .hold();
        self.address(&message.address.to_string())?;
        let method = match message.exchanged {
            Exchanged::Unconfirmed => "unconfirmed",
            Exchanged::NotSpecified => "notspecified",
        };
        self.open("quality-of-service").attribute("delivery-method", method)?.empty();
        self.close("push-message");
        Ok(())
    }

    fn selection(&mut self, name: &'static str, selection: &Selection) -> Result<(), Error> {
        self.open(name).attribute("push-id", &selection.push_id)?.hold();
        for address in &selection.addresses {
            self.address(&address.to_string())?;
        }
        self.close(name);
        Ok(())
    }

    fn results(&mut self, what: &'static str, results: &Results) -> Result<(), Error> {
        let (outer, inner) = match what {
            "cancel" => ("cancel-response", "cancel-result"),
            _ => ("statusquery-response", "statusquery-result"),
        };
        self.open(outer).attribute("push-id", &results.push_id)?.hold();
        for Word { verdict, state, at, addresses } in &results.results {
            let at = at.map(|time| time.to_string());
            let tag = self.verdict(inner, verdict)?.optional("event-time", at.as_deref())?;
            tag.optional("message-state", state.map(super::State::name))?.hold();
            for address in addresses {
                self.address(address)?;
            }
            self.close(inner);
        }
        self.close(outer);
        Ok(())
    }

    fn report(&mut self, report: &Report) -> Result<(), Error> {
        let at = report.at.map(|time| time.to_string());
        let tag = self.verdict("resultnotification-message", &report.verdict)?;
        tag.attribute("push-id", &report.push_id)?
            .attribute("message-state", report.state.name())?
            .optional("event-time", at.as_deref())?
            .hold();
        self.address(&report.address)?;
        self.close("resultnotification-message");
        Ok(())
    }

    fn address(&mut self, address: &str) -> Result<(), Error> {
        self.open("address").attribute("address-value", address)?.empty();
        Ok(())
    }

    fn verdict(&mut self, element: &'static str, verdict: &Verdict) -> Result<Tag<'_>, Error> {
        let code = verdict.code.to_string();
        self.open(element).attribute("code", &code)?.attribute("desc", &verdict.text)
    }

    fn open(&mut self, element: &'static str) -> Tag<'_> {
        let _ = write!(self.text, "<{element}"); // a String takes everything
        Tag { out: self, element }
    }

    fn close(&mut self, element: &str) {
        let _ = write!(self.text, "</{element}>"); // a String takes everything
    }
}

impl Tag<'_> {
    fn attribute(self, attribute: &'static str, value: &str) -> Result<Self, Error> {
        let is_character = |c: char| !matches!(c, '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}');
        if value.len() > MAX_ATTRIBUTE || !value.chars().all(is_character) {
            let fault = PapFault::Attribute { element: self.element, attribute };
            return Err(Error::new(ErrorKind::Pap(fault), 0));
        }
        let text = &mut self.out.text;
        let _ = write!(text, " {attribute}=\""); // a String takes everything
        for character in value.chars() {
            match character {
                '&' => text.push_str("&amp;"),
                '<' => text.push_str("&lt;"),
                '"' => text.push_str("&quot;"),
                other => text.push(other),
            }
        }
        text.push('"');
        Ok(self)
    }

    fn optional(self, attribute: &'static str, value: Option<&str>) -> Result<Self, Error> {
        match value {
            Some(value) => self.attribute(attribute, value),
            None => Ok(self),
        }
    }

    fn empty(self) {
        self.out.text.push_str("/>");
    }

    fn hold(self) {
        self.out.text.push('>');
    }
}
