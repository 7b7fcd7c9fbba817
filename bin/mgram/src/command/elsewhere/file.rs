//! The two files: small, versioned, with nothing in them that is not known.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_crypto::AwsLc;
use dm_seal::{DigestMethod, Hasher, Provider, SignatureMethod, SignedInfo};
use dm_syncml::wbxml::Spelling;
use dm_xml::canonical::Output;
use dm_xml::{Document, canonical};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::summary::Summary;
use crate::document::{expect_message, parse, read, write};
use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::hex;
use crate::shown_options::ShownKey;
use crate::unsigned::{check_encrypted, is_signed};

/// The version of both.
const VERSION: u64 = 1;
const REQUEST: &str = "marconigram-sign-request";
const ANSWER: &str = "marconigram-sign-answer";

/// The most octets of either: a message as XML text is a few times as long as what a device takes.
const MOST: usize = 4 << 20;

/// What is to be signed. All but `method`, `key_name`, `certificate`,
/// `message` and the spelling follows from these.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub format: String,
    pub version: u64,
    /// The identifier of the signature method.
    pub method: String,
    /// What KeyName will show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The certificate that will be shown instead: DER as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// What the signer is to read before it signs.
    pub summary: Summary,
    /// The message, in its canonical form.
    pub message: String,
    /// SHA-256 of the message: hexadecimal.
    pub digest: String,
    /// The octets to be signed: the canonical form of SignedInfo, as base64.
    pub signed_info: String,
    /// Their digest by the method, for signers that take a digest: hexadecimal.
    pub signed_info_digest: String,
}

/// A signature.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub format: String,
    pub version: u64,
    /// The `signed_info_digest` of the request.
    pub request: String,
    /// As in the request.
    pub method: String,
    /// As in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The signature value: base64.
    pub signature: String,
}

/// A request that holds.
pub struct Asked<'d> {
    pub document: &'d Document<'d>,
    pub info: SignedInfo,
    pub shown: ShownKey,
    pub spelling: Spelling,
}

impl Request {
    /// What is to be signed of a message, and what there is to say about it.
    pub fn of(
        document: &Document<'_>,
        method: SignatureMethod,
        shown: &ShownKey,
        spelling: Spelling,
        path: &Path,
    ) -> Result<(Self, SignedInfo), Fault> {
        let info =
            SignedInfo::of(document, method, &AwsLc).map_err(|error| is_signed(&error, path))?;
        let octets = info.to_canonical();
        let (key_name, certificate) = match shown {
            ShownKey::Certificate(_, der) => (None, Some(STANDARD.encode(der))),
            ShownKey::Name(name) => (Some(name.clone()), None),
        };
        let request = Self {
            format: REQUEST.to_owned(),
            version: VERSION,
            method: method.uri().to_owned(),
            key_name,
            certificate,
            summary: Summary::of(document, info, shown, spelling, path)?,
            message: canonical::text(document),
            digest: hex(info.digest().as_octets()),
            signed_info: STANDARD.encode(&octets),
            signed_info_digest: digest(method, &octets),
        };
        Ok((request, info))
    }

    /// What is to be shown of the key.
    pub fn shown(&self, path: &Path) -> Result<ShownKey, Fault> {
        match (&self.key_name, &self.certificate) {
            (Some(name), None) => {
                check_not_empty("key_name", name).map_err(|fault| fault.in_file(path))?;
                Ok(ShownKey::Name(name.clone()))
            }
            (None, Some(text)) => match STANDARD.decode(text) {
                Ok(der) => Ok(ShownKey::Certificate(path.to_owned(), der)),
                Err(_) => Err(differs(path, "certificate", "is not base64")),
            },
            _ => Err(differs(path, "key_name", "or certificate must be there, one of the two")),
        }
    }

