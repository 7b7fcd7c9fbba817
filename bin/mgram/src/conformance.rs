//! Running test vectors that others wrote: a manifest, devices, messages, expected outcomes.
//!
//! Format: a `manifest.json` that names cases; each case is a device (tree and configuration) and
//! steps, each a message with what must come of it.

pub mod device;
pub mod judge;
pub mod manifest;

use std::path::Path;

use dm_client::{Client, Effect};
use dm_crypto::AwsLc;
use dm_tree::store::MemoryStore;
use serde_json::Value;

use crate::fault::Fault;
use manifest::{Case, Manifest};

/// What a device may lack, and this build has.
const HAVE: [&str; 7] =
    ["account-creation", "chain", "compact", "encryption", "exec", "rename", "ui"];

/// The private pages that this build reads, as they are published.
const PAGES: &str = include_str!("../../../docs/compact.json");

/// The result of one case.
#[derive(Debug)]
pub enum Verdict {
    /// Every step came out as expected.
    Passed,
    /// A step did not.
    Failed {
        /// Which step, from 1.
        step: usize,
        /// What was expected.
        expected: String,
        /// What came out.
        found: String,
    },
    /// The case needs something that this build lacks.
    Skipped(String),
}

/// The client that vectors run on.
pub type VectorClient = Client<MemoryStore, AwsLc>;

/// Runs one case on a fresh device.
pub fn run(folder: &Path, manifest: &Manifest, case: &Case) -> Result<Verdict, Fault> {
    if let Some(lacks) = case.needs.iter().find(|need| !HAVE.contains(&need.as_str())) {
        return Ok(Verdict::Skipped(lacks.clone()));
    }
    if case.needs.iter().any(|need| need == "compact") && !has_our_pages(folder, manifest)? {
        return Ok(Verdict::Skipped("private pages other than docs/compact.json".to_owned()));
    }
    let description = manifest.devices.get(&case.device).ok_or_else(|| {
        Fault::unreadable(format!("case {} names a device that is not there", case.id))
            .at(&case.device)
    })?;
    let (client, settings) = device::make(folder, description)?;
    let mut client = client.with_device_keys(device::keys(folder, manifest, description)?);
    for (index, step) in case.steps.iter().enumerate() {
        if step.restart_before {
            let store = client.into_store();
            let opened = Client::open(store, AwsLc, settings.clone()).map_err(Fault::refused)?;
            client = opened.with_device_keys(device::keys(folder, manifest, description)?);
        }
        let octets = crate::document::read(&folder.join(&step.wbxml))?;
        let before = client.tree().clone();
        let outcome = client.receive(&octets, step.now, Effect::Durable).map_err(Fault::refused)?;
        if let Some((expected, found)) = judge::differs(step, &outcome, &before, client.tree()) {
            return Ok(Verdict::Failed { step: index + 1, expected, found });
        }
    }
    Ok(Verdict::Passed)
}

/// Whether the vectors of the compact spelling are spelled with the pages that this build reads:
/// the numbers of private pages are each maker's own.
fn has_our_pages(folder: &Path, manifest: &Manifest) -> Result<bool, Fault> {
    let ours: Value = serde_json::from_str(PAGES).map_err(Fault::unreadable)?;
    let theirs = manifest.pages.as_ref().map(|pages| device::parse::<Value>(&folder.join(pages)));
    Ok(theirs.transpose()?.is_some_and(|theirs| theirs == ours))
}
