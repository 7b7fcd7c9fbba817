//! The accounts of the tree, ready to verify. [Sessionless §5.5], R22

use alloc::string::String;
use alloc::vec::Vec;

use dm_mo::DmAcc;
use dm_seal::{Pin, Provider};
use dm_tree::Tree;

use crate::Refusal;

/// An account with its keys parsed.
#[derive(Clone, Debug)]
pub struct Account<K> {
    /// Its ServerID.
    pub server_id: String,
    /// Its usable keys; material that cannot be used is left out.
    pub pins: Vec<Pin<K>>,
}

/// All accounts of a tree.
#[must_use]
pub fn accounts<P: Provider>(tree: &Tree, provider: &P) -> Vec<Account<P::Key>> {
    let found = DmAcc::find_all(tree).into_iter();
    found
        .map(|account| Account {
            server_id: account.server_id,
            pins: account
                .pins
                .into_iter()
                .filter_map(|pin| Pin::new(pin.name, &pin.der, provider).ok())
                .collect(),
        })
        .collect()
}

/// The one account with this ServerID, compared octet by octet.
///
/// # Errors
/// When there is none (R5, R6), or more than one (R22).
pub fn the_account<'a, K>(
    accounts: &'a [Account<K>],
    server_id: &str,
) -> Result<&'a Account<K>, Refusal> {
    let mut matching = accounts.iter().filter(|account| account.server_id == server_id);
    let found = matching.next().ok_or_else(|| Refusal::NoAccount(server_id.into()))?;
    match matching.count() {
        0 => Ok(found),
        more => Err(Refusal::SeveralAccounts { server_id: server_id.into(), count: more + 1 }),
    }
}
