//! What is signed: a `SignedInfo` as it is written here, or with white space in it, and no other than
//! the one that was signed. [XMLDSIG §3.2], [profile §3]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_crypto::{Algorithm, AwsLc, SigningKey, generate, public_material};
use dm_seal::{OpenError, Pin, Signer, Trust, VerifyError, seal, verify};
use dm_xml::{Document, Limits, canonical, parse};

const SERVER: &str = "srv.example";
const MESSAGE: &str = r#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr/><SyncBody/></SyncML>"#;

struct Pair {
    key: SigningKey,
    der: Vec<u8>,
}

fn pair(algorithm: Algorithm) -> Pair {
    let pair = generate(algorithm, SERVER, "key").expect("a new key");
    let key = SigningKey::from_pem(pair.key_pem.as_bytes()).expect("the new key");
    Pair { key, der: public_material(pair.cert_pem.as_bytes()).expect("its certificate") }
}

fn document(text: &str) -> Document<'_> {
    parse(text.as_bytes(), &Limits::default()).expect("a message")
}

fn sealed(pair: &Pair) -> String {
    let message = document(MESSAGE);
    canonical::text(&seal(&message, "key", &pair.key, &AwsLc).expect("sealing"))
}

fn open(text: &str, pair: &Pair) -> Result<(), OpenError> {
    let pins = [Pin::new("key", &pair.der, &AwsLc).expect("a pin")];
    verify(document(text), &Trust::pinned(SERVER, &pins), &AwsLc).map(drop)
}

/// The text with white space behind each tag of its `SignedInfo` where text may stand, one at a
/// time.
fn spaced(text: &str) -> Vec<String> {
    let place = |tag| text.find(tag).expect("a signature");
    let (from, to) = (place("<SignedInfo>"), place("</SignedInfo>"));
    let behind_tags = text[from..to].match_indices('>').map(|(at, _)| from + at + 1);
    let is_of_algorithm = |behind: &str| {
        let ends =
            ["</CanonicalizationMethod>", "</SignatureMethod>", "</Transform>", "</DigestMethod>"];
        ends.iter().any(|end| behind.starts_with(end))
    };
    let between_elements = behind_tags.filter(|&at| !is_of_algorithm(&text[at..]));
    between_elements.map(|at| format!("{}\n{}", &text[..at], &text[at..])).collect()
}

const KINDS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519];

#[test]
fn white_space_that_was_not_signed_is_refused() {
    for pair in KINDS.map(pair) {
        let text = sealed(&pair);
        open(&text, &pair).unwrap();
        let variants = spaced(&text);
        assert!(variants.len() > 10, "{}", variants.len());
        for variant in variants {
            assert_eq!(
                open(&variant, &pair),
                Err(OpenError::Verify(VerifyError::SignatureInvalid)),
                "{variant}"
            );
        }
    }
}

#[test]
fn white_space_that_was_signed_is_let_through() {
    for pair in KINDS.map(pair) {
        for variant in spaced(&sealed(&pair)) {
            let signed_info = {
                let variant = document(&variant);
                let signature = variant.root().elements().last().unwrap();
                canonical::text(&signature.elements().next().unwrap())
            };
            let value = STANDARD.encode(pair.key.sign(signed_info.as_bytes()).unwrap());
            let (before, rest) = variant.split_once("<SignatureValue>").unwrap();
            let (_, behind) = rest.split_once("</SignatureValue>").unwrap();
            let text = format!("{before}<SignatureValue>{value}</SignatureValue>{behind}");
            open(&text, &pair).unwrap();
        }
    }
}

#[test]
fn every_bit_of_the_value_counts() {
    for pair in KINDS.map(pair) {
        let text = sealed(&pair);
        let (before, rest) = text.split_once("<SignatureValue>").unwrap();
        let (value, behind) = rest.split_once("</SignatureValue>").unwrap();
        let value = STANDARD.decode(value).unwrap();
        for at in 0..value.len() {
            let mut value = value.clone();
            value[at] ^= 1 << (at % 8);
            let value = STANDARD.encode(value);
            let text = format!("{before}<SignatureValue>{value}</SignatureValue>{behind}");
            assert_eq!(
                open(&text, &pair),
                Err(OpenError::Verify(VerifyError::SignatureInvalid)),
                "octet {at}"
            );
        }
    }
}
