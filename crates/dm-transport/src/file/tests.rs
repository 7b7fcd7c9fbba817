use std::process::Command;
use std::time::Duration;

use dm_crypto::{Algorithm, AwsLc, SigningKey, generate, public_material};
use dm_push::carousel::Collector;
use dm_push::{hex, qr};
use dm_seal::{Material, Provider};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::*;
use crate::route::{Outgoing, Route, Teller, Told, attempt};
use crate::{Next, PushId};

fn outgoing(octets: &[u8], to: &str) -> Outgoing {
    Outgoing {
        id: PushId::new("push-1").expect("an id"),
        octets: octets.into(),
        to: to.parse().expect("an address"),
        deadline: Instant::now() + Duration::from_secs(20),
        valid_until: None,
    }
}

fn teller() -> (Teller, mpsc::Receiver<Told>) {
    let (tell, told) = mpsc::channel(8);
    (Teller::new("files", tell), told)
}

/// Names in a folder, in order.
fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("a folder");
    let name = |entry: io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<_> = entries.map(|it| name(it).into_string().expect("text")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_has_the_octets_and_its_receipt_says_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let (teller, mut told) = teller();
    let route = FileRoute::new(teller);
    let to = format!("file:{}/", folder.path().display());
    let outgoing = outgoing(b"\x02message", &to);
    assert_eq!(route.plan(&outgoing).unwrap().octets, 8);
    // Twice, as after an attempt that was given up: one file.
    for _ in 0..2 {
        attempt(&route, &outgoing).await.unwrap();
        let told = told.recv().await.unwrap();
        assert_eq!(told.receipt, Receipt::new(Says::HandedOver, Detail::File { octets: 8 }));
        assert!(told.raw.ends_with(b"/push-1.wbxml"));
    }
    assert_eq!(names(&folder), ["push-1.wbxml"]);
    assert_eq!(std::fs::read(folder.path().join("push-1.wbxml")).unwrap(), b"\x02message");
}

#[tokio::test]
async fn another_file_of_that_name_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (teller, mut told) = teller();
    let route = FileRoute::new(teller);
    let path = folder.path().join("a.wbxml");
    std::fs::write(&path, b"\x02another").unwrap();
    let error =
        attempt(&route, &outgoing(b"\x02message", &format!("file:{}", path.display()))).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, SendError::Exists { .. }) && error.next() == Next::OtherRoute,
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"\x02another");
    assert_eq!(names(&folder), ["a.wbxml"], "nothing hidden is left");
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_tried_again() {
    let (teller, _told) = teller();
    let route = FileRoute::new(teller);
    let error = attempt(&route, &outgoing(b"\x02", "file:/no/such/folder/")).await.unwrap_err();
    assert!(matches!(error, SendError::File { .. }) && error.next() == Next::Again, "{error}");
}

#[tokio::test]
async fn hexadecimal_is_for_people_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (teller, _told) = teller();
    let path = folder.path().join("message.hex");
    let to = format!("file:{}", path.display());
    attempt(&FileRoute::new(teller), &outgoing(b"\x02message", &to)).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("0000  026d 6573 7361 6765"), "{text}");
    assert_eq!(hex::read(&text).unwrap(), b"\x02message");
}

