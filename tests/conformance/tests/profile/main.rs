//! The signing profile, section by section: what it accepts, and above all what it refuses.

mod refusals;
mod regression;
mod section_2_content;
mod section_2_head;
mod section_2_markup;
mod section_2_text;
mod section_3;
mod section_4;
mod section_4_chain;
mod section_4_rotation;
mod section_5;
mod section_5_shortest;
mod section_6;
mod section_6_unavailable;
mod section_6_whole;
mod section_7;
mod section_7_store;
mod section_8;
mod section_9;
mod section_9_effects;

use conformance::hand::Hand;
use conformance::{Device, alpha};
use dm_client::Refusal;
use dm_wbxml::ErrorKind;

/// What is wrong with these octets, as a device finds it at stage `wbxml`.
fn refused(octets: &[u8]) -> ErrorKind {
    match Device::new().refuse(octets) {
        Refusal::Wbxml(error) => error.kind,
        other => panic!("{}: {other}", other.name()),
    }
}

/// A message by hand, sealed as it is spelled and let in: what `./Vendor/Speed` is then.
fn accepted(hand: &Hand) -> String {
    let mut device = Device::new();
    let statuses = device.statuses(&hand.sealed(alpha()));
    assert_eq!(statuses, [200]);
    device.text("./Vendor/Speed").expect("text")
}
