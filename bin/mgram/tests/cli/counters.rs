//! The sender's counters: none twice, whatever is killed, torn, or started at once. [profile §7]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::bench::{Bench, DEVICE, OPERATOR, one_line, sealing};

/// Seals `set.xml` with the next counter of `c`, and whatever more.
fn counted<'a>(to: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&sealing("set.xml", to)[..], &["--counters", "c"], more].concat()
}

fn next(bench: &Bench) -> Value {
    bench.json(&counted("next.wbxml", &[]))["counter"].clone()
}

#[test]
fn a_device_accepts_each_once() {
    let bench = Bench::ready();
    for (name, counter) in [("1.wbxml", 1), ("2.wbxml", 2)] {
        let sealed = bench.json(&counted(name, &["--expires-in", "7d"]));
        assert_eq!(sealed["counter"], counter);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
        let ahead = sealed["expires"].as_u64().expect("an expiry") - now.as_secs();
        assert!((7 * 86_400 - 60..=7 * 86_400).contains(&ahead), "{ahead}");
    }
    // In either order, for the window is 64; and none a second time.
    for (name, code) in [("2.wbxml", 0), ("1.wbxml", 0), ("1.wbxml", 1), ("2.wbxml", 1)] {
        let said = bench.run(&["open", name, "st"]);
        assert_eq!(said.code, code, "{name}: {}", said.out);
        assert!(code == 0 || said.out.starts_with("refused at stage freshness"), "{}", said.out);
    }
}

#[test]
fn targets_count_apart_and_a_request_counts_too() {
    let bench = Bench::ready();
    assert_eq!((next(&bench), next(&bench)), (1.into(), 2.into()));
    let mut group = counted("g.wbxml", &[]);
    let at = group.iter().position(|word| *word == DEVICE).expect("a target");
    group[at] = "urn:group:trucks";
    assert_eq!(bench.json(&group)["counter"], 1);
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE, "--counters", "c"];
    let how = ["--alg", "es256", "--key-name", "key-1", "-o", "q.json"];
    let asked = bench.json(&[&["sign-request", "set.xml"][..], &whom, &how].concat());
    assert_eq!(asked["summary"]["counter"], 3);
    assert_eq!(next(&bench), 4);
}

#[test]
fn programs_at_once_get_a_number_each() {
    let bench = Bench::ready();
    let mut taken = BTreeSet::new();
    for _ in 0..3 {
        let names: Vec<_> = (0..6).map(|name| format!("{name}.wbxml")).collect();
        let start = |name| {
            let arguments = [&["--json"][..], &counted(name, &[])].concat();
            bench.command(&arguments).stdout(Stdio::piped()).spawn().expect("started")
        };
        let all: Vec<_> = names.iter().map(|name| start(name)).collect();
        for one in all {
            let output = one.wait_with_output().expect("it ends");
            let sealed = one_line(&String::from_utf8(output.stdout).expect("text"));
            assert!(taken.insert(sealed["counter"].as_u64().expect("a counter")), "{sealed}");
        }
    }
    assert_eq!(taken, (1..=18).collect());
}

#[test]
fn a_number_is_used_before_the_message_is_out() {
    let bench = Bench::ready();
    assert_eq!(next(&bench), 1);
    // The message waits for a reader of the pipe; its number is durable before.
    assert!(Command::new("mkfifo").arg(bench.file("pipe")).status().expect("mkfifo").success());
    let before = bench.read("c");
    let mut waiting = bench.command(&counted("pipe", &[])).spawn().expect("started");
    let start = Instant::now();
    while bench.read("c") == before && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(waiting.try_wait().expect("a process").is_none(), "the message is out already");
    waiting.kill().expect("killed");
    waiting.wait().expect("it ends");
    assert_eq!(next(&bench), 3, "2 was taken by the one that was killed");
    // What is killed while it writes leaves this behind.
    bench.write("c.new", "marconigram-cou");
    assert_eq!(next(&bench), 4);
    assert!(!bench.file("c.new").exists());
}

