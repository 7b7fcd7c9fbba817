//! Messages sealed one like another are those sealed one by one.

use std::num::NonZero;

use dm_crypto::{Algorithm, AwsLc, SigningKey, generate, public_material, seal_all};
use dm_seal::{Pin, SealError, Sealer, Trust, seal, verify};
use dm_syncml::wbxml::{self, Spelling, Spellings};
use dm_syncml::{Command, MetaRule, SyncMl};
use dm_wbxml::Strings;
use dm_xml::{Document, Limits, ToInfoset, canonical, parse};

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
    for spelling in [Spelling::Interop, Spelling::Compact, Spelling::Shortest] {
        compare(&template, spelling, &key, &pin);
    }
}

/// The page of the last tag before the signature is that of the meta information.
#[test]
fn a_prepared_seal_fits_behind_a_body_that_ends_on_another_page() {
    let text = TEMPLATE.replace("<Data>AAEC</Data></Item>", "</Item>");
    let template = parse(text.as_bytes(), &Limits::default()).expect("a message");
    let (key, pin) = key(Algorithm::Rs256);
    for spelling in [Spelling::Interop, Spelling::Compact, Spelling::Shortest] {
        compare(&template, spelling, &key, &pin);
    }
}

/// Seals the message to several devices, prepared and each alone.
fn compare(
    template: &Document<'_>,
    spelling: Spelling,
    key: &SigningKey,
    pin: &Pin<dm_crypto::PublicKey>,
) {
    let first = message(template, 1);
    for strings in [Strings::Fewest, Strings::Inline] {
        let encoder = wbxml::encoder_spelled(&first, spelling).strings(strings);
        let sealer = Sealer::new(&first, (encoder, MetaRule::default()), "k1", key, AwsLc);
        let sealer = sealer.expect("prepared");
        for device in [1, 2, 10_000_000] {
            let message = message(template, device);
            let octets = sealer.seal(&message).expect("sealed");
            let alone = seal(&message, "k1", key, &AwsLc).expect("sealed");
            assert_eq!(opened(&octets, pin), canonical::text(&alone), "{strings:?} {device}");
            let by_itself = encoder.encode(&alone, MetaRule::default()).expect("WBXML");
            // The table was planned for one device; another one's own texts stand in place. Names
            // are in a plan in another order, but the compact spellings have none.
            assert!(octets.len() <= by_itself.len() + 8, "{} {}", octets.len(), by_itself.len());
            let has_no_table = strings == Strings::Inline && spelling != Spelling::Interop;
            if has_no_table || device == 1 && strings == Strings::Fewest {
                assert_eq!(octets, by_itself, "{spelling:?} {strings:?} {device}");
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

const IN_PLACE: &str = "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>\
    <VerProto>DM/1.3</VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>IMEI:0\
    </LocURI></Target><Source><LocURI>srv.example</LocURI></Source></SyncHdr><SyncBody><Add>\
    <CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target><Meta><Type \
    xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+xml</Type></Meta><Data><MgmtTree \
    xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>A</NodeName><RTProperties>\
    <Format><bin/></Format></RTProperties><Value>AAEC</Value></Node></MgmtTree></Data></Item>\
    <Item><Target><LocURI>./B</LocURI></Target><Data><Strange xmlns=\"urn:x\">AAEC<b \
    xmlns=\"urn:y\" c=\"&quot;\"/></Strange></Data></Item>\
    </Add><Add><CmdID>2</CmdID><Item><Target><LocURI>./C</LocURI></Target><Data>\
    <MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD></MgmtTree></Data></Item></Add>\
    </SyncBody></SyncML>";

/// The octets of a message that is sealed without anything known of it but the string table.
fn anew(first: &SyncMl<'_>, message: &SyncMl<'_>, key: &SigningKey) -> Vec<u8> {
    let encoder = wbxml::encoder(first);
    let [first, message] =
        [first, message].map(|message| seal(message, "k1", key, &AwsLc).expect("sealing"));
    let plan = encoder.plan(&first, MetaRule::default()).expect("a plan");
    let mut writer = encoder.planned_writer(&plan, MetaRule::default());
    message.write(&mut writer).expect("WBXML");
    encoder.finish(writer).expect("WBXML")
}

#[test]
fn objects_that_are_known_are_sealed_as_if_they_were_not() {
    let (key, pin) = key(Algorithm::Rs256); // whose signatures do not vary
    let parsed = || parse(IN_PLACE.as_bytes(), &Limits::default()).expect("a message");
    let (template, equal) = (parsed(), parsed());
    let first = message(&template, 1);
    let writing = (wbxml::encoder(&first), MetaRule::default());
    let sealer = Sealer::new(&first, writing, "k1", &key, AwsLc).unwrap();
    let items = |message: &mut SyncMl<'_>, change: fn(&mut dm_syncml::ItemCommand<'_>)| {
        for command in &mut message.sync_body.commands {
            let Command::Items(command) = command else { panic!() };
            change(command);
        }
    };
    let mut messages = vec![message(&template, 1), message(&template, 7), message(&equal, 7)];
    // Another order, and other Meta above: of some elements the octets are others now.
    let mut backwards = message(&template, 2);
    backwards.sync_body.commands.reverse();
    items(&mut backwards, |command| command.items.reverse());
    messages.push(backwards);
    for format in ["bin", "chr"] {
        let mut described = message(&template, 3);
        described.sync_hdr.meta.format = Some(format.into());
        items(&mut described, |command| command.items[0].meta = dm_syncml::Meta::default());
        messages.push(described.clone());
        items(&mut described, |command| command.meta.format = Some("bin".into()));
        messages.push(described);
    }
    for message in messages {
        let octets = sealer.seal(&message).unwrap();
        assert_eq!(octets, anew(&first, &message, &key));
        let alone = seal(&message, "k1", &key, &AwsLc).unwrap();
        assert_eq!(opened(&octets, &pin), canonical::text(&alone));
    }
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
    let sealed = seal(&template, "k1", &key, &AwsLc).unwrap();
    let refused = sealer.seal(&sealed);
    let Err(SealError::AlreadySigned(place)) = refused else { panic!("{refused:?}") };
    assert_eq!(place.to_string(), "Signature");
}
