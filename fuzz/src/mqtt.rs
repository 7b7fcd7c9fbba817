//! MQTT: a packet is read whole or not at all; a stream is cut the same wherever its pieces end; a push that is
//! written anew says the same.

use dm_push::mqtt::{self, Packet, PushPublish};
use dm_push::{ErrorKind, media_type};

/// Octets of a packet here, at most.
const LIMIT: usize = 512;

/// A packet; and a stream that comes in pieces as long as the first octet says.
///
/// # Panics
/// When an error points outside, a packet is read before it is whole or beyond its end, a stream is cut
/// differently by other pieces, or a message reads back as another.
pub fn check(octets: &[u8]) {
    match mqtt::first(octets, LIMIT) {
        Ok(Some((packet, length))) => read(&packet, &octets[..length]),
        Ok(None) => {}
        Err(error) => assert!(error.offset <= octets.len(), "{error}"),
    }
    let Some((piece, stream)) = octets.split_first() else { return };
    let piece = usize::from(*piece).max(1);
    assert_eq!(cut(stream, piece), cut(stream, stream.len().max(1)));
}

fn read(packet: &Packet, octets: &[u8]) {
    assert!((2..=LIMIT).contains(&octets.len()));
    for length in 0..octets.len() {
        assert_eq!(mqtt::first(&octets[..length], LIMIT), Ok(None), "{length}");
    }
    assert_eq!(mqtt::first(octets, LIMIT).as_ref(), Ok(&Some((packet.clone(), octets.len()))));
    let limit = octets.len() - 1;
    let too_large = mqtt::first(octets, limit).map_err(|error| error.kind);
    assert_eq!(too_large, Err(ErrorKind::MqttTooLarge { limit }));
    let Packet::Publish(publish) = packet else { return };
    assert!(octets.ends_with(&publish.payload), "nothing stands behind a message");
    let Some(id) = publish.id else { return };
    let (topic, expiry, payload) = (&*publish.topic, publish.expiry, &*publish.payload);
    let push = PushPublish { id, topic, expiry, payload }.write().expect("not so large");
    let (again, length) = mqtt::first(&push, usize::MAX).expect("our own").expect("a whole one");
    let mut wanted = publish.clone();
    (wanted.content_type, wanted.is_retained) = (Some(media_type::DM_WBXML.to_owned()), false);
    assert_eq!((again, length), (Packet::Publish(wanted), push.len()));
    let answer = mqtt::puback(id);
    let answer = mqtt::first(&answer, LIMIT).expect("our own");
    assert_eq!(answer, Some((Packet::PubAck { id, reason: 0 }, 4)));
}

/// The packets of a stream, and the error that ends it, if one does.
fn cut(stream: &[u8], piece: usize) -> (Vec<Packet>, Option<ErrorKind>) {
    let (mut buffer, mut found) = (Vec::new(), Vec::new());
    for piece in stream.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            let before = buffer.len();
            match mqtt::take(&mut buffer, LIMIT) {
                Ok(Some(packet)) => found.push(packet),
                Ok(None) => break assert_eq!(buffer.len(), before, "what is not whole stays"),
                Err(error) => return (found, Some(error.kind)),
            }
        }
        assert!(buffer.len() < LIMIT, "no more is held than the limit");
    }
    (found, None)
}
