//! What comes from the SMS centre.

use core::time::Duration;

use super::{Answer, Event, Session, State, Why};
use crate::smpp::pdu::{Body, Pdu, RESPONSE};
use crate::smpp::status::{Kind, Status};
use crate::smpp::tlv::tag;

const DELIVER_SM: u32 = 0x05;
const ALERT_NOTIFICATION: u32 = 0x102;

impl<T> Session<T> {
    pub(super) fn take(&mut self, octets: &[u8], now: Duration) {
        let Some((command, status, sequence)) = Pdu::head(octets) else { return };
        if command & RESPONSE != 0 {
            return self.take_response(octets, status, sequence, now);
        }
        match Pdu::read(octets).map(|pdu| pdu.body) {
            // What is wrong within it is told by whoever reads it.
            Ok(Body::DeliverSm(_)) | Err(_) if command == DELIVER_SM => match self.state {
                // Some are so fast. It is refused for now: a receipt that is refused for good is lost.
                State::Binding => self.acknowledge(sequence, Status::RECEIVER_TEMPORARY),
                _ => {
                    let (pdu, may_be_early) = (octets.to_vec(), self.waiting() > 0);
                    self.events.push_back(Event::Delivered { sequence, pdu, may_be_early });
                }
            },
            Ok(Body::EnquireLink) => self.reply(sequence, Status::OK, Body::EnquireLinkResp),
            Ok(Body::Unbind) => {
                self.reply(sequence, Status::OK, Body::UnbindResp);
                self.close(Why::Unbound);
            }
            // It asks for no answer. [SMPP 3.4 §4.12.1]
            Ok(Body::Other { command: ALERT_NOTIFICATION, .. }) => {}
            _ => self.reply(sequence, Status::INVALID_COMMAND, Body::GenericNack),
        }
    }

    fn take_response(&mut self, octets: &[u8], status: Status, sequence: u32, now: Duration) {
        let Some(order) = self.next.before(sequence) else { return };
        if self.asked.is_some_and(|(asked, _)| asked == order) {
            self.asked = None;
            return self.take_own(octets, status);
        }
        let Ok(Pdu { body, .. }) = Pdu::read(octets) else { return };
        let (message_id, tlvs) = match body {
            Body::SubmitSmResp { message_id, tlvs } => (message_id, tlvs),
            Body::GenericNack if status != Status::OK => Default::default(),
            _ => return,
        };
        let Some(segment) = self.outstanding.remove(&order) else { return };
        if let Some(load) = tlvs.octet(tag::CONGESTION_STATE) {
            self.flow.loaded(load, order, self.next);
        }
        let (token, pdu) = match status.kind() {
            Kind::Throttled => {
                if self.flow.throttled(order, self.next, now)
                    && let Some(until) = self.flow.until()
                {
                    self.events.push_back(Event::Throttled { until });
                }
                let at = self.again.partition_point(|other| other.place < segment.place);
                return self.again.insert(at, segment);
            }
            _ => (segment.token, octets.to_vec()),
        };
        let answer = match status {
            Status::OK => {
                self.flow.taken(order);
                Answer::Taken { message_id: message_id.to_vec(), pdu }
            }
            status => Answer::Refused { status, pdu },
        };
        self.events.push_back(Event::Answered { token, answer });
        self.send_again(now);
    }

    /// An answer to a bind, an enquire_link or an unbind.
    fn take_own(&mut self, octets: &[u8], status: Status) {
        match self.state {
            State::Binding if status != Status::OK => self.close(Why::BindRefused(status)),
            State::Binding => match Pdu::read(octets).map(|pdu| pdu.body) {
                Ok(Body::BindResp(answer)) => {
                    self.state = State::Bound;
                    let (version, system_id) = (answer.version(), answer.system_id.to_vec());
                    self.events.push_back(Event::Bound { version, system_id });
                }
                _ => self.close(Why::BindRefused(Status::INVALID_COMMAND)),
            },
            State::Unbinding => self.close(Why::Unbound),
            State::Bound | State::Closed => {}
        }
    }
}
