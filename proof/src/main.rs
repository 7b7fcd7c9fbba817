//! The proof that floors 0 to 3 need no `std`: they are linked here without it, and they work.
//!
//! A device in memory, as bootstrap leaves it: DevInfo, one account with one pinned key, one
//! setting. It gets one push four times: as it was sealed, with one octet of the new value
//! changed, with one of the signature changed, and once more as it was sealed. The exit code is 0
//! when the device accepts the first and refuses each other for the reason that it must
//! [profile §8]. `cargo xtask proof` builds and runs it.
//!
//! What a device maker brings stands here too: [`bare`] is the platform (memory, output),
//! [`provider`] the cryptography; store, tree and clock are arguments.

#![no_std]
#![no_main]

extern crate alloc;
// The binary has a panic handler of its own. With std there would be two: E0152.
#[cfg(feature = "std")]
extern crate std;

mod bare;
mod device;
mod provider;

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt::Write;

use dm_client::{Client, Effect, Outcome, Refusal};
use dm_push::wsp::Push;
use dm_tree::store::MemoryStore;
use dm_tree::{Node, Uri};

use crate::bare::Output;
use crate::provider::RustCrypto;

/// Sealed for [`device::DEVICE_ID`]; how it was made stands in `data/README.md`.
const MESSAGE: &[u8] = include_bytes!("../data/set-apn.wbxml");
/// What it sets [`device::SETTING`] to.
const VALUE: &str = "internet.operator.example";

/// How base64 of the 64 octets of a signature on P-256 ends, in the string that holds it.
const SIGNATURE_END: &[u8] = b"==\0";

/// Whether the device did what it must, each time.
fn run(out: &mut Output) -> bool {
    let Some(store) = device::bootstrap() else {
        say(out, format_args!("the device cannot be bootstrapped"));
        return false;
    };
    let Ok(mut client) = Client::open(store, RustCrypto, device::settings()) else {
        say(out, format_args!("the stored tree cannot be read"));
        return false;
    };
    let accepted = is_changed(out, &mut client);
    let changed = is_refused(out, &mut client, "changed", &forgery(VALUE.as_bytes(), 0), |why| {
        matches!(why, Refusal::DigestMismatch)
    });
    let forged = is_refused(out, &mut client, "forged", &forgery(SIGNATURE_END, 8), |why| {
        matches!(why, Refusal::SignatureInvalid(_))
    });
    let again =
        is_refused(out, &mut client, "again", MESSAGE, |why| matches!(why, Refusal::Replayed));
    say(out, format_args!("memory   {} octets in use at most", bare::peak()));
    accepted && changed && forged && again
}

type Device = Client<MemoryStore, RustCrypto>;

/// Whether the message is accepted, and the setting is what it says.
fn is_changed(out: &mut Output, client: &mut Device) -> bool {
    let value = |client: &Device| {
        let node = client.tree().get(&Uri::parse(device::SETTING).ok()?);
        node.and_then(Node::as_text).map(ToOwned::to_owned)
    };
    let before = value(client).unwrap_or_default();
    let Some(Outcome::Accepted(accepted)) = receive(client, MESSAGE) else {
        say(out, format_args!("sealed   not accepted"));
        return false;
    };
    let after = value(client).unwrap_or_default();
    let (octets, key) = (MESSAGE.len(), &accepted.key_name);
    say(out, format_args!("sealed   {octets} octets, accepted under the key {key:?}"));
    for command in &accepted.commands {
        say(out, format_args!("         {} {}: {}", command.name, command.cmd_id, command.status));
    }
    say(out, format_args!("         {}: {before} -> {after}", device::SETTING));
    before != VALUE && after == VALUE && accepted.commands.iter().all(|one| one.status.is_success())
}

/// Whether the message is refused for that reason and the tree stays as it was.
fn is_refused(
    out: &mut Output,
    client: &mut Device,
    name: &str,
    message: &[u8],
    expected: fn(&Refusal) -> bool,
) -> bool {
    let before = client.tree().clone();
    let Some(Outcome::Refused(refused)) = receive(client, message) else {
        say(out, format_args!("{name:8} not refused"));
        return false;
    };
    let (refusal, octets) = (&refused.refusal, message.len());
    let (at, clause) = (refusal.stage().as_str(), refusal.clause());
    say(out, format_args!("{name:8} {octets} octets, refused at {at}: {refusal} ({clause})"));
    expected(refusal) && *client.tree() == before
}

/// What the client makes of a push over WSP that carries this message.
fn receive(client: &mut Device, message: &[u8]) -> Option<Outcome> {
    let datagram = Push::dm(1, message).write();
    let push = Push::read(&datagram).ok()?;
    client.receive(push.body, Some(NOW), Effect::Durable).ok()
}

/// The message with one octet changed into another letter: that which stands `before` the place
/// where these octets begin for the last time.
fn forgery(octets: &[u8], before: usize) -> Vec<u8> {
    let mut message = MESSAGE.to_vec();
    let place = message.windows(octets.len()).rposition(|part| part == octets);
    let octet = place.and_then(|at| message.get_mut(at.checked_sub(before)?));
    if let Some(octet) = octet {
        *octet = if *octet == b'A' { b'B' } else { b'A' };
    }
    message
}

fn say(out: &mut Output, line: core::fmt::Arguments<'_>) {
    // Nobody may be reading. The exit code says it too.
    let _ = writeln!(out, "{line}");
}

/// The time that the device believes it is, in seconds since 1970.
const NOW: u64 = 1_780_000_000;
