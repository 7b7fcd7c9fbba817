//! What does not work is refused, and said.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use dm_hsm::{HsmError, Pkcs11Signer, Settings};
use dm_seal::{SignatureMethod, Signer};

use crate::desk::{self, Desk, Kind, PIN};

/// The error has these words, says what next, and not the PIN.
fn has(error: &HsmError, words: &[&str]) {
    let said = format!("{error}; {}", error.remedy());
    words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
    assert!(!format!("{said}{error:?}").contains(PIN));
}

fn ready(desk: &Desk) {
    desk.token("fleet");
    desk.key("fleet", Kind::P256, "key", 1);
}

#[test]
fn a_wrong_pin_is_tried_once() {
    desk::run("failures::a_wrong_pin_is_tried_once", |desk| {
        ready(desk);
        let file = desk.folder.join("pin");
        std::fs::write(&file, "wrong").expect("written");
        let error = desk.signer("token=fleet;object=key").expect_err("a wrong PIN");
        assert!(matches!(error, HsmError::Login { .. }), "{error:?}");
        has(
            &error,
            &[
                "pkcs11:token=fleet;object=key",
                "\"fleet\"",
                "C_Login says CKR_PIN_INCORRECT",
                "correct the PIN",
            ],
        );
        // Right at first, wrong later: the signer gives up, and stays so.
        std::fs::write(&file, PIN).expect("written");
        let signer = desk.signer("token=fleet;object=key").expect("a signer");
        std::fs::write(&file, "wrong").expect("written");
        desk.open("fleet", false).logout().expect("logged out");
        has(&signer.signature(b"a").expect_err("a wrong PIN"), &["CKR_PIN_INCORRECT"]);
        std::fs::write(&file, PIN).expect("written");
        has(&signer.signature(b"a").expect_err("no second attempt"), &["CKR_PIN_INCORRECT"]);
        let failed = signer.sign(b"a").expect_err("no second attempt").to_string();
        assert!(
            failed.contains("CKR_PIN_INCORRECT") && failed.contains("; correct the PIN"),
            "{failed}"
        );
        assert!(desk.signer("token=fleet").is_ok(), "a new signer tries anew");
    });
}

