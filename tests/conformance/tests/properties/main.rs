//! What holds for every document and every change of octets.

mod documents;
mod octets;
mod spellings;
mod strategy;
mod whole;

use proptest::prelude::ProptestConfig;

/// So many cases, and no file of failures beside the sources.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
