//! Decryption: whatever stands behind a tag, it stays in the element that was encrypted, and a
//! message inside an envelope is the message without it.

pub mod stand_in;

use arbitrary::Result;
use dm_client::{Client, Effect, Outcome, Refusal, Stage};
use dm_seal::encryption::{
    Binding, ContentMethod, DeviceKeys, EncryptedData, EncryptionError, Envelope, Kind,
};
use dm_seal::seal;
use dm_syncml::wbxml;
use dm_tree::{Tree, Uri};
use dm_wbxml::Version;
use dm_xml::{Builder, Document, Limits, canonical, parse};

use crate::choices;
use crate::gate::{self, DEVICE, DEVICE_STATE, KEY, SERVER, stand_in as signing};
use crate::reference::lines;
use stand_in::{NAME, StandIn};

/// Octets as what was encrypted; or choices of which a ciphertext is made, and damaged.
///
/// # Panics
/// When a plaintext reaches beyond its element or is read as another reader does not read it, when
/// an envelope changes what a message means, or when a damaged ciphertext is opened.
pub fn check(octets: &[u8]) {
    if let Some(mut choices) = choices(octets) {
        let _ = damaged(&mut choices);
        return;
    }
    as_content(octets);
    as_body(octets);
    as_message(octets);
    as_encrypted_data(octets);
}

/// The plaintext of a `Data`.
fn as_content(plaintext: &[u8]) {
    let text = message(&encrypted(Kind::Content, plaintext));
    let (outcome, tree) = receive(&sealed(&text));
    match outcome {
        Outcome::Accepted(accepted) => {
            assert_eq!(accepted.commands.len(), 1, "the message has one command");
            let changed: Vec<_> = accepted.changes.iter().map(|c| c.uri.to_string()).collect();
            assert!(changed.iter().all(|uri| uri == "./A/B"), "{changed:?}");
            let plaintext = std::str::from_utf8(plaintext).expect("it was read");
            let plaintext = lines::normalized(plaintext);
            let around = format!("<Data xmlns=\"SYNCML:SYNCML1.2\">{plaintext}</Data>");
            let other = roxmltree::Document::parse(&around).expect("it was read");
            let data = other.root_element();
            assert!(other.root().children().filter(|child| child.is_element()).count() == 1);
            if accepted.commands[0].failure.is_none() && !changed.is_empty() {
                let texts = data.children().filter(|child| child.is_text());
                let value: String = texts.filter_map(|child| child.text()).collect();
                let uri = Uri::parse("./A/B").expect("a URI");
                let node = tree.get(&uri).expect("it was there");
                assert_eq!(node.as_text(), Some(&*value), "what was encrypted");
            }
        }
        Outcome::Refused(refused) => {
            assert!(refused.refusal.stage() >= Stage::DecryptPart, "{}", refused.refusal);
        }
    }
}

/// The plaintext in place of `SyncBody`: as good as that text in the clear, or refused.
fn as_body(plaintext: &[u8]) {
    let (start, end) = (HEAD.to_owned(), "</SyncML>");
    let text = format!("{start}{}{end}", encrypted(Kind::Element, plaintext));
    let (outcome, tree) = receive(&sealed(&text));
    let Outcome::Accepted(accepted) = outcome else { return };
    let body = std::str::from_utf8(plaintext).expect("it was read");
    let (clear, same) = receive(&sealed(&format!("{start}{body}{end}")));
    let Outcome::Accepted(clear) = clear else { panic!("only encrypted it is let in: {body}") };
    assert_eq!(tree, same);
    assert_eq!(accepted.commands.len(), clear.commands.len());
}

/// The octets of a whole message.
fn as_message(plaintext: &[u8]) {
    let text = encrypted(Kind::Message, plaintext);
    let document = parse_all(&text);
    let octets = wbxml::encode(&document, Version::V1_2).expect("literal names have attributes");
    let ((outcome, tree), (direct, same)) = (receive(&octets), receive(plaintext));
    assert_eq!(tree, same, "the envelope changes nothing");
    match (outcome.refusal(), direct.refusal()) {
        (None, None) => {}
        (
            Some(Refusal::WholeNotDecrypted(
                EncryptionError::OtherServer | EncryptionError::OtherDevice,
            )),
            Some(_),
        ) => {}
        (Some(Refusal::WholeNotDecrypted(EncryptionError::Plaintext(_))), Some(direct)) => {
            assert!(direct.stage() <= Stage::DecryptWhole, "{direct}");
        }
        (Some(inside), Some(direct)) => assert_eq!(inside, direct),
        (inside, direct) => panic!("{inside:?} inside, {direct:?} without"),
    }
}

