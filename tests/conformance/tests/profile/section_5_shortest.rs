//! §5, and the spelling that we have on top of it: a token for a whole signature or encrypted data.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::authority::Authority;
use conformance::encryption::with_data;
use conformance::hand::{hex, opaque, str_i};
use conformance::{Device, Encryptor, Message, Server, alpha, command, forge, seal_text};
use dm_client::{Refusal, Spellings, Stage};
use dm_mo::DmAcc;
use dm_seal::TrustPolicy;
use dm_seal::encryption::Kind;
use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spelling};
use dm_wbxml::{ErrorKind, Strings};
use dm_xml::{LimitExceeded, Limits, canonical, parse};
use rcgen::PKCS_ECDSA_P256_SHA256;

const SPELLINGS: [Spelling; 3] = [Spelling::Interop, Spelling::Compact, Spelling::Shortest];

/// A message, sealed once: no signature is like the other.
static SEALED: LazyLock<String> = LazyLock::new(|| {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2")).sealed_text()
});

fn spell(text: &str, spelling: Spelling) -> Vec<u8> {
    let document = parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML");
    let encoder = wbxml::encoder_spelled(&document, spelling).strings(Strings::Inline);
    encoder.encode(&document, MetaRule::default()).expect("WBXML can carry it")
}

/// The message, sealed, with its signature by one token.
fn shortest() -> Vec<u8> {
    spell(&SEALED, Spelling::Shortest)
}

fn device() -> Device {
    Device::new().set(|settings| settings.spellings = Spellings::Any)
}

/// Digest and value of the message's signature, and the name of its key.
fn brought() -> (Vec<u8>, String) {
    let octets = |name| STANDARD.decode(forge::content(&SEALED, name)).expect("base64");
    let octets = [octets("DigestValue"), octets("SignatureValue")].concat();
    (octets, forge::content(&SEALED, "KeyName").to_owned())
}

/// The message with this instead of the token and its content.
fn with(token: &[u8]) -> Vec<u8> {
    let (octets, name) = brought();
    let usual = [&hex("45")[..], &opaque(&octets), &str_i(&name), &[1]].concat();
    forge::octets_swapped(&shortest(), &usual, token)
}

fn is_let_in(octets: &[u8]) {
    let mut device = device();
    device.accept(octets);
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
}

fn refused(octets: &[u8]) -> ErrorKind {
    match device().refuse(octets) {
        Refusal::Wbxml(error) => error.kind,
        other => panic!("{}: {other}", other.name()),
    }
}

#[test]
fn the_shortest_spelling_is_refused_unless_it_is_configured() {
    for spellings in [Spellings::Interop, Spellings::Compact] {
        let mut device = Device::new().set(|settings| settings.spellings = spellings);
        match device.refuse(&shortest()) {
            Refusal::Wbxml(error) => {
                assert_eq!((error.kind, error.page), (ErrorKind::UnknownPage, 20));
            }
            other => panic!("{}: {other}", other.name()),
        }
        let is_compact = spellings == Spellings::Compact;
        let compact = spell(&SEALED, Spelling::Compact);
        let outcome = device.receive(&compact);
        assert_eq!(matches!(outcome, dm_client::Outcome::Accepted(_)), is_compact);
    }
    is_let_in(&shortest());
}

#[test]
fn a_signature_stays_valid_from_any_spelling_to_any_other() {
    let text = &**SEALED;
    for from in SPELLINGS {
        for to in SPELLINGS {
            let (octets, limits) = (spell(text, from), Limits::default());
            let source = wbxml::open_spelled(&octets, Spellings::Any, &limits).expect("a head");
            let read = wbxml::decode(&source, &limits).expect("a body");
            assert_eq!(canonical::text(&read), text);
            let encoder = wbxml::encoder_spelled(&read, to).strings(Strings::Inline);
            let respelled = encoder.encode(&read, MetaRule::default()).expect("it was read");
            assert_eq!(respelled, spell(text, to), "one way to write it");
            is_let_in(&respelled);
        }
    }
}

