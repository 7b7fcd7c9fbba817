//! The vectors of the W3C and of others: where algorithm and canonical form are ours, the
//! signature of `SignedInfo` holds with our primitives; every other one is refused, and why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dm_crypto::AwsLc;
use dm_seal::algorithm::DS;
use dm_seal::{Pin, PinError, SignatureMethod, Structure, VerifyingKey};
use dm_xml::{Document, Element};

use super::key_value;
use crate::canonical_xml::spelled::{Prefixes, spelled};
use crate::corpus::reading::read_text;
use crate::libwbxml::tree::octets;
use crate::{page, peer};

/// The suites with signatures.
const SUITES: [&str; 5] = [
    "merlin-exc-c14n-one",
    "merlin-xmldsig-twenty-three",
    "phaos-xmldsig-three",
    "xmldsig11-interop-2012",
    "xmldsig2ed-tests",
];

/// What is written by the suites without a prefix, or with this one.
const PREFIXES: [Prefixes<'_>; 2] = [&[(DS, "")], &[(DS, "dsig")]];

#[test]
fn old_vectors_verify_or_are_refused_for_a_reason() {
    let Some(corpus) = peer::documents("corpus/xmldsig") else { return };
    let mut outcomes = BTreeMap::<String, Vec<String>>::new();
    for suite in SUITES {
        for file in documents(&corpus.join(suite)) {
            let text = fs::read(&file).expect("a vector").leak();
            let outcome = match read_text(text) {
                Ok(reading) => outcome(&reading.document, text),
                Err(rule) => format!("refused: not XML as we read it: {rule}"),
            };
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            outcomes.entry(outcome).or_default().push(format!("`{name}`"));
        }
    }
    let verified = outcomes.iter().filter(|(outcome, _)| outcome.starts_with("verified"));
    let verified: usize = verified.map(|(_, names)| names.len()).sum();
    let all: usize = outcomes.values().map(Vec::len).sum();
    let rows: Vec<_> =
        outcomes.into_iter().map(|(outcome, names)| [outcome, names.join(", ")]).collect();
    let table = page::table(["ours", "vectors"], &rows);
    page::check("old signatures", &format!("{verified} of {all} verify.\n\n{table}"));
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a suite").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "xml")).collect();
    files.sort();
    files
}

/// What becomes of a vector: verified, or refused and why.
fn outcome(document: &Document<'_>, text: &[u8]) -> String {
    // The gate has one shape for signatures, and none of these has it.
    assert!(Structure::read(document).is_err(), "a vector is no message");
    match verified(document, text) {
        Ok(method) => format!("verified: {}", name(method.uri())),
        Err(reason) => format!("refused: {reason}"),
    }
}

fn verified(document: &Document<'_>, text: &[u8]) -> Result<SignatureMethod, String> {
    let find = |local: &'static str| document.root().walk().find(|element| element.is(DS, local));
    let Some(info) = find("SignedInfo") else { return Err("there is no signature".to_owned()) };
    let algorithm = |local| find(local).and_then(|element| element.attribute("Algorithm"));
    let method = algorithm("SignatureMethod").unwrap_or_default();
    let Some(method) = SignatureMethod::from_uri(method) else {
        return Err(format!("signature method {}", name(method)));
    };
    let canonical = algorithm("CanonicalizationMethod").unwrap_or_default();
    if canonical.contains("WithComments") {
        return Err(format!("canonical form {}", name(canonical)));
    }
    let value = octets_of(find("SignatureValue")).ok_or("no value")?;
    let key = find("KeyInfo").and_then(key_value::shown);
    let key = key.ok_or("it shows no key")?;
    let pin = Pin::new("vector", &key, &AwsLc).map_err(|error| match error {
        PinError::WeakKey => "an RSA key under 2048 bits".to_owned(),
        PinError::Key(_) => "a key on a curve that is not ours".to_owned(),
        other => other.to_string(),
    })?;
    // Inclusive and exclusive form are one here: nothing is declared above that is not used.
    let prefixes = PREFIXES[usize::from(text.windows(11).any(|part| part == b"xmlns:dsig="))];
    let signed = spelled(info, prefixes);
    assert!(pin.key().verifies(method, signed.as_bytes(), &value), "{signed}");
    let longer = signed + " ";
    assert!(!pin.key().verifies(method, longer.as_bytes(), &value));
    Ok(method)
}

fn octets_of(element: Option<Element<'_>>) -> Option<Vec<u8>> {
    octets(&element?.text().split_whitespace().collect::<String>())
}

/// The last part of an identifier.
fn name(uri: &str) -> &str {
    uri.rsplit_once(['#', '/']).map_or(uri, |(_, name)| name)
}
