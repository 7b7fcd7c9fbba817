//! What a gateway says in PAP, and what it does then.

use std::net::SocketAddr;
use std::sync::Arc;

use dm_push::media_type;
use dm_push::pap::{
    self, Code, Device, Document, PushMessage, PushResponse, Results, Selection, State, Step,
    Verdict,
};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Response, StatusCode};

use super::notice::Notice;
use super::serve::http;
use super::world::{Record, World};
use crate::Answer;
use crate::air::{Outcome, Word};
use crate::bearer::Datagram;
use crate::clock;
use crate::event::{By, Kind};

/// How a request is answered.
pub(super) enum Reply {
    Http(Response<Full<Bytes>>),
    /// With octets, and then the end of the connection.
    Octets(Vec<u8>),
}

/// Answers a request.
pub(super) async fn to(
    world: &Arc<World>,
    content_type: &str,
    body: &[u8],
    from: SocketAddr,
) -> Reply {
    let is_push = media_type::is(content_type, "multipart/related");
    let document = match is_push {
        true => pap::split(content_type, body).and_then(|parts| pap::read(parts.control)),
        false => pap::read(body),
    };
    match document {
        Ok(Document::PushMessage(message)) if is_push => {
            push(world, &message, content_type, body).await
        }
        Ok(Document::CancelMessage(selection)) => said(&cancel(world, &selection)),
        Ok(Document::StatusQuery(selection)) => said(&query(world, &selection)),
        Ok(_) => {
            said(&Document::BadMessage(verdict(3001, "a gateway is asked to push, cancel or tell")))
        }
        Err(error) => {
            world.tell(Kind::Refused, "", &from.to_string(), &error.to_string());
            said(&Document::BadMessage(verdict(2000, &error.to_string())))
        }
    }
}

async fn push(world: &Arc<World>, message: &PushMessage, content_type: &str, body: &[u8]) -> Reply {
    let number = world.count(|counts| counts.pushes += 1).pushes;
    let (push_id, device) = (message.push_id(), name_of(message));
    let refuse = |code: Code, text: &str| {
        world.tell(Kind::Refused, push_id, &device, &code.to_string());
        response(push_id, code, text)
    };
    let answer = world.answer(number, &device);
    if let Some(Answer::Code(code)) = answer
        && code.step() != Step::Taken
    {
        return refuse(code, "as the lab was told");
    }
    let push = pap::split(content_type, body).and_then(|parts| Ok(parts.push(1)?.write()));
    let octets = match push {
        Ok(octets) => octets,
        Err(error) => return refuse(code(2000), &error.to_string()),
    };
    if !world.remember(push_id, message.address.to_string()) {
        world.count(|counts| counts.duplicates += 1);
        return refuse(code(2007), "it was taken before");
    }
    world.count(|counts| counts.taken += 1);
    let taken = if let Some(Answer::Code(code)) = answer { code } else { code(1001) };
    world.tell(Kind::Submitted, push_id, &device, &taken.to_string());
    match answer {
        Some(Answer::Lose) => {
            world.count(|counts| counts.lost += 1);
            world.tell(Kind::Lost, push_id, &device, "taken and lost");
        }
        _ => carry(world, message, device, octets).await,
    }
    match answer {
        Some(Answer::Cut) => Reply::Octets(Vec::new()),
        _ => response(push_id, taken, "taken"),
    }
}

/// Hands a push to the bearer, and sees to what comes of it.
async fn carry(world: &Arc<World>, message: &PushMessage, device: String, octets: Vec<u8>) {
    let push_id = message.push_id().to_owned();
    let valid_until = message.deliver_before.map(clock::instant);
    let id = push_id.clone();
    let datagram = Datagram { by: By::Gateway, id, device, octets, valid_until };
    let end = world.bearer.send(datagram).await;
    let (own, id, url) = (world.clone(), push_id.clone(), message.notify.clone());
    let way = tokio::spawn(async move {
        let outcome = end.await;
        ended(&own, id, url, outcome).await;
    });
    world.set_out(&push_id, way.abort_handle());
}

async fn ended(world: &World, push_id: String, url: Option<String>, outcome: Outcome) {
    let (state, code) = match outcome {
        Outcome::Delivered(_) => (State::Delivered, 1000),
        Outcome::Expired => (State::Expired, 4000),
        Outcome::Undeliverable => (State::Undeliverable, 4000),
        Outcome::Lost => {
            // Nobody hears of that, and so the gateway does not.
            world.count(|counts| counts.lost += 1);
            return;
        }
    };
    let Some(Record { address, at, .. }) = world.end(&push_id, state) else { return };
    world.count(|counts| counts.delivered += u64::from(state == State::Delivered));
    if let Some(url) = url {
        let code = self::code(code);
        let notice = Notice { push_id, url, address, state, code, at };
        let _ = world.notify.send(Word::Take(notice)).await; // the gateway is gone
    }
}

fn cancel(world: &World, selection: &Selection) -> Document {
    let push_id = selection.push_id();
    let code = match world.find(push_id) {
        None => 2004,
        Some(_) if world.end(push_id, State::Cancelled).is_some() => {
            world.count(|counts| counts.cancelled += 1);
            1000
        }
        Some(_) => 2008,
    };
    Document::CancelResponse(results(world, selection, code, false))
}

fn query(world: &World, selection: &Selection) -> Document {
    let code = if world.find(selection.push_id()).is_some() { 1000 } else { 2004 };
    Document::StatusQueryResponse(results(world, selection, code, true))
}

fn results(world: &World, selection: &Selection, code: u16, with_state: bool) -> Results {
    let record = world.find(selection.push_id());
    let address = record.as_ref().map(|record| record.address.clone());
    let record = record.filter(|_| with_state);
    let word = pap::Word {
        verdict: verdict(code, ""),
        state: record.as_ref().map(|record| record.state),
        at: record.map(|record| record.at),
        addresses: address.into_iter().collect(),
    };
    Results { push_id: selection.push_id().to_owned(), results: vec![word] }
}

/// What a device is called in the lab.
fn name_of(message: &PushMessage) -> String {
    match message.address.device() {
        Device::Ipv4(address) => address.to_string(),
        Device::Ipv6(address) => address.to_string(),
        Device::Plmn(number) => number.trim_start_matches('+').to_owned(),
        Device::User(name) => name.clone(),
        _ => message.address.to_string(),
    }
}

fn response(push_id: &str, code: Code, text: &str) -> Reply {
    let result = Verdict { code, text: text.to_owned() };
    said(&Document::PushResponse(PushResponse { push_id: push_id.to_owned(), result }))
}

fn said(document: &Document) -> Reply {
    let accepted = matches!(document, Document::PushResponse(_));
    let status = if accepted { StatusCode::ACCEPTED } else { StatusCode::OK };
    match document.write() {
        Ok(text) => http(status, text),
        Err(error) => http(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn verdict(number: u16, text: &str) -> Verdict {
    Verdict { code: code(number), text: text.to_owned() }
}

fn code(number: u16) -> Code {
    Code::new(number).expect("a code of our own")
}
