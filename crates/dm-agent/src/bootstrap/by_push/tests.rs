use super::*;
use crate::bootstrap::document::tests::{Device, account, good, nap, proven, secrets, wbxml};
use crate::bootstrap::mac::{Sec, Secrets, secret};
use crate::run;

/// A device with an account that takes others.
fn ready(more: &str) -> Device {
    let device = Device::new(&format!("push = true\nagain = true\n{more}"));
    device.file(&good()).unwrap();
    device
}

fn other(server_id: &str) -> Vec<u8> {
    wbxml(vec![nap(), account(server_id)])
}

fn forged(sec: Sec) -> Vec<u8> {
    let wrong = Secrets { netwpin: secret(b"x"), userpin: secret(b"0000") };
    proven(sec, &wrong, &other("forged.example"))
}

fn stored(device: &Device) -> Vec<u8> {
    std::fs::read(device.config.state.join(FILE)).unwrap()
}

fn config(state: &Path) -> Config {
    let text = format!("device_id = \"d\"\nstate = {state:?}\n");
    Config::parse("a".as_ref(), &text, [("", ""); 0]).unwrap()
}

#[test]
fn a_state_is_made_where_there_is_none_and_not_where_one_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["absent", "empty", "unfinished", "lost"] {
        let state = folder.path().join(name);
        match name {
            "absent" => {}
            "empty" => std::fs::create_dir(&state).unwrap(),
            "unfinished" => {
                // The power went while it was made, by another process than this.
                std::fs::create_dir(&state).unwrap();
                std::fs::write(state.join(format!(".{FILE}.1")), "x").unwrap();
            }
            _ => std::fs::create_dir_all(state.join("queue")).unwrap(),
        }
        prepare(&config(&state)).unwrap();
        assert_eq!(state.join(FILE).exists(), name != "lost", "{name}");
        prepare(&config(&state)).unwrap();
    }
}

#[test]
fn what_proves_nothing_writes_nothing_and_keeps_nobody_out() {
    let device = ready("tries = 1");
    let mut client = run::open(&device.config).unwrap();
    let mut by_push = ByPush::new(&device.config);
    client = by_push.take(client, BootstrapPush::of(forged(Sec::UserPin))).unwrap();
    let before = stored(&device);
    for _ in 0..50 {
        for datagram in [forged(Sec::NetwPin), forged(Sec::UserPin), vec![1, 7, 0], vec![]] {
            client = by_push.take(client, BootstrapPush::of(datagram)).unwrap();
        }
    }
    assert!(stored(&device) == before, "no try, no entry, no other octet");
    let right = proven(Sec::NetwPin, &secrets(), &other("other.example"));
    client = by_push.take(client, BootstrapPush::of(right)).unwrap();
    assert_eq!(client.tree().accounts().count(), 2);
    drop(client);
    assert_eq!(device.journal().len(), 3, "the file, the try, the right one");
}

#[test]
fn the_client_goes_on_although_its_configuration_could_not_be_read_now() {
    let mut device = ready("");
    let ddf = device.folder.path().join("a.ddf");
    std::fs::write(&ddf, dm_mo::VIEWS[0].ddf).unwrap();
    device.config.tree.ddf = vec![ddf.clone()];
    let client = run::open(&device.config).unwrap();
    std::fs::remove_file(&ddf).unwrap();
    let right = proven(Sec::NetwPin, &secrets(), &other("other.example"));
    let client = ByPush::new(&device.config).take(client, BootstrapPush::of(right)).unwrap();
    assert_eq!(client.tree().accounts().count(), 2);
}

#[test]
fn a_proven_push_that_comes_again_is_judged_once_a_minute() {
    let device = ready("");
    let client = run::open(&device.config).unwrap();
    let mut by_push = ByPush::new(&device.config);
    let push = |body: &[u8]| BootstrapPush::of(proven(Sec::NetwPin, &secrets(), body));
    let taken = push(&good());
    let now = Instant::now();
    let mut admits = |push: &BootstrapPush, at| by_push.admit(&client, push, at).map(drop);
    admits(&taken, now).unwrap();
    for _ in 0..3 {
        assert!(matches!(admits(&taken, now + INTERVAL / 2), Err(Refused::Rate)));
    }
    for number in 1..JUDGED {
        admits(&push(&[2, u8::try_from(number).unwrap()]), now).unwrap();
    }
    assert!(matches!(admits(&push(b"\x02one more"), now), Err(Refused::Rate)), "bounded");
    admits(&taken, now + INTERVAL).unwrap();
}