/// XML text as an `EncryptedData`: read or refused, and what is read is not more than was there.
fn as_encrypted_data(octets: &[u8]) {
    let Ok(document) = parse(octets, &Limits::default()) else { return };
    let Ok(data) = EncryptedData::read(document.root()) else { return };
    assert!(data.plaintext_octets() < octets.len());
    assert!(canonical::text(&document).contains(data.method().uri()));
    if let Ok(text) = data.decrypt(&keys(), &signing::StandIn) {
        assert_eq!((text.len(), data.recipient()), (data.plaintext_octets(), NAME));
    }
}

/// A good ciphertext with one bit changed anywhere in its base64 text.
fn damaged(choices: &mut arbitrary::Unstructured<'_>) -> Result<()> {
    let plaintext: Vec<u8> = choices.arbitrary()?;
    let good = encrypted(Kind::Content, &plaintext);
    let values: Vec<usize> =
        good.match_indices("<CipherValue>").map(|(at, tag)| at + tag.len()).collect();
    let from = *choices.choose(&values)?;
    let length = good[from..].find('<').unwrap_or_default();
    let at = from + choices.choose_index(length)?;
    let with =
        *choices.choose(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")?;
    let mut octets = good.clone().into_bytes();
    octets[at] = with;
    let bad = String::from_utf8(octets).expect("base64 is ASCII");
    let read = |text: &str| {
        let document = parse_all(text);
        let data = EncryptedData::read(document.root())?;
        data.decrypt(&keys(), &signing::StandIn)
    };
    assert_eq!(read(&good).map(|text| text.to_vec()), Ok(plaintext));
    assert!(bad == good || read(&bad).is_err(), "octet {at} was changed");
    Ok(())
}

const HEAD: &str = "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>\
                    <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>\
                    <Target><LocURI>urn:imei:004999010640000</LocURI></Target>\
                    <Source><LocURI>dm.example</LocURI></Source></SyncHdr>";

fn message(data: &str) -> String {
    format!(
        "{HEAD}<SyncBody><Replace><CmdID>1</CmdID><Item><Target><LocURI>./A/B</LocURI></Target>\
         <Data>{data}</Data></Item></Replace><Final/></SyncBody></SyncML>"
    )
}

fn encrypted(kind: Kind, plaintext: &[u8]) -> String {
    let envelope = Envelope {
        recipient: &StandIn,
        key_name: NAME,
        binding: Binding { server_id: SERVER, device_id: DEVICE },
        method: ContentMethod::Aes128Gcm,
        cipher: &StandIn,
        provider: &signing::StandIn,
    };
    let mut builder = Builder::new(Limits::generous());
    envelope.write(&mut builder, plaintext, kind, &mut StandIn).expect("nothing can fail");
    canonical::text(&builder.finish().expect("one element"))
}

fn keys() -> DeviceKeys {
    let mut keys = DeviceKeys::new(StandIn);
    keys.add(StandIn);
    keys
}

fn parse_all(text: &str) -> Document<'_> {
    parse(text.as_bytes(), &Limits::generous()).expect("we wrote it")
}

/// The text signed and encoded; text that cannot be is as good as no message.
fn sealed(text: &str) -> Vec<u8> {
    let Ok(document) = parse(text.as_bytes(), &Limits::generous()) else { return Vec::new() };
    let Ok(sealed) = seal(document, KEY, &signing::StandIn, &signing::StandIn) else {
        return Vec::new();
    };
    wbxml::encode(&sealed, Version::V1_2).unwrap_or_default()
}

/// A fresh device that decrypts takes the message; yields its tree, too.
fn receive(octets: &[u8]) -> (Outcome, Tree) {
    let (store, settings) = &*DEVICE_STATE;
    let client = Client::open(store.clone(), gate::stand_in::StandIn, settings.clone());
    let mut client = client.expect("our own tree").with_device_keys(keys());
    let before = client.tree().clone();
    let outcome = client.receive(octets, Some(1_800_000_000), Effect::Durable);
    let outcome = outcome.expect("memory does not fail");
    if outcome.refusal().is_some() {
        assert_eq!(*client.tree(), before, "a refusal changes nothing");
    }
    (outcome, client.tree().clone())
}

#[cfg(test)]
mod tests {
    /// The other reader keeps a carriage return before a reference; ours, as XML 1.0 §2.11 has it,
    /// reads a line feed.
    #[test]
    fn regression_carriage_return() {
        super::check(b">?\r&amp;\nv~leo");
    }
}
