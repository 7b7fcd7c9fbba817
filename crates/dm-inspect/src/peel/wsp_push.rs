//! The layer of WSP. [WSP §8.2.4.1]

use dm_push::media_type::{DM_NOTIFICATION, DS_NOTIFICATION, NOTIFICATION};
use dm_push::wsp::{Push, Value};

use super::{Field, Layer, Octets, Peeler};
use crate::deviation::Deviation;
use crate::recognise::{Form, recognise};

impl Peeler {
    pub(super) fn push(&mut self, octets: Octets, why: String, depth: usize) {
        let push = match Push::read(&octets.octets) {
            Ok(push) => push,
            Err(error) => {
                let deviation = Deviation::of_push(octets.source(), &error);
                self.peeled.deviations.push(deviation);
                return self.unknown(octets);
            }
        };
        let start = octets.octets.len() - push.body.len();
        let layer = Layer {
            name: "WSP push",
            what: what(&push),
            why,
            fields: fields(&octets.octets, start, &push),
        };
        let is_wbxml = push.content_type.media_type.name().is_some_and(dm_syncml::is_wbxml);
        let inner = octets.inner(start..octets.octets.len(), layer);
        // What the content type promises is believed where the octets themselves tell nothing.
        let promised = is_wbxml && recognise(&inner.octets).is_none() && !inner.octets.is_empty();
        if is_trigger(&push) {
            return self.unknown(inner);
        }
        self.take_off(inner, promised.then_some(Form::Wbxml), depth + 1);
    }
}

/// Whether it only asks a device to start a session, in a form that is no document.
fn is_trigger(push: &Push<'_>) -> bool {
    [NOTIFICATION, DS_NOTIFICATION, DM_NOTIFICATION]
        .iter()
        .any(|name| push.content_type.media_type.is(name))
}

fn what(push: &Push<'_>) -> String {
    let mut what = content_type(push);
    if let Some(id) = &push.application_id {
        what += ", ";
        what += &id.name().map_or_else(|| format!("application {:?}", id.code()), str::to_owned);
    }
    if is_trigger(push) {
        what += ", which only asks for a session";
    }
    what
}

fn content_type(push: &Push<'_>) -> String {
    let media = &push.content_type.media_type;
    let mut text =
        media.name().map_or_else(|| format!("media type {:?}", media.code()), str::to_owned);
    if let Some(sec) = push.content_type.sec() {
        text += &format!(", SEC={sec}");
    }
    if push.content_type.mac().is_some() {
        text += ", MAC given";
    }
    text
}

fn fields(octets: &[u8], body: usize, push: &Push<'_>) -> Vec<Field> {
    let field = |name, range: core::ops::Range<usize>, meaning| Field {
        part: String::new(),
        name,
        offset: range.start,
        octets: octets.get(range).unwrap_or_default().to_vec(),
        meaning,
    };
    // A uintvar: seven bits an octet, the highest bit set on all but the last.
    let length = octets.iter().skip(2).take_while(|&&octet| octet & 0x80 != 0).count() + 1;
    let headers = (2 + length).min(body);
    let mut said = what(push);
    for header in &push.headers {
        let name = header.name();
        let name = name.as_str().map_or_else(|| format!("header {:?}", name.code()), str::to_owned);
        let value = match header.value() {
            Value::Text(text) => String::from_utf8_lossy(text.octets()).into_owned(),
            value => value.integer().map_or("data".to_owned(), |number| number.to_string()),
        };
        said += &format!(", {name}: {value}");
    }
    vec![
        field("TID", 0..1, format!("transaction {}", push.transaction_id)),
        field("Type", 1..2, "Push".to_owned()),
        field("HeadersLen", 2..headers, format!("{} octets of headers", body - headers)),
        field("Headers", headers..body, said),
    ]
}
