//! Hostile input for every reader, and what each reader must keep to.
//!
//! One module for each target: its `check` takes any octets and panics when a rule is broken.
//! `fuzz_targets/` hands it to libFuzzer; `tests/corpora.rs` runs it over the committed inputs
//! without. How to add one: `docs/fuzzing.md`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod base64;
pub mod c14n;
pub mod capture;
pub mod ddf;
pub mod decrypt;
pub mod gate;
pub mod infoset;
pub mod mqtt;
pub mod pap;
pub mod reference;
pub mod respell;
pub mod round_trip;
pub mod sip;
pub mod smpp;
pub mod tnds;
pub mod tpdu;
pub mod wbxml_lenient;
pub mod wbxml_strict;
pub mod wsp;
pub mod xml_text;

/// The check of one target.
pub type Check = fn(&[u8]);

/// All targets, by name, in the order of their names.
pub const TARGETS: &[(&str, Check)] = &[
    ("base64", base64::check),
    ("c14n", c14n::check),
    ("capture", capture::check),
    ("ddf", ddf::check),
    ("decrypt", decrypt::check),
    ("gate", gate::check),
    ("mqtt", mqtt::check),
    ("pap", pap::check),
    ("respell", respell::check),
    ("round_trip", round_trip::check),
    ("sip", sip::check),
    ("smpp", smpp::check),
    ("tnds", tnds::check),
    ("tpdu", tpdu::check),
    ("wbxml_lenient", wbxml_lenient::check),
    ("wbxml_strict", wbxml_strict::check),
    ("wsp", wsp::check),
    ("xml_text", xml_text::check),
];

/// The input, or the choices from which an input is built when the first octet is NUL: no
/// message, no XML text and no line of base64 begins so.
pub(crate) fn choices(octets: &[u8]) -> Option<arbitrary::Unstructured<'_>> {
    octets.strip_prefix(&[0]).map(arbitrary::Unstructured::new)
}
