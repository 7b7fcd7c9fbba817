//! Secrets that leak by words: refusals, journal entries, and what is printed for debugging.
//! [profile §6]

use std::collections::BTreeSet;
use std::error::Error;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::device::settings;
use conformance::encryption::{
    keys, own_key, own_rsa_key, with_attribute, with_data, with_element,
};
use conformance::{Device, Encryptor, Message, alpha, command, encode, forge, gamma, seal_text};
use dm_client::account::accounts;
use dm_client::freshness::{Freshness, Policy};
use dm_client::gate::{self, Opener, Whole};
use dm_client::{Outcome, Stage};
use dm_crypto::{Algorithm, AwsLc, DeviceKey, KeyError, SigningKey, encrypted_pem, generate};
use dm_seal::encryption::{Kind, Secret};
use dm_wbxml::Version;

/// What nobody may read who does not have the key.
const SECRET: &str = "hunter2-Geheimnis";

/// Everything that an error says, down to its first cause.
fn all_words(error: &dyn Error) -> String {
    let mut words = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        words += &format!("{error} {error:?} {error:#?} ");
        next = error.source();
    }
    words
}

/// Whether a secret stands in words as it is, as octets, in base64 or in hexadecimal.
fn tells(words: &str, secret: &[u8]) -> bool {
    let hex: String = secret.iter().map(|octet| format!("{octet:02x}")).collect();
    let decimal = format!("{secret:?}");
    let shown = [
        String::from_utf8_lossy(secret).into_owned(),
        STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        hex.clone(),
        hex.to_uppercase(),
        decimal.trim_matches(['[', ']']).to_owned(),
    ];
    shown.iter().any(|shown| words.contains(shown.as_str()))
}

/// Everything that a device says of a message that it refuses.
fn words_of(octets: &[u8]) -> String {
    let mut device = Device::new().with_keys();
    let refusal = device.refuse(octets);
    let entry = device.journal().pop().expect("an entry");
    let json = String::from_utf8(entry.encode()).expect("JSON");
    format!("{} {json} {entry:?}", all_words(&refusal))
}

/// Messages with the secret in them, encrypted, each of which is refused for another reason.
fn refused() -> Vec<Vec<u8>> {
    let alphas = Encryptor::of(alpha());
    let in_data = |encryptor: &Encryptor, text: &str| with_data(&encryptor.data(text)).seal();
    let data = alphas.data(SECRET);
    let broken = |old: &str, new: &str| with_data(&forge::swapped(&data, old, new)).seal();
    let body = |text: &str| {
        let body = format!("<SyncBody xmlns=\"SYNCML:SYNCML1.2\">{text}</SyncBody>");
        let encrypted = alphas.encrypted(Kind::Element, body.as_bytes());
        let plain = Message::new(alpha()).text();
        let text = forge::swapped(&plain, "<SyncBody><Final/></SyncBody>", &encrypted);
        encode(&seal_text(&text, alpha()), Version::default())
    };
    let of_secret = command::replace("1", "./Vendor/Speed", SECRET);
    let whole = |message: &Message| alphas.whole(&message.unsealed());
    let message = Message::new(alpha()).with(&of_secret);
    vec![
        in_data(&Encryptor { key: own_rsa_key(), server_id: "other", ..alphas }, SECRET),
        in_data(&Encryptor { device_id: "other", ..alphas }, SECRET),
        in_data(&alphas, &format!("{SECRET}<!DOCTYPE a [<!ENTITY x '{SECRET}'>]>")),
        in_data(&alphas, &format!("<?{SECRET} {SECRET}?>")),
        in_data(&alphas, &format!("{SECRET}</Data>{SECRET}")),
        in_data(&alphas, &format!("&{SECRET};")),
        in_data(&alphas, &format!("<Final x=\"{SECRET}\">{SECRET}</Final>")),
        in_data(&alphas, &format!("{SECRET}{}", data.replace("Data>", "x>"))),
        with_data(&with_attribute(&data, "AlgorithmID", "00")).seal(),
        with_data(&with_element(&data, "CipherValue", "AAAA")).seal(),
        broken("aes128-gcm", "aes256-gcm"),
        broken("aes128-gcm", "aes128-cbc"),
        broken("device 1", "device rsa"),
        body(SECRET),
        body(&format!("{of_secret}{of_secret}<Final/>")), // one CmdID twice
        body(&format!("<Replace>{SECRET}</Replace><Final/>")),
        body(&format!("<CmdID>{SECRET}</CmdID>")),
        alphas.whole(SECRET.as_bytes()),
        whole(&message),
        whole(&message.clone().claiming(gamma().id)),
        alphas.whole(&forge::edited(&message, SECRET, &format!("{SECRET}!"))),
        alphas.whole(&alphas.whole(&message.seal())),
    ]
}