#[test]
fn a_message_in_another_spelling_is_the_same_message() {
    for first in SPELLINGS {
        let mut device = device();
        device.accept(&spell(&SEALED, first));
        for again in SPELLINGS {
            let refusal = device.refuse(&spell(&SEALED, again));
            assert_eq!(refusal.name(), "Replayed", "{first:?}, then {again:?}");
        }
    }
}

#[test]
fn what_a_token_brings_is_signed_like_anything_else() {
    let text = forge::swapped(&SEALED, "<Data>2</Data>", "<Data>3</Data>");
    let refusal = device().refuse(&spell(&text, Spelling::Shortest));
    assert_eq!(refusal.name(), "DigestMismatch");
    let (octets, name) = brought();
    for (at, stage) in [(0, Stage::Signature), (31, Stage::Signature), (95, Stage::Signature)] {
        let mut changed = octets.clone();
        changed[at] ^= 1;
        let token = [&hex("45")[..], &opaque(&changed), &str_i(&name), &[1]].concat();
        assert_eq!(device().refuse(&with(&token)).stage(), stage, "octet {at}");
    }
    // ECDSA with SHA-384, and a key that no one has.
    for token in [
        [&hex("46")[..], &opaque(&octets), &str_i(&name), &[1]].concat(),
        [&hex("45")[..], &opaque(&octets), &str_i("other"), &[1]].concat(),
    ] {
        assert_eq!(device().refuse(&with(&token)).stage(), Stage::Signature);
    }
    // Without KeyInfo all keys are tried.
    is_let_in(&with(&[&hex("4A")[..], &opaque(&octets), &[1]].concat()));
}

#[test]
fn a_token_brings_what_its_shape_leaves_open_and_nothing_else() {
    let (octets, name) = brought();
    let (all, name) = (opaque(&octets), str_i(&name));
    for content in [
        vec![],
        name.clone(),
        all.clone(),
        [opaque(&octets[..31]), name.clone()].concat(),
        [opaque(&octets[..32]), opaque(&octets[32..]), name.clone()].concat(),
        [name.clone(), all.clone()].concat(),
        [all.clone(), name.clone(), name.clone()].concat(),
        [all.clone(), name.clone(), all.clone()].concat(),
        [str_i(&STANDARD.encode(&octets)), name.clone()].concat(),
        [all.clone(), opaque(b"k1")].concat(),
        [all.clone(), hex("02 41")].concat(), // ENTITY
        [all.clone(), hex("00 14"), name.clone()].concat(), // SWITCH_PAGE
        [hex("00 10"), all.clone(), name.clone()].concat(),
        [hex("4D"), all.clone(), hex("01"), name.clone()].concat(), // an element
        [hex("45"), all.clone(), name.clone(), hex("01")].concat(), // itself
        [all.clone(), hex("44 00 01")].concat(),                    // LITERAL
    ] {
        let token = [&hex("45")[..], &content, &[1]].concat();
        assert_eq!(refused(&with(&token)), ErrorKind::Skeleton, "{content:02x?}");
    }
    assert_eq!(refused(&with(&hex("05"))), ErrorKind::Skeleton);
    let attributed = [&hex("C5 05 01")[..], &all, &name, &[1]].concat();
    assert_eq!(refused(&with(&attributed)), ErrorKind::AttributeOnToken);
    let unknown = [&hex("7F")[..], &all, &name, &[1]].concat();
    assert_eq!(refused(&with(&unknown)), ErrorKind::UnknownTag(0x3F));
    let outside = [&hex("45")[..], &all, &hex("83 60 01")].concat();
    assert_eq!(refused(&with(&outside)), ErrorKind::StringTable(0x60));
    let no_text = [&hex("45")[..], &all, &hex("03 FF 00 01")].concat();
    assert_eq!(refused(&with(&no_text)), ErrorKind::NotText);
    for length in 0..brought().0.len() {
        let whole = shortest();
        let cut = &whole[..whole.len() - 1 - length];
        assert_eq!(refused(cut), ErrorKind::EndsEarly, "{length} octets less");
    }
}

