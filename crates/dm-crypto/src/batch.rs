//! Sealing many messages with a thread for each core.

use std::num::NonZero;
use std::thread::{self, ScopedJoinHandle};

use dm_seal::{Provider, SealError, Sealer, Signer};
use dm_wbxml::OctetRule;
use dm_xml::ToInfoset;

/// Seals these messages with this many threads; the octets come in the order of the messages. The
/// threads of all cores: [`std::thread::available_parallelism`].
///
/// A message that cannot be sealed does not keep the others from it.
///
/// # Panics
/// When the signer does.
pub fn seal_all<M, S, P, R>(
    sealer: &Sealer<'_, S, P, R>,
    messages: &[M],
    threads: NonZero<usize>,
) -> Vec<Result<Vec<u8>, SealError>>
where
    M: ToInfoset + Sync,
    S: Signer + Sync + ?Sized,
    P: Provider + Sync,
    R: OctetRule + Clone + PartialEq + Sync,
{
    let share = messages.len().div_ceil(threads.get()).max(1);
    let seal = |share: &[M]| share.iter().map(|message| sealer.seal(message)).collect::<Vec<_>>();
    thread::scope(|scope| {
        // What no thread can be had for, this one does, once the others are at work.
        let shares = messages.chunks(share).map(|share| {
            let thread = thread::Builder::new().spawn_scoped(scope, move || seal(share));
            thread.map_err(|_| share)
        });
        let shares: Vec<_> = shares.collect();
        let joined = shares.into_iter().flat_map(|share| match share.map(ScopedJoinHandle::join) {
            Ok(Ok(sealed)) => sealed,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(share) => seal(share),
        });
        joined.collect()
    })
}
