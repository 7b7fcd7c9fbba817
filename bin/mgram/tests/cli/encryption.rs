//! Encryption as the operator and the device meet it. R13, [profile §6]

use serde_json::Value;

use super::bench::{Bench, provision, sealing, set};

/// A device with a key `d1`, beside what [`Bench::ready`] makes.
fn ready() -> Bench {
    let bench = Bench::ready();
    bench.done(&provision("enc", "op", &["--tnds", "home.xml", "--device-key", "d1"]));
    bench
}

const CERT: &str = "enc/device-keys/d1.crt";

fn encrypting<'a>(from: &'a str, to: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&sealing(from, to)[..], &["--encrypt-to", CERT], more].concat()
}

fn opened(bench: &Bench, more: &[&str]) -> Value {
    bench.json(&[&["open", "m", "enc", "--dry-run"], more].concat())
}

/// Values that say so by their names: of the item, and inside an object.
fn secret() -> String {
    set("new").replace("./Home", "./Home/AAuthSecret")
}

#[test]
fn each_extent_is_decrypted_with_the_key_of_the_state() {
    let bench = ready();
    let has_the_value = || bench.read("m").windows(4).any(|window| window == b"new\0");
    bench.done(&sealing("set.xml", "m"));
    assert!(has_the_value(), "in the clear it is there");
    for extent in
        [&["--encrypt", "body"][..], &["--encrypt", "message"], &["--confidential", "./Home"]]
    {
        for aes in ["128", "256"] {
            let more = [extent, &["--aes", aes]].concat();
            let sealed = bench.json(&encrypting("set.xml", "m", &more));
            assert_eq!(
                (&sealed["recipient"], &sealed["warnings"]),
                (&"d1".into(), &Value::Array(vec![]))
            );
            assert!(!has_the_value(), "{more:?}");
            let verdict = opened(&bench, &[]);
            assert_eq!(verdict["commands"][0]["status"], 200, "{more:?}: {verdict}");
        }
    }
}

#[test]
fn r13_what_is_confidential_and_in_the_clear_is_warned_of() {
    let bench = ready();
    bench.write("secret.xml", secret());
    let sealed = bench.json(&sealing("secret.xml", "m"));
    let warning = sealed["warnings"][0].as_str().expect("a warning");
    assert!(warning.starts_with("R13") && warning.contains("./Home/AAuthSecret"), "{warning}");
    let said = bench.run(&sealing("secret.xml", "m"));
    assert_eq!(said.code, 0);
    assert!(said.err.starts_with("mgram: warning: R13") && said.err.contains("AAuthSecret"));
    bench.done(&sealing("set.xml", "m")); // which has nothing to warn of
    let marked = [&sealing("set.xml", "m")[..], &["--confidential", "Home"]].concat();
    assert!(bench.run(&marked).err.contains("./Home is confidential"));
}

#[test]
fn secrets_are_found_and_encrypted() {
    let bench = ready();
    bench.write("secret.xml", secret());
    let sealed = bench.json(&encrypting("secret.xml", "m", &[]));
    assert_eq!(
        (&sealed["encrypted"], &sealed["warnings"]),
        (&"secrets".into(), &Value::Array(vec![]))
    );
    let text = bench.done(&["decode", "m"]);
    assert!(text.contains("<EncryptedData") && !text.contains(">new<"), "{text}");

    let object = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>N</NodeName>\
                  <Node><NodeName>PSK</NodeName><Value>s3cr3t</Value></Node></Node></MgmtTree>";
    let meta =
        "<Meta><Type xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+xml</Type></Meta><Data>";
    bench.write("object.xml", set(object).replace("<Data>", meta));
    bench.json(&encrypting("object.xml", "m", &[]));
    assert!(!bench.done(&["decode", "m"]).contains("s3cr3t"));

    let none = bench.run(&encrypting("set.xml", "m", &[]));
    assert!(none.err.contains("nothing was encrypted"), "{none:?}");
    assert!(bench.done(&["decode", "m"]).contains(">new<"));
}

