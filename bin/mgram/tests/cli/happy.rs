//! From a key to a changed tree.

use std::os::unix::fs::PermissionsExt;

use super::bench::{Bench, DEVICE, OPERATOR, PARTNER, provision, sealing};

#[test]
fn two_servers_one_device() {
    let bench = Bench::empty();
    for (alg, server_id, folder) in [("es256", OPERATOR, "op"), ("rs256", PARTNER, "pa")] {
        let arguments =
            ["keygen", "--alg", alg, "--server-id", server_id, "--name", "key-1", "-o", folder];
        let said = bench.done(&arguments);
        assert!(said.contains("key.pem (secret)") && said.contains("next: mgram provision"));
        let mode = |name: &str| {
            bench.file(folder).join(name).metadata().expect("there").permissions().mode() & 0o777
        };
        assert_eq!((mode("key.pem"), mode("cert.pem") & 0o644, mode("")), (0o600, 0o644, 0o700));
    }
    bench.write("home.xml", super::bench::HOME);
    bench.write("set.xml", super::bench::set("new"));
    bench.done(&provision("st", "op", &[]));
    let said = bench.done(&provision("st", "pa", &["--tnds", "home.xml"]));
    assert!(said.contains(PARTNER) && said.contains("next: mgram tree st"), "{said}");

    bench.seal("set.xml", "set.wbxml", 1);
    let said = bench.done(&["open", "set.wbxml", "st"]);
    assert!(said.starts_with(&format!("accepted: from {OPERATOR}, verified with key")), "{said}");
    assert!(said.contains("command 1 Replace: 200") && said.contains("changed  ./Home"), "{said}");
    let again = bench.run(&["open", "set.wbxml", "st"]);
    assert_eq!((again.code, again.err.as_str()), (1, ""));
    assert!(again.out.starts_with("refused at stage freshness: "), "{}", again.out);
    assert!(
        again.out.contains("  clause: profile §7\n") && again.out.ends_with("nothing changed\n")
    );

    let tree = bench.done(&["tree", "st"]);
    assert!(tree.contains("Home = \"new\"") && tree.contains("AAuthData = (hidden)"), "{tree}");
    assert_eq!(bench.done(&["tree", "st", "./Home"]).matches('\n').count(), 1);
    let secrets = bench.done(&["tree", "st", "./DMAcc", "--secrets"]);
    assert!(!secrets.contains("hidden") && secrets.contains("octets"), "{secrets}");
    let journal = bench.done(&["journal", "st"]);
    assert!(journal.starts_with("1 t=") && journal.contains("\n2 t="), "{journal}");
    assert!(
        journal.contains("accepted from") && journal.contains("Replayed at stage"),
        "{journal}"
    );

    // The second server's key works too, and its lack of rights shows.
    let seal = ["seal", "set.xml", "--key", "pa/key.pem", "--key-name", "key-1"];
    let whom = ["--server-id", PARTNER, "--device-id", DEVICE, "-o", "steal.wbxml"];
    bench.done(&[&seal[..], &whom].concat());
    let said = bench.done(&["open", "steal.wbxml", "st"]);
    assert!(said.contains("425") && said.ends_with("nothing in the tree changed\n"), "{said}");
}

#[test]
fn several_keys_of_one_server_may_be_pinned() {
    let bench = Bench::ready();
    bench.done(&["keygen", "--server-id", OPERATOR, "--name", "key-2", "-o", "op2"]);
    let second = ["--cert", "op2/cert.pem", "--key-name", "key-2"];
    bench.done(&provision("two", "op", &[&second[..], &["--tnds", "home.xml"]].concat()));
    bench.seal("set.xml", "one.wbxml", 1);
    bench.done(&["open", "one.wbxml", "two"]);
    let arguments = ["seal", "set.xml", "--key", "op2/key.pem", "--key-name", "key-2"];
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE, "--counter", "2", "-o", "2.wbxml"];
    bench.done(&[&arguments[..], &whom].concat());
    assert!(bench.done(&["open", "2.wbxml", "two"]).contains("verified with key \"key-2\""));
}

#[test]
fn what_is_decoded_is_encoded_to_the_same_octets() {
    let bench = Bench::ready();
    for version in ["1.1", "1.2", "1.3"] {
        let arguments = [&sealing("set.xml", "a.wbxml")[..], &["--wbxml", version]].concat();
        bench.done(&arguments);
        bench.done(&["decode", "a.wbxml", "-o", "a.xml"]);
        bench.done(&["encode", "a.xml", "-o", "b.wbxml", "--wbxml", version]);
        assert!(bench.read("a.wbxml") == bench.read("b.wbxml"), "{version}");
        let printed = bench.done(&["decode", "a.wbxml"]);
        assert!(printed.as_bytes() == bench.read("a.xml"));
    }
}

#[test]
fn standard_input_and_output_are_a_dash() {
    let bench = Bench::ready();
    let piped = |arguments: &[&str], input: &str| {
        let input = std::fs::File::open(bench.file(input)).expect("there");
        let output = bench.command(arguments).stdin(input).output().expect("started");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        output.stdout
    };
    bench.write("a.wbxml", piped(&["encode", "-", "-o", "-"], "set.xml"));
    assert!(piped(&["decode", "-"], "a.wbxml").starts_with(b"<SyncML"));
    assert_eq!(piped(&sealing("-", "-"), "set.xml")[0], 2);
    assert!(piped(&["open", "-", "st"], "set.wbxml").starts_with(b"accepted"));
}

#[test]
fn a_dry_run_keeps_nothing() {
    let bench = Bench::ready();
    let before = bench.snapshot();
    for _ in 0..2 {
        let said = bench.done(&["open", "set.wbxml", "st", "--dry-run"]);
        assert!(said.contains("would change (dry run, nothing was kept):\n  changed  ./Home"));
        bench.is_as(&before, &["dry run"]);
    }
    bench.write("cut.wbxml", &bench.read("set.wbxml")[..400]);
    assert_eq!(bench.run(&["open", "cut.wbxml", "st", "--dry-run"]).code, 1);
    assert!(bench.state().journal.is_empty());
    assert!(bench.done(&["open", "set.wbxml", "st"]).contains("changed:\n  changed  ./Home"));
    assert_eq!(bench.state().journal.len(), 1);
}

#[test]
fn a_clock_decides_about_expiry() {
    let bench = Bench::ready();
    bench.done(&[&sealing("set.xml", "x.wbxml")[..], &["--expires", "1000"]].concat());
    let late = bench.run(&["open", "x.wbxml", "st", "--now", "1001"]);
    assert!(late.code == 1 && late.out.contains("expired at 1000"), "{late:?}");
    bench.done(&["open", "x.wbxml", "st", "--now", "1000"]);
}

#[test]
fn every_visible_command_has_a_man_page() {
    let bench = Bench::empty();
    bench.done(&["man", "pages/of"]);
    let help = bench.done(&["help"]);
    let commands = help.split("Commands:\n").nth(1).expect("commands").split("\n\n").next();
    let mut pages = 1;
    for line in commands.expect("a list").lines().filter(|line| !line.starts_with("   ")) {
        let name = line.split_whitespace().next().expect("a name");
        if name == "help" {
            continue;
        }
        let page = String::from_utf8(bench.read(&format!("pages/of/mgram-{name}.1"))).unwrap();
        assert!(page.contains(".SH NAME") && page.contains("\\-\\-json"), "{name}: {page}");
        pages += 1;
    }
    assert!(bench.read("pages/of/mgram.1").starts_with(b".ie"));
    assert_eq!(std::fs::read_dir(bench.file("pages/of")).unwrap().count(), pages);
}