#[test]
fn no_refusal_tells_what_was_encrypted() {
    let mut reasons = BTreeSet::new();
    for (n, octets) in refused().iter().enumerate() {
        let words = words_of(octets);
        assert!(!tells(&words, SECRET.as_bytes()), "message {n}: {words}");
        reasons.insert(Device::new().with_keys().refuse(octets).to_string());
    }
    assert!(reasons.len() >= 12, "they are refused for different reasons: {reasons:#?}");
}

/// The lines of a key's PEM, and the PKCS #8 that they hold.
fn pem_and_der(pem: &str) -> (Vec<&str>, Vec<u8>) {
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with("--")).collect();
    let der = STANDARD.decode(lines.concat()).expect("base64");
    (lines, der)
}

/// The private number of a P-256 key, where our own PKCS #8 has it; behind it is the public point.
fn of_p256(der: &[u8]) -> &[u8] {
    assert_eq!(der[34..36], [0x04, 32], "an OCTET STRING of the width of the curve");
    &der[36..68]
}

/// The private exponent and the primes of an RSA key. [RFC 8017 §A.1.2]
fn of_rsa(der: &[u8]) -> Vec<&[u8]> {
    let mut numbers = Vec::new();
    let mut rest = &der[30..]; // behind the heads of PrivateKeyInfo and RSAPrivateKey
    while let [0x02, length, behind @ ..] = rest {
        let (length, behind) = match (*length, behind) {
            (0x82, [high, low, behind @ ..]) => {
                (usize::from(*high) << 8 | usize::from(*low), behind)
            }
            (0x81, [length, behind @ ..]) => (usize::from(*length), behind),
            (length, behind) => (usize::from(length), behind),
        };
        numbers.push(&behind[..length]);
        rest = &behind[length..];
    }
    assert_eq!(numbers.len(), 9, "version, n, e, d, p, q, and three for the remainders");
    numbers[3..6].to_vec()
}

/// Every 30 octets of the private numbers of the keys, which are 40 characters of base64 wherever
/// they stand; and the lines of their PEM.
fn private_octets() -> Vec<Vec<u8>> {
    let (ec_lines, ec) = pem_and_der(own_key().pem());
    let (rsa_lines, rsa) = pem_and_der(own_rsa_key().pem());
    let numbers = [vec![of_p256(&ec)], of_rsa(&rsa)].concat();
    let windows = numbers.iter().flat_map(|number| number.windows(30)).map(<[u8]>::to_vec);
    let lines = [ec_lines, rsa_lines].concat();
    windows.chain(lines.iter().map(|line| line.as_bytes().to_vec())).collect()
}

/// The search finds a key in whatever way it is told.
#[test]
fn a_key_that_is_told_is_found() {
    let private = private_octets();
    let is_told = |words: &str| private.iter().any(|octets| tells(words, octets));
    for pem in [own_key().pem(), own_rsa_key().pem()] {
        let (_, der) = pem_and_der(pem);
        let hex: String = der.iter().map(|octet| format!("{octet:02x}")).collect();
        for words in [pem, &format!("{der:?}"), &hex, &hex.to_uppercase()] {
            assert!(is_told(words), "{words}");
        }
        for shift in 0..3 {
            assert!(is_told(&STANDARD.encode(&der[shift..])), "shifted by {shift}");
        }
    }
    let shown = of_p256(&pem_and_der(own_key().pem()).1).to_vec();
    assert!(is_told(&format!("key: {shown:?}")));
    assert!(!is_told("key: [..]"));
}

