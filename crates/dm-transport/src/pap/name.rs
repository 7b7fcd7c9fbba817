//! What a sending is called: at its gateway, and in the ledger for what the gateway tells.

use dm_push::pap::Address;

use crate::PushId;

/// The push-id of a sending to this device: another one for each device, for a gateway takes each push-id once.
pub(super) fn push_id(id: &PushId, to: &Address, domain: Option<&str>) -> String {
    let hash = dm_crypto::sha256(device(to).as_bytes());
    let hash: String = hash.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    match domain {
        Some(domain) => format!("{id}.{hash}@{domain}"),
        None => format!("{id}.{hash}"),
    }
}

/// A push-id and the device that it was for: what is told of another device is not told of this sending. The name
/// of the gateway may be written in another case.
///
/// What we send has no space in either: no push-id of others makes the same.
pub(super) fn called(push_id: &str, to: &Address) -> String {
    format!("{push_id} {}", device(to))
}

/// An address, written in one way.
fn device(to: &Address) -> String {
    let address = to.to_string();
    let device = address.strip_suffix(to.gateway()).unwrap_or(&address);
    format!("{device}{}", to.gateway().to_ascii_lowercase())
}