#[test]
fn what_a_description_lets_be_written_and_not_read_is_confidential() {
    let bench = ready();
    let node = |name: &str, path: &str, access: &str, r#type: &str, below: &str| {
        format!(
            "<Node><NodeName>{name}</NodeName>{path}<DFProperties><AccessType>{access}</AccessType>\
             <DFFormat><chr/></DFFormat><DFType>{type}</DFType></DFProperties>{below}</Node>"
        )
    };
    let (text, write_only) = ("<MIME>text/plain</MIME>", "<Replace/>");
    let code = node("Code", "", write_only, text, "");
    let described = [
        node("Home", "<Path>.</Path>", write_only, text, ""),
        node("", "", "<Get/>", "<DDFName>urn:example:door</DDFName>", &code),
    ];
    let of = |nodes: &str| {
        format!("<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>")
    };
    bench.write("described.xml", of(&described.concat()));
    let with = ["--ddf", "described.xml"];
    bench.json(&encrypting("set.xml", "m", &with));
    assert!(!bench.done(&["decode", "m"]).contains(">new<"));
    let warned = bench.run(&[&sealing("set.xml", "m")[..], &with].concat());
    assert!(warned.err.contains("./Home is confidential"), "{}", warned.err);

    // Inside an object it is known by the identifier, wherever the object comes to stand.
    let meta =
        "<Meta><Type xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+xml</Type></Meta><Data>";
    for (identifier, is_found) in [("urn:example:door", true), ("urn:example:gate", false)] {
        let object = of(&format!(
            "<Node><NodeName>N</NodeName><RTProperties><Format><node/></Format><Type>\
             <DDFName>{identifier}</DDFName></Type></RTProperties><Node><NodeName>Code</NodeName>\
             <Value>4711</Value></Node></Node>"
        ));
        let message = set(&object).replace("<Data>", meta).replace("./Home", "./Inbox");
        bench.write("object.xml", message);
        bench.run(&encrypting("object.xml", "m", &with));
        assert_eq!(!bench.done(&["decode", "m"]).contains("4711"), is_found, "{identifier}");
    }
}

#[test]
fn a_device_without_the_key_or_with_another_refuses() {
    let bench = ready();
    bench.done(&encrypting("set.xml", "m", &["--encrypt", "message"]));
    let said = bench.run(&["open", "m", "st"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("no key to decrypt with") && said.out.contains("--device-key"));
    bench.done(&["keygen", "--device", super::bench::DEVICE, "--name", "d2", "-o", "other"]);
    for (name, words) in [("d2", "none of this device's"), ("d1", "cannot be decrypted")] {
        let key = format!("{name}=other/key.pem");
        let said = bench.run(&["open", "m", "st", "--device-key", &key]);
        assert_eq!(said.code, 1);
        assert!(said.out.contains(words), "{}", said.out);
    }
    let said =
        bench.run(&["open", "m", "st", "--dry-run", "--device-key", "enc/device-keys/d1.pem"]);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn no_output_tells_what_was_encrypted_or_anything_of_a_key() {
    const SECRET: &str = "hunter2-Geheimnis";
    let bench = ready();
    bench.write("set.xml", set(SECRET));
    bench.done(&["keygen", "--device", super::bench::DEVICE, "--name", "d1", "-o", "other"]);
    let key = |file: &str| String::from_utf8(bench.read(file)).expect("PEM");
    let keys = [key("enc/device-keys/d1.pem"), key("other/key.pem"), key("op/key.pem")];
    let is_silent = |arguments: &[&str], code: i32| {
        for json in [&[][..], &["--json"]] {
            let arguments = [json, arguments].concat();
            let said = bench.run(&arguments);
            assert_eq!(said.code, code, "{arguments:?}: {said:?}");
            let words = said.out + &said.err;
            assert!(!words.contains(SECRET), "{arguments:?}: {words}");
            let lines = keys.iter().flat_map(|pem| pem.lines().filter(|line| line.len() > 30));
            assert!(lines.into_iter().all(|line| !words.contains(line)), "{arguments:?}");
        }
    };
    for extent in
        [&["--confidential", "./Home"][..], &["--encrypt", "body"], &["--encrypt", "message"]]
    {
        let sealing = encrypting("set.xml", "m", extent);
        is_silent(&sealing, 0);
        is_silent(&["inspect", "m"], 0);
        is_silent(&["open", "m", "st", "--dry-run"], 1);
        is_silent(&["open", "m", "st", "--dry-run", "--device-key", "d1=other/key.pem"], 1);
        let mut octets = bench.read("m");
        let last = octets.len() - 3;
        octets[last] ^= 1;
        bench.write("m", octets);
        is_silent(&["open", "m", "enc", "--dry-run"], 1);
    }
    // Let in, its value is in the tree, and not in what is said or kept of the message.
    bench.done(&encrypting("set.xml", "m", &["--confidential", "./Home"]));
    assert_eq!(bench.run(&["--json", "open", "m", "enc"]).code, 0);
    is_silent(&["open", "m", "enc"], 1); // a replay
    is_silent(&["journal", "enc"], 0);
    assert!(bench.done(&["tree", "enc", "./Home"]).contains(SECRET));
}

#[test]
fn what_cannot_be_encrypted_to_is_told_in_words() {
    let bench = ready();
    let with = |cert: &'static str, more: &[&'static str]| {
        [&sealing("set.xml", "new")[..], &["--encrypt-to", cert], more].concat()
    };
    bench.fails(2, &with("none.pem", &[]), &["there is no such file"]);
    bench.fails(2, &with("op/key.pem", &[]), &["not a certificate or public key", "provision"]);
    bench.fails(2, &with(CERT, &["--recipient", " "]), &["--recipient is empty"]);
    let said = bench.run(&[&sealing("set.xml", "m")[..], &["--encrypt", "body"]].concat());
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("--encrypt-to"));
}

