//! Messages sealed one like another are those sealed one by one.

use std::num::NonZero;

use dm_crypto::{Algorithm, AwsLc, SigningKey, generate, public_material, seal_all};
use dm_seal::{Pin, SealError, Sealer, Trust, seal, verify};
use dm_syncml::wbxml::{self, Spelling, Spellings};
use dm_syncml::{Command, MetaRule, SyncMl};
use dm_wbxml::Strings;
use dm_xml::{Document, Limits, canonical, parse};

const TEMPLATE: &str = "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>\
    <VerProto>DM/1.3</VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>IMEI:0\
    </LocURI></Target><Source><LocURI>srv.example</LocURI></Source></SyncHdr><SyncBody><Replace>\
    <CmdID>1</CmdID><Item><Target><LocURI>./Vendor/Setting</LocURI></Target><Data>0</Data></Item>\
    <Item><Target><LocURI>./Vendor/Setting/Other</LocURI></Target><Meta>\
    <Format xmlns=\"syncml:metinf\">bin</Format></Meta><Data>AAEC</Data></Item></Replace>\
    </SyncBody></SyncML>";

fn template() -> Document<'static> {
    parse(TEMPLATE.as_bytes(), &Limits::default()).expect("a message")
}

/// The message to one device of many.
fn message<'d>(template: &'d Document<'_>, device: usize) -> SyncMl<'d> {
    let mut message = SyncMl::read(template.root()).expect("a message");
    message.sync_hdr.target.loc_uri = format!("IMEI:{device}").into();
    message.sync_hdr.session_id = format!("{:x}", device * 7).into();
    message
}

fn key(algorithm: Algorithm) -> (SigningKey, Pin<dm_crypto::PublicKey>) {
    let pair = generate(algorithm, "srv.example", "k1").expect("a key");
    let der = public_material(pair.cert_pem.as_bytes()).expect("a certificate");
    let key = SigningKey::from_pem(pair.key_pem.as_bytes()).expect("the key");
    (key, Pin::new("k1", &der, &AwsLc).expect("a pin"))
}

/// The canonical text of sealed octets, when their signature holds.
fn opened(octets: &[u8], pin: &Pin<dm_crypto::PublicKey>) -> String {
    let limits = Limits::default();
    let source = wbxml::open_spelled(octets, Spellings::Any, &limits).expect("WBXML");
    let document = wbxml::decode(&source, &limits).expect("WBXML");
    let trust = Trust::pinned("srv.example", std::slice::from_ref(pin));
    canonical::text(verify(document, &trust, &AwsLc).expect("the signature holds").get())
}

#[test]
fn a_prepared_seal_is_the_seal_of_the_message_alone() {
    let template = template();
    let (key, pin) = key(Algorithm::Rs256); // whose signatures do not vary
    let first = message(&template, 1);
    for (spelling, strings) in [
        (Spelling::Interop, Strings::Fewest),
        (Spelling::Interop, Strings::Inline),
        (Spelling::Compact, Strings::Fewest),
        (Spelling::Shortest, Strings::Fewest),
        (Spelling::Shortest, Strings::Inline),
    ] {
        let encoder = wbxml::encoder_spelled(&first, spelling).strings(strings);
        let sealer =
            Sealer::new(&first, (encoder, MetaRule::default()), "k1", &key, AwsLc).unwrap();
        for device in [1, 2, 10_000_000] {
            let message = message(&template, device);
            let octets = sealer.seal(&message).unwrap();
            let alone = seal(&message, "k1", &key, &AwsLc).unwrap();
            assert_eq!(opened(&octets, &pin), canonical::text(&alone), "{strings:?} {device}");
            let by_itself = encoder.encode(&alone, MetaRule::default()).unwrap();
            // The table was planned for one device; another one's own texts stand in place.
            assert!(octets.len() <= by_itself.len() + 8, "{} {}", octets.len(), by_itself.len());
            if device == 1 && strings == Strings::Fewest {
                assert_eq!(octets, by_itself);
            }
        }
    }
}

#[test]
fn other_commands_than_those_it_was_prepared_with_are_sealed_too() {
    let template = template();
    let (key, pin) = key(Algorithm::Es256);
    let first = message(&template, 1);
    let encoder = wbxml::encoder(&first);
    let sealer = Sealer::new(&first, (encoder, MetaRule::default()), "k1", &key, AwsLc).unwrap();
    let mut other = message(&template, 2);
    let Command::Items(replace) = &mut other.sync_body.commands[0] else { panic!() };
    replace.items[0].target = Some(dm_syncml::Location::new("./Quite/Another"));
    other.sync_body.r#final = true;
    let text = opened(&sealer.seal(&other).unwrap(), &pin);
    assert!(text.starts_with(canonical::text(&other).strip_suffix("</SyncML>").unwrap()));
}

#[test]
fn a_batch_comes_in_order_with_any_number_of_threads() {
    let template = template();
    let (key, pin) = key(Algorithm::Es256);
    let messages: Vec<SyncMl<'_>> = (0..25).map(|device| message(&template, device)).collect();
    let encoder = wbxml::encoder(&messages[0]);
    let sealer =
        Sealer::new(&messages[0], (encoder, MetaRule::default()), "k1", &key, AwsLc).unwrap();
    for threads in [1, 2, 7, 40] {
        let sealed = seal_all(&sealer, &messages, NonZero::new(threads).unwrap());
        assert_eq!(sealed.len(), messages.len());
        for (device, octets) in sealed.into_iter().enumerate() {
            let target = format!("<LocURI>IMEI:{device}</LocURI>");
            assert!(opened(&octets.unwrap(), &pin).contains(&target));
        }
    }
    assert!(seal_all(&sealer, &messages[..0], NonZero::<usize>::MIN).is_empty());
}

#[test]
fn what_is_signed_already_is_refused_for_itself_alone() {
    let template = template();
    let (key, _) = key(Algorithm::Es256);
    let first = message(&template, 1);
    let encoder = wbxml::encoder(&first);
    let sealer = Sealer::new(&first, (encoder, MetaRule::default()), "k1", &key, AwsLc).unwrap();
    let sealed = seal(template, "k1", &key, &AwsLc).unwrap();
    let refused = sealer.seal(&sealed);
    let Err(SealError::AlreadySigned(place)) = refused else { panic!("{refused:?}") };
    assert_eq!(place.to_string(), "Signature");
}
