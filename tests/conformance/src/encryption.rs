//! Encrypted content as a server makes it, and as an attacker does: with whatever plaintext, for
//! whomever. [profile §6]

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_client::Refusal;
use dm_crypto::{
    Algorithm, AwsLc, DeviceKey, DevicePublicKey, KeyPair, SystemChance, generate,
    generate_device_key, public_material,
};
use dm_seal::Material;
use dm_seal::encryption::{
    Binding, ContentCipher, ContentMethod, DeviceKeys, EncryptionError, Envelope, KeyWrapMethod,
    Kind, RecipientKey,
};
use dm_wbxml::Version;
use dm_xml::{Builder, Limits, canonical};

use crate::{DEVICE_ID, Device, Message, Server, alpha, command, encode};

/// A key that devices of these tests decrypt with.
pub struct OwnKey {
    /// What `KeyName` shows.
    pub name: &'static str,
    pair: KeyPair,
    public: DevicePublicKey,
}

impl OwnKey {
    fn new(name: &'static str, pair: KeyPair) -> Self {
        // The bare key, for the certificate of the RSA key is one for signing.
        let der = public_material(pair.cert_pem.as_bytes()).expect("made by us");
        let spki = Material::from_der(&der).expect("made by us").spki;
        let public = DevicePublicKey::from_pem(&spki).expect("made by us");
        Self { name, pair, public }
    }

    /// The private key.
    #[must_use]
    pub fn private(&self) -> DeviceKey {
        DeviceKey::from_pem(self.name, self.pem().as_bytes()).expect("its PEM reads back")
    }

    /// The private key as PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pair.key_pem
    }
}

/// P-256.
#[must_use]
pub fn own_key() -> &'static OwnKey {
    static KEY: LazyLock<OwnKey> = LazyLock::new(|| {
        OwnKey::new("device 1", generate_device_key(DEVICE_ID, "device 1").expect("a key"))
    });
    &KEY
}

/// RSA.
#[must_use]
pub fn own_rsa_key() -> &'static OwnKey {
    static KEY: LazyLock<OwnKey> = LazyLock::new(|| {
        OwnKey::new("device rsa", generate(Algorithm::Rs256, "device", "rsa").expect("a key"))
    });
    &KEY
}

/// P-256, of another device.
#[must_use]
pub fn foreign_key() -> &'static OwnKey {
    static KEY: LazyLock<OwnKey> = LazyLock::new(|| {
        OwnKey::new("device 2", generate_device_key("urn:imei:2", "device 2").expect("a key"))
    });
    &KEY
}

/// What a device of these tests decrypts with.
#[must_use]
pub fn keys() -> DeviceKeys {
    let mut keys = DeviceKeys::new(AwsLc);
    keys.add(own_key().private());
    keys.add(own_rsa_key().private());
    keys
}

/// For whom, on whose behalf, how.
#[derive(Clone, Copy)]
pub struct Encryptor {
    /// The recipient.
    pub key: &'static OwnKey,
    /// The ServerID that it is bound to.
    pub server_id: &'static str,
    /// The device or group that it is bound to.
    pub device_id: &'static str,
    /// AES of either strength.
    pub method: ContentMethod,
}

impl Encryptor {
    /// On behalf of this server, for the device, as is usual.
    #[must_use]
    pub fn of(server: &'static Server) -> Self {
        let (server_id, device_id) = (server.id, DEVICE_ID);
        Self { key: own_key(), server_id, device_id, method: ContentMethod::Aes128Gcm }
    }

    /// The `EncryptedData` of this plaintext.
    #[must_use]
    pub fn encrypted(&self, kind: Kind, plaintext: &[u8]) -> String {
        let envelope = Envelope {
            recipient: &self.key.public,
            key_name: self.key.name,
            binding: Binding { server_id: self.server_id, device_id: self.device_id },
            method: self.method,
            cipher: &AwsLc,
            provider: &AwsLc,
        };
        let mut builder = Builder::new(Limits::generous());
        let written = envelope.write(&mut builder, plaintext, kind, &mut SystemChance);
        written.expect("a key encrypts");
        canonical::text(&builder.finish().expect("one element"))
    }