#[test]
fn a_device_key_is_never_overwritten_and_never_shared() {
    use std::os::unix::fs::PermissionsExt;
    let bench = ready();
    let again = provision("enc", "pa", &["--device-key", "d1"]);
    bench.fails(1, &again, &["there is a device key already", "d1.pem"]);
    bench.fails(2, &provision("new", "op", &["--device-key", "../x"]), &["name of a device key"]);
    bench.done(&provision("enc", "pa", &["--device-key", "d2"]));
    let key = bench.file("enc/device-keys/d1.pem");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).expect("changed");
    bench.fails(1, &["open", "set.wbxml", "enc"], &["others may read", "chmod 600"]);
}

#[test]
fn a_device_key_at_rest_is_opened_by_its_passphrase() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::ready();
    for (file, text) in [("pass", "a passphrase\n"), ("wrong", "another\n")] {
        bench.write(file, text);
        std::fs::set_permissions(bench.file(file), std::fs::Permissions::from_mode(0o600))
            .expect("changed");
    }
    let made = ["--tnds", "home.xml", "--device-key", "d1", "--encrypt", "--key-pass-file", "pass"];
    bench.done(&provision("enc", "op", &made));
    let pem = String::from_utf8(bench.read("enc/device-keys/d1.pem")).expect("text");
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    bench.done(&encrypting("set.xml", "m", &["--encrypt", "message"]));
    let opening = ["open", "m", "enc", "--dry-run"];
    bench.fails(2, &opening, &["the key is encrypted", "d1.pem", "--key-pass-file", "pass_file"]);
    let with = |file| [&opening[..], &["--key-pass-file", file]].concat();
    bench.fails(2, &with("wrong"), &["the passphrase is wrong", "d1.pem"]);
    bench.done(&with("pass"));
    // The agent has it from its configuration; what only looks at the tree needs no key.
    let pass = bench.file("pass");
    let device = super::bench::DEVICE;
    let text =
        format!("device_id = {device:?}\nstate = \"enc\"\n[device_keys]\npass_file = {pass:?}\n");
    bench.write("agent.toml", text);
    bench.done(&[&opening[..], &["--config", "agent.toml"]].concat());
    bench.done(&["tree", "enc"]);

    let keygen = ["keygen", "--device", device, "--name", "d2", "-o", "d2", "--encrypt"];
    bench.done(&[&keygen[..], &["--key-pass-file", "pass"]].concat());
    bench.done(
        &[&sealing("set.xml", "m")[..], &["--encrypt-to", "d2/cert.pem", "--encrypt", "body"]]
            .concat(),
    );
    bench.done(
        &[&opening[..], &["--device-key", "d2=d2/key.pem", "--key-pass-file", "pass"]].concat(),
    );
}

#[test]
fn inspect_says_what_a_ciphertext_is_bound_to() {
    let bench = ready();
    for extent in ["body", "message"] {
        bench.done(&encrypting("set.xml", "m", &["--encrypt", extent]));
        let said = bench.done(&["inspect", "m"]);
        let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "aes128-gcm, kw-aes128",
            "for the key \"d1\"",
            "bound to \"dm.operator.example\" and \"urn:imei:004999010640000\"",
        ] {
            assert!(said.contains(words), "{extent}: no {words}");
        }
    }
}