#[test]
fn no_refusal_tells_anything_of_a_key() {
    let private = private_octets();
    for octets in refused() {
        let words = words_of(&octets);
        assert!(private.iter().all(|octets| !tells(&words, octets)), "{words}");
    }
}

/// The value of a failed command is not in the journal, encrypted or not.
#[test]
fn no_failed_command_tells_its_value() {
    let object = |value: &str| {
        format!(
            "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>New</NodeName>\
             <RTProperties><Format><bin/></Format></RTProperties>{value}</Node></MgmtTree>"
        )
    };
    let value = format!("<Value>{SECRET}</Value>");
    let meta = command::meta("xml", "application/vnd.syncml.dmtnds+xml");
    let bin = command::meta("bin", "");
    for (target, meta, plaintext) in [
        ("./Vendor/Constant", "", SECRET.to_owned()),
        ("./Nobody/Here", "", SECRET.to_owned()),
        ("./Vendor/Speed", &*bin, SECRET.to_owned()),
        ("./Vendor/Speed?prop=TStamp", "", SECRET.to_owned()),
        ("./DMAcc/Alpha/ServerID", "", SECRET.to_owned()),
        ("./Vendor/Gamma/Value", "", SECRET.to_owned()),
        ("./Vendor/Other", &*meta, command::escaped(&object(&value))),
        ("./Vendor/Other", &*meta, command::escaped(&object(&value.repeat(2)))),
        ("./Vendor/Other", &*meta, command::escaped(&format!("<MgmtTree>{SECRET}</MgmtTree>"))),
        ("./Vendor/Other", &*meta, command::escaped(&format!("{SECRET}<"))),
        ("./Vendor/Other", &*meta, object(&value)),
    ] {
        let data = Encryptor::of(alpha()).data(&plaintext);
        let item = command::item(target, &format!("{meta}{data}"));
        let mut device = Device::new().with_keys();
        let message = Message::new(alpha()).with(command::one("Replace", "1", &item));
        let accepted = device.accept(&message.seal());
        let entry = device.journal().pop().expect("an entry");
        let commands = format!("{:?} {:?}", accepted.commands, accepted.notes);
        let words = format!("{commands} {}", String::from_utf8_lossy(&entry.encode()));
        assert!(!tells(&words, SECRET.as_bytes()), "{target}: {words}");
        assert!(accepted.commands[0].failure.is_some(), "{target} {plaintext}");
    }
}

#[test]
fn keys_are_printed_without_what_is_secret() {
    let private = private_octets();
    let shown =
        |words: String| assert!(private.iter().all(|octets| !tells(&words, octets)), "{words}");
    shown(format!("{:?} {:#?}", keys(), keys()));
    for own in [own_key(), own_rsa_key()] {
        shown(format!("{:?} {:#?}", own.private(), own.private()));
    }
    let signing = SigningKey::from_pem(own_rsa_key().pem().as_bytes()).expect("RSA signs too");
    shown(format!("{signing:?} {signing:#?}"));
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    assert!(!tells(&format!("{secret:?} {secret:#?}"), SECRET.as_bytes()));
}