    /// Reads a request; computes from its message all that it says, and refuses what differs.
    pub fn with<R>(
        path: &Path,
        then: impl FnOnce(&Self, &Asked<'_>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let request: Self = load(path, REQUEST, "the request of `mgram sign-request`")?;
        let method = SignatureMethod::from_uri(&request.method);
        let method = method.ok_or_else(|| {
            differs(path, "method", "is none of the closed list").next("make the request anew")
        })?;
        let shown = request.shown(path)?;
        let document = parse(request.message.as_bytes(), path)
            .map_err(|fault| fault.at(format!("{}, message", path.display())))?;
        if canonical::text(&document) != request.message {
            return Err(differs(
                path,
                "message",
                "is not in canonical form, so others read it differently",
            ));
        }
        expect_message(&document, path)?;
        let header = check_encrypted(&document, path)?;
        shown.check_serves(&header.source.loc_uri)?;
        let spelling = request.summary.spelling.unwrap_or_default().into();
        let (computed, info) = Self::of(&document, method, &shown, spelling, path)?;
        let fields = [
            ("digest", request.digest == computed.digest),
            ("signed_info", request.signed_info == computed.signed_info),
            ("signed_info_digest", request.signed_info_digest == computed.signed_info_digest),
            ("summary", request.summary == computed.summary),
        ];
        if let Some((field, _)) = fields.iter().find(|(_, is_same)| !is_same) {
            return Err(differs(path, field, "is not that of the message"));
        }
        then(&request, &Asked { document: &document, info, shown, spelling })
    }
}

impl Answer {
    /// The answer to a request.
    pub fn to(request: &Request, signature: &[u8]) -> Self {
        Self {
            format: ANSWER.to_owned(),
            version: VERSION,
            request: request.signed_info_digest.clone(),
            method: request.method.clone(),
            key_name: request.key_name.clone(),
            signature: STANDARD.encode(signature),
        }
    }

    /// Reads the signature in the answer to this request.
    pub fn read(path: &Path, request: &Request) -> Result<Vec<u8>, Fault> {
        let answer: Self = load(path, ANSWER, "the answer of `mgram sign-answer`")?;
        let fields = [
            ("method", answer.method == request.method),
            ("key_name", answer.key_name == request.key_name),
            ("request", answer.request == request.signed_info_digest),
        ];
        if let Some((field, _)) = fields.iter().find(|(_, is_same)| !is_same) {
            return Err(Fault::refused(format!(
                "the answer is to another request: {field} differs"
            ))
            .in_file(path)
            .next("give the answer that was made from this very request"));
        }
        STANDARD.decode(&answer.signature).map_err(|_| {
            Fault::unreadable("signature is not base64")
                .in_file(path)
                .next("have the request answered anew")
        })
    }
}

/// Writes either.
pub fn save(path: &Path, content: &impl Serialize) -> Result<(), Fault> {
    let mut text = serde_json::to_string_pretty(content).map_err(Fault::refused)?;
    text.push('\n');
    if text.len() > MOST {
        return Err(too_large(path));
    }
    write(Some(path), text.as_bytes())
}

/// What both begin with.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<u64>,
}

fn load<T: DeserializeOwned>(path: &Path, format: &str, wanted: &str) -> Result<T, Fault> {
    let octets = read(path)?;
    if octets.len() > MOST {
        return Err(too_large(path));
    }
    let unreadable =
        |what: String| Fault::unreadable(what).in_file(path).next(format!("give {wanted}"));
    let of_json = |error: serde_json::Error| {
        unreadable(format!("this is not the file that is wanted: {error}"))
    };
    // Those of another version have other fields: the version is what is wrong with them.
    let head: Head = serde_json::from_slice(&octets).map_err(of_json)?;
    match (head.format.as_deref(), head.version) {
        (Some(found), Some(VERSION)) if found == format => {}
        (Some(found), Some(version)) if found == format => {
            return Err(unreadable(format!("version {version} is not known here, {VERSION} is"))
                .next("use the same version of mgram on both sides"));
        }
        (Some(REQUEST), _) => return Err(unreadable("this is a request".to_owned())),
        (Some(ANSWER), _) => return Err(unreadable("this is an answer".to_owned())),
        _ => return Err(unreadable(format!("no {format:?} of a known version"))),
    }
    serde_json::from_slice(&octets).map_err(of_json)
}

fn too_large(path: &Path) -> Fault {
    Fault::unreadable(format!("more than {MOST} octets"))
        .in_file(path)
        .next("split the message into several")
}

fn differs(path: &Path, field: &str, how: &str) -> Fault {
    Fault::refused(format!("{field} {how}"))
        .in_file(path)
        .clause("profile §3")
        .next("sign nothing; have the request made anew, and ask who changed it")
}

/// The digest of octets, by the digest of the method; Ed25519 has none of its own here: SHA-512.
fn digest(method: SignatureMethod, octets: &[u8]) -> String {
    let mut hasher = AwsLc.hasher(match method {
        SignatureMethod::Ecdsa(digest)
        | SignatureMethod::Rsa(digest)
        | SignatureMethod::RsaPss(digest) => digest,
        SignatureMethod::Ed25519 => DigestMethod::Sha512,
    });
    hasher.write(octets);
    hex(hasher.finish().as_octets())
}
