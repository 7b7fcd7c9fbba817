//! Documents of PAP out of XML, whichever version of it. [PAP §9]

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_xml::{Element, Limits, parse_lenient};

use super::document::checked_id;
use super::{
    Code, Document, Exchanged, PapFault, PushMessage, PushResponse, Report, ReportAnswer, Results,
    Selection, State, Timestamp, Verdict, Word,
};
use crate::{Error, ErrorKind};

/// What a document of PAP may cost: 64 KiB, 1,024 elements, 8 inside one another.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        octets: 64 << 10,
        depth: 8,
        elements: 1_024,
        attributes: 32,
        text: 64 << 10,
        ..Limits::default()
    }
}

/// Reads a document. What it does not know beside what it wants, it passes over: later versions add to it.
///
/// # Errors
/// [`PapFault`]; the offset is that in the XML where it is no XML, and else 0.
pub fn read(octets: &[u8]) -> Result<Document, Error> {
    let (document, _) = parse_lenient(octets, &limits())
        .map_err(|error| Error::new(ErrorKind::Pap(PapFault::Xml), error.offset))?;
    let root = document.root();
    let said = root.elements().next().filter(|_| root.local() == "pap");
    let said = said.ok_or(failed(PapFault::NotPap))?;
    Ok(match said.local() {
        "push-message" => Document::PushMessage(push_message(said)?),
        "push-response" => {
            let result = child(said, "push-response", "response-result")?;
            let result = verdict(result, "response-result")?;
            Document::PushResponse(PushResponse { push_id: text(said, "push-id"), result })
        }
        "cancel-message" => Document::CancelMessage(selection(said, "cancel-message")?),
        "cancel-response" => Document::CancelResponse(results(said, "cancel-result")?),
        "statusquery-message" => Document::StatusQuery(selection(said, "statusquery-message")?),
        "statusquery-response" => {
            Document::StatusQueryResponse(results(said, "statusquery-result")?)
        }
        "resultnotification-message" => Document::ResultNotification(report(said)?),
        "resultnotification-response" => {
            let verdict = verdict(said, "resultnotification-response")?;
            let address = addresses(said).next().unwrap_or_default();
            let answer = ReportAnswer { push_id: text(said, "push-id"), address, verdict };
            Document::ResultNotificationResponse(answer)
        }
        "badmessage-response" => Document::BadMessage(verdict(said, "badmessage-response")?),
        _ => return Err(failed(PapFault::NotPap)),
    })
}

fn push_message(said: Element<'_>) -> Result<PushMessage, Error> {
    let address = child(said, "push-message", "address")?;
    let address = demanded(address, "address", "address-value")?.trim().parse()?;
    let mut message = PushMessage::new(demanded(said, "push-message", "push-id")?, address)?;
    let before = said.attribute("deliver-before-timestamp");
    message.deliver_before = before.map(|text| text.trim().parse()).transpose()?;
    message.source_reference = said.attribute("source-reference").map(ToString::to_string);
    message.notify = said.attribute("ppg-notify-requested-to").map(ToString::to_string);
    let quality = said.elements().find(|element| element.local() == "quality-of-service");
    let method = quality.and_then(|quality| quality.attribute("delivery-method"));
    message.exchanged = match method.unwrap_or("notspecified") {
        "unconfirmed" => Exchanged::Unconfirmed,
        "notspecified" => Exchanged::NotSpecified,
        _ => return Err(unfit("quality-of-service", "delivery-method")),
    };
    Ok(message)
}

fn selection(said: Element<'_>, element: &'static str) -> Result<Selection, Error> {
    let addresses: Result<Vec<_>, _> = addresses(said).map(|text| text.parse()).collect();
    let push_id = checked_id(demanded(said, element, "push-id")?)?;
    Ok(Selection { push_id, addresses: addresses? })
}

fn results(said: Element<'_>, inner: &'static str) -> Result<Results, Error> {
    let words = said.elements().filter(|element| element.local() == inner);
    let words = words.map(|word| {
        let state = match word.attribute("message-state") {
            Some(name) => Some(State::named(name).ok_or(unfit(inner, "message-state"))?),
            None => None,
        };
        let addresses = addresses(word).collect();
        Ok(Word { verdict: verdict(word, inner)?, state, at: time(word), addresses })
    });
    Ok(Results { push_id: text(said, "push-id"), results: words.collect::<Result<_, Error>>()? })
}

fn report(said: Element<'_>) -> Result<Report, Error> {
    const ELEMENT: &str = "resultnotification-message";
    let state = demanded(said, ELEMENT, "message-state")?;
    Ok(Report {
        push_id: demanded(said, ELEMENT, "push-id")?.to_string(),
        address: addresses(said).next().unwrap_or_default(),
        state: State::named(state).ok_or(unfit(ELEMENT, "message-state"))?,
        verdict: verdict(said, ELEMENT)?,
        at: time(said),
    })
}

fn addresses(said: Element<'_>) -> impl Iterator<Item = String> {
    let addresses = said.elements().filter(|element| element.local() == "address");
    addresses.filter_map(|address| address.attribute("address-value")).map(ToString::to_string)
}

fn verdict(said: Element<'_>, element: &'static str) -> Result<Verdict, Error> {
    let code = demanded(said, element, "code")?.trim();
    let code = code.parse().ok().and_then(|code| Code::new(code).ok());
    Ok(Verdict { code: code.ok_or(failed(PapFault::NoCode))?, text: text(said, "desc") })
}

/// When it was. A time of another form is not worth the evidence that it stands beside.
fn time(said: Element<'_>) -> Option<Timestamp> {
    said.attribute("event-time").and_then(|text| text.trim().parse().ok())
}

fn child<'d>(
    said: Element<'d>,
    inside: &'static str,
    element: &'static str,
) -> Result<Element<'d>, Error> {
    let found = said.elements().find(|child| child.local() == element);
    found.ok_or(failed(PapFault::Missing { inside, element }))
}

fn demanded<'d>(
    said: Element<'d>,
    element: &'static str,
    attribute: &'static str,
) -> Result<&'d str, Error> {
    said.attribute(attribute).ok_or(unfit(element, attribute))
}

fn text(said: Element<'_>, attribute: &str) -> String {
    said.attribute(attribute).unwrap_or_default().to_string()
}

const fn unfit(element: &'static str, attribute: &'static str) -> Error {
    failed(PapFault::Attribute { element, attribute })
}

const fn failed(fault: PapFault) -> Error {
    Error::new(ErrorKind::Pap(fault), 0)
}