    /// `Data` with this plaintext as its encrypted content.
    #[must_use]
    pub fn data(&self, plaintext: &str) -> String {
        format!("<Data>{}</Data>", self.encrypted(Kind::Content, plaintext.as_bytes()))
    }

    /// The message that travels instead of these octets.
    #[must_use]
    pub fn whole(&self, octets: &[u8]) -> Vec<u8> {
        encode(&self.encrypted(Kind::Message, octets), Version::default())
    }
}

/// The `EncryptedData` of a `Data`, its key derived from these octets joined, as any
/// implementation does that takes the attributes for granted; the attributes say what `written`
/// says, in the order AlgorithmID, PartyUInfo, PartyVInfo.
#[must_use]
pub fn derived_from(joined: &[u8], written: [&[u8]; 3], plaintext: &[u8]) -> String {
    let usual = Encryptor { server_id: "a", ..Encryptor::of(alpha()) };
    let text = usual.encrypted(Kind::Content, plaintext);
    let agreed = own_key().public.agree(&[7; 32]).expect("a private key");
    let kek = digest(&SHA256, &[&[0, 0, 0, 1], &agreed.secret[..], joined].concat());
    let key = [9; 16];
    let wrapped = AwsLc.wrap(KeyWrapMethod::Aes128, &kek.as_ref()[..16], &key).expect("wraps");
    let mut cipher = plaintext.to_vec();
    AwsLc.encrypt(ContentMethod::Aes128Gcm, &key, [0; 12], &mut cipher).expect("encrypts");
    cipher.splice(..0, [0; 12]);

    let mut text = with_element(&text, "PublicKey", &STANDARD.encode(&agreed.public));
    let first = text.find("</EncryptedKey>").expect("the key stands first");
    let (head, rest) = text.split_at(first);
    text = with_element(head, "CipherValue", &STANDARD.encode(wrapped))
        + &with_element(rest, "CipherValue", &STANDARD.encode(cipher));
    for (name, octets) in ["AlgorithmID", "PartyUInfo", "PartyVInfo"].iter().zip(written) {
        let hex: String = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        text = with_attribute(&text, name, &format!("00{hex}"));
    }
    text
}

/// The text with the content of the first element of this name replaced.
#[must_use]
pub fn with_element(text: &str, name: &str, content: &str) -> String {
    let begins = |tag: &str| text.find(&format!("<{name}{tag}"));
    let tag = begins(">").or_else(|| begins(" ")).expect("it is there");
    let start = tag + text[tag..].find('>').expect("a tag") + 1;
    let end = start + text[start..].find('<').expect("it ends");
    format!("{}{content}{}", &text[..start], &text[end..])
}

/// The text with the first attribute of this name replaced.
#[must_use]
pub fn with_attribute(text: &str, name: &str, value: &str) -> String {
    let open = format!(" {name}=\"");
    let start = text.find(&open).expect("it is there") + open.len();
    let end = start + text[start..].find('"').expect("it ends");
    format!("{}{value}{}", &text[..start], &text[end..])
}

/// A message of [`alpha`] whose second command sets `./Vendor/Mode` to this `Data`.
#[must_use]
pub fn with_data(data: &str) -> Message {
    let mode = command::item("./Vendor/Mode", data);
    Message::new(alpha())
        .with(command::replace("1", "./Vendor/Speed", "2"))
        .with(command::one("Replace", "2", &mode))
}

/// What is wrong with an encrypted part, as a device that decrypts finds it.
#[must_use]
pub fn part_refused(message: &Message) -> EncryptionError {
    match Device::new().with_keys().refuse(&message.seal()) {
        Refusal::PartNotDecrypted(error) => error,
        other => panic!("{}: {other}", other.name()),
    }
}

/// What is wrong with a message that is encrypted as a whole.
#[must_use]
pub fn whole_refused(octets: &[u8]) -> EncryptionError {
    match Device::new().with_keys().refuse(octets) {
        Refusal::WholeNotDecrypted(error) => error,
        other => panic!("{}: {other}", other.name()),
    }
}