/// Octets without a pattern that a code could be small by.
fn message(length: usize) -> Vec<u8> {
    let next = |number: &u32| Some(number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let numbers = std::iter::successors(Some(2_u32 << 24), next);
    numbers.map(|number| number.to_be_bytes()[0]).take(length).collect()
}

/// What another program reads of pictures; none if it is not there.
fn scanned(folder: &tempfile::TempDir) -> Option<String> {
    let mut command = Command::new("zbarimg");
    command.args(["--raw", "--quiet"]);
    command.args(names(folder).iter().rev().map(|name| folder.path().join(name)));
    match command.output() {
        Ok(output) => Some(String::from_utf8(output.stdout).expect("text")),
        Err(_) => {
            let all = std::env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1");
            assert!(!all, "no zbarimg");
            println!("skipped: zbarimg is not installed");
            None
        }
    }
}

#[tokio::test]
async fn another_program_reads_one_code_as_base64_and_several_as_lines() {
    for (length, pictures) in [(500, 1), (601, 2), (1_500, 3)] {
        let folder = tempfile::tempdir().unwrap();
        let (teller, mut told) = teller();
        let route = QrRoute::new(QrConfig::default(), teller);
        let message = message(length);
        let outgoing = outgoing(&message, &format!("qr:{}/m.png", folder.path().display()));
        assert_eq!(route.plan(&outgoing).unwrap().segments, pictures);
        for _ in 0..2 {
            attempt(&route, &outgoing).await.unwrap();
            assert_eq!(told.recv().await.unwrap().receipt.says(), Says::HandedOver);
        }
        let wanted: Vec<String> = match pictures {
            1 => vec!["m.png".into()],
            _ => (1..=pictures).map(|number| format!("m-{number}of{pictures}.png")).collect(),
        };
        assert_eq!(names(&folder), wanted);
        let Some(text) = scanned(&folder) else { return };
        if pictures == 1 {
            use base64::Engine as _;
            let engine = base64::engine::general_purpose::STANDARD;
            assert_eq!(engine.decode(text.trim()).unwrap(), message);
        } else {
            assert!(qr::is_split(text.as_bytes()), "{text}");
            assert_eq!(qr::join(text.as_bytes()).unwrap(), message);
        }
    }
}

#[test]
fn codes_that_would_be_too_full_are_halved_and_too_many_are_refused() {
    let config = QrConfig { most: 4_000, correction: Correction::High, ..QrConfig::default() };
    let codes = Codes::new(&message(4_000), &config).unwrap();
    assert!(codes.texts().len() > 1);
    assert_eq!(qr::join(codes.texts().join("\n").as_bytes()).unwrap(), message(4_000));
    assert!(codes.shown().contains(&format!("1 of {}\n", codes.texts().len())));
    let error = Codes::new(&message(64 * 600 + 1), &QrConfig::default()).err().unwrap();
    assert!(matches!(error.kind, dm_push::ErrorKind::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn a_bundle_is_read_with_its_key_and_with_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.mgb");
    let (teller, mut told) = teller();
    let key = |name: &str| {
        let pair = generate(Algorithm::Es256, name, "key 1").unwrap();
        let certificate = public_material(pair.cert_pem.as_bytes()).unwrap();
        let public = AwsLc.key(&Material::from_der(&certificate).unwrap().spki).unwrap();
        (SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap(), public)
    };
    let ((own, public), (_, other)) = (key("srv.example"), key("other.example"));
    let bundled = |number: u8| Bundled {
        to: format!("urn:imei:{number}"),
        id: PushId::new(&format!("c.{number}")).unwrap(),
        octets: vec![2, number].into(),
    };
    let messages: Vec<_> = (0..5).map(bundled).collect();
    write_bundle(&path, &messages, &own, "srv.example", &teller).await.unwrap();
    let mut octets = std::fs::read(&path).unwrap();
    for message in &messages {
        let told = told.recv().await.unwrap();
        assert_eq!((&told.id, told.receipt.says()), (&message.id, Says::HandedOver));
        assert_eq!(told.receipt.detail(), Detail::File { octets: octets.len() as u64 });
    }
    let bundle = read_bundle(&octets, &public).unwrap();
    let read = bundle.entries.iter().map(|entry| (entry.to, entry.id, entry.octets));
    let wanted = messages.iter().map(|it| (&*it.to, it.id.as_str(), &*it.octets));
    assert!(read.eq(wanted));
    let spool = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let ids = ["urn:imei:1", "urn:imei:4", "urn:imei:9"];
        assert_eq!(spool_bundle(&bundle, &ids, spool.path()).unwrap(), 2);
    }
    assert_eq!(names(&spool), ["c.1.wbxml", "c.4.wbxml"]);
    assert_eq!(std::fs::read(spool.path().join("c.4.wbxml")).unwrap(), [2, 4]);
    let mut leads_out = bundle.clone();
    leads_out.entries[1].id = "../c.1";
    assert!(spool_bundle(&leads_out, &["urn:imei:1"], spool.path()).is_err());
    assert!(matches!(read_bundle(&octets, &other), Err(BundleError::NotSigned)));
    let at = octets.windows(8).position(|eight| eight == b"urn:imei").unwrap();
    octets[at + 9] = b'7';
    assert!(matches!(read_bundle(&octets, &public), Err(BundleError::NotSigned)), "another device");
    let unsigned = write_bundle(&path, &messages[1..], &own, "srv.example", &teller).await;
    assert!(matches!(unsigned, Err(BundleError::File(_))), "another file is there");
}

#[test]
fn a_carousel_goes_round_and_is_heard() {
    let (object, mut out) = (message(1_000), Vec::new());
    assert_eq!(write_carousel(&object, 188, 2, &mut out).unwrap(), 2 * 6 * 188);
    let mut collector = Collector::new(1_000);
    let mut heard = out.chunks(188).skip(4).filter_map(|block| collector.take(block).unwrap());
    assert_eq!(heard.next().unwrap(), object);
    assert!(write_carousel(&object, 20, 1, &mut out).is_err());
}

#[tokio::test]
async fn nothing_is_written_into_a_folder_under_a_name_that_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (teller, mut told) = teller();
    let id = PushId::new(".a").expect("an id");
    let to = format!("file:{}/", folder.path().display());
    let hidden = Outgoing { id, ..outgoing(b"\x02m", &to) };
    let route = FileRoute::new(teller);
    assert!(route.plan(&hidden).is_err(), "also before anything is done");
    let error = attempt(&route, &hidden).await.expect_err("refused");
    assert!(error.to_string().contains("begins with a dot"), "{error}");
    assert!(error.next() == Next::OtherRoute && !route.is_to_blame(&error), "{error}");
    assert!(names(&folder).is_empty() && told.try_recv().is_err());
}