/// The stages of the gate that hold a plaintext.
#[test]
fn stages_are_printed_without_what_was_decrypted() {
    let (settings, keys, encryptor) = (settings(), keys(), Encryptor::of(alpha()));
    let opener = Opener { keys: Some(&keys), provider: &AwsLc, settings: &settings };
    let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", SECRET));
    let octets = encryptor.whole(&message.seal());
    let source = gate::receive(&octets, &settings).expect("WBXML");
    let whole = gate::decode(&source, &settings.limits).expect("WBXML").decrypt(&opener);
    let Ok(Whole::Opened(opened)) = whole else { panic!("it is encrypted") };
    assert!(!tells(&format!("{opened:?}"), SECRET.as_bytes()));
    let inner = opened.receive(&settings).expect("WBXML inside");
    assert!(!tells(&format!("{inner:?}"), SECRET.as_bytes()));
    let clear = inner.decode(&settings.limits).expect("a message inside");
    assert!(!tells(&format!("{clear:?}"), SECRET.as_bytes()));
    let headed = clear.header().expect("a header");
    assert!(!tells(&format!("{headed:?}"), SECRET.as_bytes()));
}

/// The same for parts, which are decrypted once the signature and the freshness hold.
#[test]
fn stages_of_parts_are_printed_without_what_was_decrypted() {
    let (settings, keys) = (settings(), keys());
    let opener = Opener { keys: Some(&keys), provider: &AwsLc, settings: &settings };
    let octets = with_data(&Encryptor::of(alpha()).data(SECRET)).seal();
    let source = gate::receive(&octets, &settings).expect("WBXML");
    let whole = gate::decode(&source, &settings.limits).expect("WBXML").decrypt(&opener);
    let Ok(Whole::Clear(clear)) = whole else { panic!("its root is in the clear") };
    let accounts = accounts(Device::new().tree(), &AwsLc);
    let matched = clear.header().and_then(|headed| headed.account(&accounts)).expect("alpha's");
    let verified = matched.target(&settings).and_then(|meant| meant.open(&AwsLc, &settings, None));
    let verified = verified.expect("signed by alpha");
    let fresh = gate::freshness(verified, &Freshness::default(), Policy::IfPresent, None);
    let fresh = fresh.expect("never seen");
    let deciphered = fresh.decipher(&opener).expect("decrypted");
    assert!(!tells(&format!("{deciphered:?}"), SECRET.as_bytes()));
    let plain = deciphered.infoset(&settings.limits).expect("text");
    let body = plain.body().expect("two commands");
    assert!(tells(&format!("{body:?}"), SECRET.as_bytes()), "the commands have it");
    assert!(!tells(&format!("{plain:?}"), SECRET.as_bytes()));
}

#[test]
fn an_outcome_is_printed_without_its_values_where_it_is_a_refusal() {
    for octets in refused() {
        let mut device = Device::new().with_keys();
        let outcome = device.receive(&octets);
        assert!(matches!(outcome, Outcome::Refused(_)));
        assert!(!tells(&format!("{outcome:?}"), SECRET.as_bytes()));
        let stage = outcome.refusal().map(dm_client::Refusal::stage);
        assert!(stage >= Some(Stage::DecryptWhole));
    }
}

#[test]
fn no_error_about_a_key_tells_of_it() {
    let pair = generate(Algorithm::Es256, "srv.example", "k").expect("a key");
    let locked = encrypted_pem(pair.key_pem.as_bytes(), SECRET.as_bytes()).expect("encrypted");
    let truncated = &pair.key_pem[..pair.key_pem.len() - 60];
    let errors: Vec<KeyError> = [
        SigningKey::read(locked.as_bytes(), None).err(),
        SigningKey::read(locked.as_bytes(), Some(format!("{SECRET}!").as_bytes())).err(),
        SigningKey::read(truncated.as_bytes(), None).err(),
        SigningKey::read(pair.key_pem.replace("MIG", "MIH").as_bytes(), None).err(),
        DeviceKey::from_pem("k", truncated.as_bytes()).err(),
        DeviceKey::from_pem("k", locked.as_bytes()).err(),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert_eq!(errors.len(), 6);
    let lines: Vec<&str> = pair.key_pem.lines().filter(|line| !line.starts_with("--")).collect();
    for error in errors {
        let words = all_words(&error);
        assert!(
            !tells(&words, SECRET.as_bytes()) && lines.iter().all(|line| !words.contains(line))
        );
    }
}