#[test]
fn killed_at_any_time_it_goes_on_above() {
    let bench = Bench::ready();
    let mut last = 0;
    for delay in 0..24 {
        let mut killed = bench.command(&counted("k.wbxml", &[])).stdout(Stdio::null()).spawn();
        std::thread::sleep(Duration::from_millis(delay));
        let killed = killed.as_mut().expect("started");
        killed.kill().expect("killed");
        killed.wait().expect("it ends");
        let counter = next(&bench).as_u64().expect("a counter");
        assert!((last + 1..=last + 2).contains(&counter), "{counter} after {last}");
        last = counter;
    }
}

#[test]
fn a_message_that_is_refused_takes_no_number() {
    let bench = Bench::ready();
    bench.write("bad.xml", "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr/></SyncML>");
    let mut bad = counted("new", &[]);
    bad[1] = "bad.xml";
    bench.fails(2, &bad, &["bad.xml"]);
    assert_eq!(next(&bench), 1);
}

/// A number is spent on what is sealed, and not on a key or a description that is not there.
#[test]
fn what_is_missing_or_wrong_beside_the_message_takes_no_number() {
    let bench = Bench::ready();
    bench.write("broken.xml", "<MgmtTree");
    bench.done(&["keygen", "--server-id", OPERATOR, "--name", "k", "--alg", "ed25519", "-o", "ed"]);
    let with_key = |key| {
        let mut sealing = counted("new", &[]);
        let at = sealing.iter().position(|word| *word == "op/key.pem").expect("a key");
        sealing[at] = key;
        sealing
    };
    bench.fails(2, &with_key("none.pem"), &["none.pem"]);
    bench.fails(2, &with_key("op/cert.pem"), &["the key is public"]);
    bench.fails(2, &counted("new", &["--alg", "rs256"]), &["cannot sign by this method"]);
    let to = ["--encrypt-to", "op/cert.pem"];
    bench.fails(2, &counted("new", &to), &["KeyUsage"]);
    let ddf = ["--ddf", "broken.xml"];
    bench.fails(2, &counted("new", &ddf), &["broken.xml"]);
    assert_eq!(next(&bench), 1);
}

#[test]
fn a_number_by_hand_raises_and_never_lowers() {
    let bench = Bench::ready();
    assert_eq!(bench.json(&counted("h.wbxml", &["--counter", "41"]))["counter"], 41);
    assert_eq!(next(&bench), 42);
    for low in ["42", "7", "0"] {
        let words = ["is not above 42", "profile §7", "give one above 42"];
        bench.fails(1, &counted("new", &["--counter", low]), &words);
    }
    let most = "9999999999999999999";
    bench.done(&counted("h.wbxml", &["--counter", most]));
    bench.fails(1, &counted("new", &[]), &["no number above 9999999999999999999"]);
}

#[test]
fn a_torn_file_gives_nothing_out_until_somebody_says_from_where() {
    let bench = Bench::ready();
    bench.done(&counted("h.wbxml", &["--counter", "41"]));
    let whole = bench.read("c");
    for torn in [&whole[..whole.len() - 5], &whole[..10], b""] {
        bench.write("c", torn);
        bench.fails(1, &counted("new", &[]), &["damaged at line", "--counter N once", "c\n"]);
    }
    bench.write("c", &whole[..whole.len() - 5]);
    bench.fails(1, &counted("new", &["--counter", "40"]), &["is not above 41"]);
    let said = bench.run(&counted("h.wbxml", &["--counter", "100"]));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.starts_with("mgram: warning: ") && said.err.contains("c.damaged"),
        "{}",
        said.err
    );
    assert_eq!(bench.read("c.damaged"), &whole[..whole.len() - 5]);
    assert_eq!(next(&bench), 101);
    // A second loss keeps what is left of the first.
    bench.write("c", "torn");
    assert_eq!(bench.run(&counted("h.wbxml", &["--counter", "100"])).code, 0);
    assert_eq!(bench.read("c.damaged"), &whole[..whole.len() - 5]);
    assert_eq!(bench.read("c.damaged.2"), b"torn");
    // Others may have got numbers too, in the lines that are lost.
    let mut other = counted("g.wbxml", &[]);
    let at = other.iter().position(|word| *word == DEVICE).expect("a target");
    other[at] = "urn:group:trucks";
    assert_eq!(bench.json(&other)["counter"], 100);
}