#[test]
fn a_token_stands_where_its_element_may() {
    let (octets, name) = brought();
    let token = [&hex("00 14 45")[..], &opaque(&octets), &str_i(&name), &hex("01 00 00")].concat();
    let sealed = shortest();
    let body = sealed.iter().position(|&octet| octet == 0x6B).expect("SyncBody") + 1;
    let twice = [&sealed[..body], &token, &sealed[body..]].concat();
    assert_eq!(device().refuse(&twice).stage(), Stage::Structure);
    let limits = Limits::default();
    let flood = [&hex("02 01 6A 00 6D")[..], &token.repeat(7_000), &[1]].concat();
    match device().refuse(&flood) {
        Refusal::TooLarge(error) => {
            assert_eq!(error.kind, ErrorKind::Limit(LimitExceeded::Elements(limits.elements)));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_signature_of_another_shape_is_spelled_as_the_compact_one() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256, "Root", |_| {});
    let server: &'static Server = authority.issue("dm.chain.example", |_| {});
    let message = Message::new(server).with(command::replace("1", "./Vendor/Speed", "2"));
    let certificate = format!(
        "<X509Data><X509Certificate>{}</X509Certificate></X509Data>",
        STANDARD.encode(&server.material)
    );
    let named = format!("<KeyName>{}</KeyName>", server.key_name);
    let text = forge::swapped(&message.sealed_text(), &named, &certificate);
    let octets = spell(&text, Spelling::Shortest);
    assert_eq!(octets, spell(&text, Spelling::Compact));
    let trust = [(server.id.to_owned(), TrustPolicy::Chain)].into();
    let account = DmAcc::object("Chain", server.id, &[authority.pin()]);
    let mut device = Device::with_objects(vec![account]).set(|settings| {
        settings.trust = trust;
        settings.spellings = Spellings::Any;
    });
    device.accept(&octets);
}

#[test]
fn encrypted_data_by_a_token_is_decrypted() {
    let encryptor = Encryptor::of(alpha());
    let mode = |text: &str, tokens: usize| {
        let mut device = device().with_keys();
        let octets = spell(text, Spelling::Shortest);
        assert!(octets.len() + 33 < spell(text, Spelling::Compact).len());
        let found = octets.windows(2).filter(|found| *found == [0, 20]).count();
        assert!(found >= tokens, "{found}");
        device.accept(&octets);
        assert_eq!(device.text("./Vendor/Mode").as_deref(), Some("fast"));
    };
    let part = with_data(&encryptor.data("fast")).sealed_text();
    mode(&part, 2);
    let inside = spell(&part, Spelling::Shortest);
    mode(&encryptor.encrypted(Kind::Message, &inside), 1);
    let plain = with_data("<Data>fast</Data>").text();
    let (start, end) = (plain.find("<SyncBody>").unwrap(), plain.find("</SyncML>").unwrap());
    let body = plain[start..end].replacen('>', " xmlns=\"SYNCML:SYNCML1.2\">", 1);
    let encrypted = encryptor.encrypted(Kind::Element, body.as_bytes());
    let text = forge::swapped(&plain, &plain[start..end], &encrypted);
    mode(&seal_text(&text, alpha()), 1);
}

#[test]
fn a_device_that_takes_no_token_takes_none_inside_either() {
    let inside = spell(&with_data("<Data>fast</Data>").sealed_text(), Spelling::Shortest);
    let octets = Encryptor::of(alpha()).whole(&inside);
    assert_eq!(Device::new().with_keys().refuse(&octets).stage(), Stage::DecryptWhole);
    device().with_keys().accept(&octets);
}