/// Threads that all find the login lost are refused once together: tokens count.
#[test]
fn a_wrong_pin_is_tried_once_by_all_threads_together() {
    desk::run("failures::a_wrong_pin_is_tried_once_by_all_threads_together", |desk| {
        ready(desk);
        let pin = desk.folder.join("pin");
        let signer = desk.signer("token=fleet;object=key").expect("a signer");
        std::fs::remove_file(&pin).expect("removed");
        // A pipe tells how often it was read.
        let made = std::process::Command::new("mkfifo").arg(&pin).status().expect("mkfifo");
        assert!(made.success());
        let (reads, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
        desk.open("fleet", false).logout().expect("logged out");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                loop {
                    let mut pipe = OpenOptions::new().write(true).open(&pin).expect("a reader");
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    reads.fetch_add(1, Ordering::SeqCst);
                    // So that all the others come meanwhile.
                    std::thread::sleep(Duration::from_millis(200));
                    let _ = pipe.write_all(b"wrong");
                    drop(pipe);
                    // And so that nobody reads twice from one opening.
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| signer.signature(b"a"))).collect();
            for thread in threads {
                let error = thread.join().expect("no panic").expect_err("a wrong PIN");
                assert!(matches!(error, HsmError::Login { .. }), "{error:?}");
            }
            is_over.store(true, Ordering::SeqCst);
            drop(std::fs::File::open(&pin).expect("the writer"));
        });
        assert_eq!(reads.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_pin_that_is_nowhere_is_missed() {
    desk::run("failures::a_pin_that_is_nowhere_is_missed", |desk| {
        ready(desk);
        let open = |pin: &str| {
            let uri = format!("pkcs11:token=fleet?module-path={}{pin}", desk.library.display());
            Pkcs11Signer::open(uri.parse().unwrap(), Settings::default()).expect_err("no PIN")
        };
        has(&open(""), &["MGRAM_PKCS11_PIN", "it is not set"]);
        has(&open("&pin-source=env:NOWHERE"), &["the variable NOWHERE", "it is not set"]);
        has(&open("&pin-source=/no/such"), &["/no/such", "No such file", "pin-source=file:"]);
        assert!(open("").is_missing());
    });
}

#[test]
fn tokens_and_keys_that_are_not_there_are_named() {
    desk::run("failures::tokens_and_keys_that_are_not_there_are_named", |desk| {
        ready(desk);
        let error = |path| desk.signer(path).expect_err("nothing there");
        has(&error("token=other"), &["pkcs11:token=other", "no token fits", "there are \"fleet\""]);
        has(&error("token=fleet;serial=0"), &["no token fits"]);
        has(&error("slot-id=0"), &["no token fits"]);
        for path in ["token=fleet;object=other", "object=key;id=%02", "id=%07"] {
            has(&error(path), &[path, "no private key in the token \"fleet\" fits", "object="]);
            assert!(error(path).is_missing());
        }
    });
}

#[test]
fn what_fits_twice_is_refused() {
    desk::run("failures::what_fits_twice_is_refused", |desk| {
        ready(desk);
        desk.key("fleet", Kind::P256, "key", 2);
        let error = |path| desk.signer(path).expect_err("ambiguous");
        has(
            &error("token=fleet;object=key"),
            &["2 private keys in the token \"fleet\" fit", "id="],
        );
        assert!(desk.signer("token=fleet;object=key;id=%02").is_ok());
        desk.token("fleet");
        has(&error("token=fleet;object=key;id=%02"), &["2 tokens fit", "serial="]);
    });
}

#[test]
fn keys_that_no_message_is_signed_with_are_refused() {
    desk::run("failures::keys_that_no_message_is_signed_with_are_refused", |desk| {
        desk.token("fleet");
        desk.key("fleet", Kind::Rsa(1024), "small", 1);
        desk.key("fleet", Kind::P521, "p521", 2);
        desk.key("fleet", Kind::P256, "p256", 3);
        let error = |path| desk.signer(path).expect_err("unfit");
        has(&error("object=small"), &["the key is RSA of 128 octets", "2048 bits"]);
        has(&error("object=p521"), &["the key is on another curve"]);
        let method = SignatureMethod::from_name("rs256");
        let settings = Settings { method, ..Settings::default() };
        let error = desk.signer_with("object=p256", settings).expect_err("another kind");
        has(&error, &["a key of this kind does not sign by rs256"]);
    });
}

/// The public key is beside it by label only, and is that of another pair.
#[test]
fn a_public_key_of_another_pair_is_found_out() {
    desk::run("failures::a_public_key_of_another_pair_is_found_out", |desk| {
        desk.token("fleet");
        desk.pair("fleet", Kind::P256, ("one", 1), 2);
        desk.pair("fleet", Kind::P256, ("two", 2), 1);
        let signer = desk.signer("object=one").expect("a signer");
        assert!(signer.public_key().is_some());
        has(&signer.signature(b"a").expect_err("of another pair"), &["does not verify", "delete"]);
    });
}

#[test]
fn a_library_that_is_none_is_named() {
    desk::run("failures::a_library_that_is_none_is_named", |desk| {
        let open = |text: String| {
            Pkcs11Signer::open(text.parse().unwrap(), Settings::default()).expect_err("no library")
        };
        has(&open("pkcs11:".to_owned()), &["no PKCS#11 library is named", "MGRAM_PKCS11_MODULE"]);
        has(&open("pkcs11:?module-path=/no/such.so".to_owned()), &["/no/such.so", "module-path"]);
        let file = desk.folder.join("softhsm2.conf");
        let error = open(format!("pkcs11:?module-path={}", file.display()));
        has(&error, &["softhsm2.conf", "correct module-path"]);
        assert!(error.is_missing());
    });
}
