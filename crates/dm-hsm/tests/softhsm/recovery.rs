//! Sessions that are lost come back; tokens that are gone are missed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cryptoki::context::{CInitializeArgs, CInitializeFlags};
use dm_hsm::{HsmError, Settings};

use crate::desk::{self, Desk, Kind};

fn ready(desk: &Desk) {
    desk.token("fleet");
    desk.key("fleet", Kind::P256, "key", 1);
}

#[test]
fn a_login_that_is_lost_is_renewed() {
    desk::run("recovery::a_login_that_is_lost_is_renewed", |desk| {
        ready(desk);
        let signer = desk.signer("token=fleet").expect("a signer");
        for _ in 0..3 {
            signer.signature(b"a").expect("signed");
            desk.open("fleet", false).logout().expect("logged out behind its back");
        }
        signer.signature(b"a").expect("signed");
    });
}

/// The end of the library takes all sessions; whoever ended it begins anew, or does not.
#[test]
fn sessions_that_are_lost_are_opened_anew() {
    desk::run("recovery::sessions_that_are_lost_are_opened_anew", |desk| {
        ready(desk);
        let signer = desk.signer("token=fleet").expect("a signer");
        signer.signature(b"a").expect("signed");
        desk.module().finalize().expect("ended");
        signer.signature(b"a").expect("signed, CKR_CRYPTOKI_NOT_INITIALIZED came before");
        let module = desk.module();
        module.clone().finalize().expect("ended");
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).expect("begun");
        signer.signature(b"a").expect("signed, CKR_SESSION_HANDLE_INVALID came before");
    });
}

const THREADS: usize = 8;
const LOGOUTS: usize = 20;

#[test]
fn threads_survive_the_loss_of_all_sessions() {
    desk::run("recovery::threads_survive_the_loss_of_all_sessions", |desk| {
        ready(desk);
        let signer = desk.signer("token=fleet").expect("a signer");
        let (signed, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        let outcome = signer.signature(b"a");
                        let count = if outcome.is_ok() { &signed } else { &failed };
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            for _ in 0..LOGOUTS {
                let _ = desk.open("fleet", false).logout();
                // Each loss is over, however long that takes, before the next one.
                let enough = signed.load(Ordering::Relaxed) + 4 * THREADS;
                while signed.load(Ordering::Relaxed) < enough {
                    std::thread::yield_now();
                }
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let (signed, failed) = (signed.into_inner(), failed.into_inner());
        eprintln!("{signed} signatures, {failed} lost, in {LOGOUTS} losses of all sessions");
        // A loss during the second attempt is one too many: that is what is asked, once for each.
        assert!(failed <= THREADS * LOGOUTS, "{failed} lost");
        signer.signature(b"a").expect("signed");
    });
}

#[test]
fn a_token_that_was_removed_is_missed_and_not_waited_for() {
    desk::run("recovery::a_token_that_was_removed_is_missed_and_not_waited_for", |desk| {
        ready(desk);
        let signer = desk.signer("token=fleet").expect("a signer");
        signer.signature(b"a").expect("signed");
        let tokens = desk.folder.join("tokens");
        std::fs::rename(&tokens, desk.folder.join("elsewhere")).expect("removed");
        std::fs::create_dir(&tokens).expect("an empty folder");
        desk.module().finalize().expect("ended"); // SoftHSM looks for tokens when it begins
        let error = signer.signature(b"a").expect_err("no token");
        assert!(matches!(error, HsmError::TokenMissing { .. }), "{error:?}");
        let said = error.to_string();
        assert!(
            said.contains("pkcs11:token=fleet: no token fits; there are none at all"),
            "{said}"
        );
        std::fs::remove_dir(&tokens).expect("empty");
        std::fs::rename(desk.folder.join("elsewhere"), &tokens).expect("put back");
        desk.module().finalize().expect("ended");
        signer.signature(b"a").expect("signed: the token is back");
    });
}

#[test]
fn a_wait_for_a_session_has_an_end() {
    desk::run("recovery::a_wait_for_a_session_has_an_end", |desk| {
        desk.token("fleet");
        desk.key("fleet", Kind::Rsa(4096), "slow", 1);
        let settings = Settings { sessions: 1, wait: Duration::ZERO, ..Settings::default() };
        let signer = desk.signer_with("token=fleet", settings).expect("a signer");
        let busy = std::thread::scope(|scope| {
            let sign = || {
                let outcomes = (0..40).map(|_| signer.signature(b"a"));
                outcomes
                    .filter(|outcome| matches!(outcome, Err(HsmError::Busy { sessions: 1, .. })))
                    .count()
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(sign)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
        });
        assert!(busy > 0, "four threads and one session, and none had to wait");
        signer.signature(b"a").expect("signed");
    });
}