#[test]
fn a_message_keeps_what_else_its_emi_says() {
    let bench = Bench::ready();
    let emi = "<SyncHdr><Meta><EMI xmlns=\"syncml:metinf\">c=9;x=1900000000;mine=1</EMI></Meta></SyncHdr>";
    let set = String::from_utf8(bench.read("set.xml")).expect("text");
    bench.write("set.xml", set.replace("<SyncHdr/>", emi));
    let sealed = bench.json(&counted("e.wbxml", &[]));
    assert_eq!((&sealed["counter"], &sealed["expires"]), (&1.into(), &1_900_000_000.into()));
    assert!(bench.done(&["decode", "e.wbxml"]).contains("c=1;x=1900000000;mine=1<"));
}

#[test]
fn a_link_to_the_counters_stays_one() {
    let bench = Bench::ready();
    std::fs::create_dir(bench.file("kept")).expect("a folder");
    std::os::unix::fs::symlink("kept/all", bench.file("c")).expect("a link");
    bench.write("kept/all", dm_seal::counters::Counters::above(6).write());
    assert_eq!((next(&bench), next(&bench)), (7.into(), 8.into()));
    assert!(bench.file("c").is_symlink() && bench.file("kept/all.lock").exists());
}

/// They would be replaced by a file, or be read for ever.
#[test]
fn what_is_no_file_holds_no_counters() {
    let bench = Bench::ready();
    let _socket = std::os::unix::net::UnixListener::bind(bench.file("c")).expect("a socket");
    let words = ["cannot be kept there", "a pipe or a socket", "name a file"];
    bench.run(&counted("new", &[])).is_one_clear_error(2, &counted("new", &[]), &words);
    assert!(!bench.file("c.lock").exists());
    std::fs::remove_file(bench.file("c")).expect("removed");
    assert!(Command::new("mkfifo").arg(bench.file("c")).status().expect("mkfifo").success());
    bench.run(&counted("new", &[])).is_one_clear_error(2, &counted("new", &[]), &words);
    std::os::unix::fs::symlink("c", bench.file("link")).expect("a link");
    let mut by_link = counted("new", &[]);
    let at = by_link.iter().position(|word| *word == "c").expect("the file");
    by_link[at] = "link";
    bench.run(&by_link).is_one_clear_error(2, &by_link, &words);
    assert!(bench.file("c").metadata().is_ok_and(|it| !it.is_file()), "it is as it was");
}

#[test]
fn a_message_without_a_header_is_told_how_to_get_one() {
    let bench = Bench::ready();
    let bare = ["seal", "set.xml", "--key", "op/key.pem", "--key-name", "key-1", "-o", "new"];
    bench.fails(2, &bare, &["SyncHdr", "--server-id and --device-id together set all six"]);
}

#[test]
fn places_that_cannot_keep_a_number_are_named() {
    let bench = Bench::ready();
    let mut nowhere = counted("new", &[]);
    let at = nowhere.iter().position(|word| *word == "c").expect("the file");
    for (path, words) in
        [("no/c", ["no/c.lock", "no such folder"]), ("st", ["st", "it is a folder"])]
    {
        nowhere[at] = path;
        bench.run(&nowhere).is_one_clear_error(2, &nowhere, &words);
    }
    let wrong = counted("new", &["--expires-in", "90"]);
    let said = bench.run(&wrong);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("90s, 90m, 36h, 7d or 2w"), "{}", said.err);
    let said = bench.run(&counted("new", &["--expires-in", "99999999999999w"]));
    assert!(said.code == 2 && said.err.contains("from 1s to 9999999999999999999s"), "{}", said.err);
}
