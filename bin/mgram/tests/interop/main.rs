//! Our octets read by others, and theirs by us. What a decoder of ours says about an encoder of
//! ours proves little; here every message crosses a border.
//!
//! | module | the other side |
//! | --- | --- |
//! | `sealed_by_us` | the oracle of `tests/oracle` verifies what `mgram seal` made |
//! | `encrypted` | the oracle encrypts for our device, and decrypts what `mgram seal` encrypted |
//! | `encrypted_witnesses` | xmlsec1 encrypts for our device; openssl opens what we encrypted |
//! | `encryption` | xmlsec1, the oracle and bergshamra, each with every way to encrypt |
//! | `xmlsec` | xmlsec1 verifies the XML text that `mgram decode` renders |
//! | `signatures` | xmlsec1, the oracle, openssl and bergshamra, each with every algorithm; vectors of the W3C |
//! | `token` | SoftHSM signs, xmlsec1 verifies |
//! | `sealed_by_the_oracle` | devices take what the oracle signed and spelled |
//! | `spellings` | both codecs say the same of each other's octets |
//! | `compact_spelling` | the same of the compact spelling, from the published tables alone |
//! | `vectors` | the oracle's test vectors |
//! | `every_spelling` | the same of unsigned documents: all styles, all versions |
//! | `dissector` | tshark reads a pushed datagram |
//! | `dissected_strings` | tshark reads all our ways of writing |
//! | `libwbxml` | wbxml2xml and xml2wbxml, on unsigned documents |
//! | `vocabularies` | libwbxml and tshark, on documents of every token of every language |
//! | `canonical_xml` | xmllint and old vectors, on the canonical form |
//! | `corpus` | documents of other projects, each deviation by its rule |
//! | `real` | documents from real devices and servers, where they are at hand |
//! | `inspected` | the same documents, looked at |
//!
//! A test whose peer program is missing says so and passes, counted as skipped; with `MGRAM_TEST_PEERS=1` in the
//! environment it fails. Real documents are looked for in `../shared` beside the project, or in
//! the folder that `MGRAM_TEST_SHARED` names; they belong to others and are not part of it. The
//! tables of `docs/interop.md` are compared, or written (`page`).

mod bergshamra;
mod canonical_xml;
mod compact_spelling;
mod corpus;
mod device;
mod device_token;
mod dissected_strings;
mod dissector;
mod encrypted;
mod encrypted_witnesses;
mod encryption;
mod every_spelling;
mod generated;
mod infoset;
mod inspected;
mod key;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod libwbxml;
mod messages;
mod oracle;
mod page;
mod peer;
mod program;
mod real;
mod sealed_by_the_oracle;
mod sealed_by_us;
mod signatures;
mod spellings;
mod token;
mod vectors;
mod vocabularies;
mod xmlsec;
