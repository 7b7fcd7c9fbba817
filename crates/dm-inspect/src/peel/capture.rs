//! The layers of a packet capture: packets, UDP, TCP with HTTP.

use dm_capture::{Frame, Packets, Streams, Transport};
use dm_push::wsp::PORT_PUSH;

use super::{Layer, Octets, Peeler, Piece};
use crate::deviation::Deviation;
use crate::recognise::recognise;

/// What a payload begins with.
const HTTP: &str = "a method of HTTP";

impl Peeler {
    pub(super) fn capture(&mut self, octets: &Octets, why: String, depth: usize) {
        let name = octets.source().to_owned();
        let packets = match Packets::read(&octets.octets) {
            Ok(packets) => packets,
            Err(error) => {
                self.peeled.deviations.push(Deviation::of_capture(&name, &error));
                return self.unknown(octets.clone());
            }
        };
        let (mut found, mut streams, mut count, mut passed_over) =
            (Vec::new(), Streams::new(), 0, 0);
        for packet in packets {
            let packet = match packet {
                Ok(packet) => packet,
                Err(error) => {
                    self.peeled.deviations.push(Deviation::of_capture(&name, &error));
                    break;
                }
            };
            count += 1;
            let frame = match Frame::read(&packet) {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    passed_over += 1;
                    continue;
                }
                Err(error) => {
                    let source = format!("{name} packet {}", packet.number);
                    self.peeled.deviations.push(Deviation::of_capture(&source, &error));
                    continue;
                }
            };
            streams.add(&frame, packet.number);
            if frame.transport != Transport::Udp || frame.payload.is_empty() {
                continue;
            }
            if recognise(frame.payload).is_none() && frame.destination.port() != PORT_PUSH {
                passed_over += 1;
                continue;
            }
            let origin = vec![Piece {
                range: 0..frame.payload.len(),
                source: format!("{name} packet {}", packet.number),
                part: None,
                offset: packet.offset + frame.payload_range().start,
            }];
            let what =
                format!("packet {}, {} > {}", packet.number, frame.source, frame.destination);
            let layer = layer("UDP", what, "its header");
            found.push((frame.payload.to_vec(), origin, layer));
        }
        for stream in streams.finish() {
            let Some(body) = http_body(&stream.octets) else {
                passed_over += stream.pieces.len();
                continue;
            };
            let first = stream.pieces.first().map_or(0, |piece| piece.packet);
            let origin = vec![Piece {
                range: 0..body.len(),
                source: format!("{name} stream of packet {first}"),
                part: None,
                offset: body.start,
            }];
            let what = format!("packet {first}, {} > {}", stream.source, stream.destination);
            found.push((stream.octets[body].to_vec(), origin, layer("HTTP push", what, HTTP)));
        }
        let mut what = format!("{count} packets");
        if passed_over > 0 {
            what += &format!(", {passed_over} passed over");
        }
        if found.is_empty() {
            let what = format!("no packet of the capture holds a message ({what})");
            self.peeled.deviations.push(Deviation::of_input(&name, what));
        }
        let outer = Layer { name: "pcap", what, why, fields: Vec::new() };
        for (payload, origin, layer) in found {
            let mut layers = octets.layers.clone();
            layers.extend([outer.clone(), layer]);
            self.take_off(Octets { octets: payload, origin, layers }, None, depth + 1);
        }
    }
}

fn layer(name: &'static str, what: String, why: &str) -> Layer {
    Layer { name, what, why: why.to_owned(), fields: Vec::new() }
}

/// Where the body of a POST or PUT lies, as far as it was captured.
fn http_body(octets: &[u8]) -> Option<core::ops::Range<usize>> {
    let is_request = octets.starts_with(b"POST ") || octets.starts_with(b"PUT ");
    let head = octets.windows(4).position(|window| window == b"\r\n\r\n").filter(|_| is_request)?;
    let text = String::from_utf8_lossy(&octets[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse::<usize>().ok());
    let start = head + 4;
    let end = length.map_or(octets.len(), |length| start.saturating_add(length).min(octets.len()));
    (start < end).then_some(start..end)
}
