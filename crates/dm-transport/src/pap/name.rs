//! What a sending is called in the ledger, for the notifications of its gateway.

use dm_push::pap::Address;

/// A push-id and the device that it was for: what is told of another device is not told of this sending. The name
/// of the gateway may be written in another case.
///
/// What we send has no space in either: no push-id of others makes the same.
pub(super) fn called(push_id: &str, to: &Address) -> String {
    let address = to.to_string();
    let device = address.strip_suffix(to.gateway()).unwrap_or(&address);
    format!("{push_id} {device}{}", to.gateway().to_ascii_lowercase())
}
