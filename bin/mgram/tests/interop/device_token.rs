//! A key of the device in a token: SoftHSM agrees, the rest is ours. [profile §6]

use std::fs;

use crate::device::SERVER_ID;
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::peer;
use crate::program::{output, run};
use crate::token::Token;

const DEVICE_ID: &str = "urn:imei:004999010640000";

/// A device whose key is in the token, and three messages to it; yields the URI of the key.
fn scene(token: &Token) -> String {
    fs::write(token.path().join("d1.der"), token.agreeing_key("d1")).expect("written");
    let server = Key::ours(token.path(), "es256", SERVER_ID);
    let mut provision = token.mgram(&["provision", "state", "--device-id", DEVICE_ID]);
    provision.args(["--server-id", SERVER_ID, "--key-name", KEY_NAME, "--cert"]);
    output(provision.arg(&server.pinned));
    for (name, extent) in [("body", "body"), ("whole", "message"), ("again", "message")] {
        let mut seal = token.mgram(&["seal", "--key-name", KEY_NAME, "--server-id", SERVER_ID]);
        seal.args(["--device-id", DEVICE_ID, "--encrypt-to", "d1.der", "--encrypt", extent]);
        seal.args(["--recipient", "d1", "--counters", "counters", "-o", name, "--key"]);
        output(seal.arg(&server.secret).arg(message("small").path()));
    }
    token.uri("d1")
}

#[test]
fn a_token_decrypts_for_the_device() {
    if peer::all_here(&["openssl", "softhsm2-util"]) {
        Token::run("device_token::a_token_decrypts_for_the_device", decrypts);
    }
}

fn decrypts(token: &Token) {
    let uri = scene(token);
    let key = format!("d1={uri}");
    for sealed in ["body", "whole"] {
        let said = run(&mut token.mgram(&["open", sealed, "state", "--device-key", &key]));
        assert!(said.code == 0 && said.out.starts_with("accepted: "), "{said:?}");
    }
    // The agent's configuration names it as well.
    let config = format!(
        "device_id = {DEVICE_ID:?}\nstate = \"state\"\n[device_keys]\n\
         tokens = [{{ name = \"d1\", uri = {uri:?} }}]\n"
    );
    fs::write(token.path().join("agent.toml"), config).expect("written");
    let said = run(&mut token.mgram(&["open", "again", "state", "--config", "agent.toml"]));
    assert!(said.code == 0 && said.out.starts_with("accepted: "), "{said:?}");
}

#[test]
fn what_is_wrong_with_the_token_is_said() {
    if peer::all_here(&["openssl", "softhsm2-util"]) {
        Token::run("device_token::what_is_wrong_with_the_token_is_said", is_said);
    }
}

fn is_said(token: &Token) {
    let uri = scene(token);
    // A key that does not decrypt is found out before any message.
    token.key("es384", "05");
    let signs = uri.replace("object=d1", "object=es384");
    let other = uri.replace("object=d1", "object=d2");
    for (code, key, words) in [
        (2, uri.clone(), "NAME=pkcs11:"),
        (69, format!("d1={other}"), "no private key in the token \"fleet\" fits"),
        (69, format!("d1={}", uri.replace(".so", ".none")), "module-path"),
        (2, format!("d1={uri}&pin-value=1"), "the PIN in it"),
        (2, format!("d1={signs}"), "P-256 or RSA is wanted"),
    ] {
        let said = run(&mut token.mgram(&["open", "whole", "state", "--device-key", &key]));
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{said:?}");
        assert!(said.err.contains(words) && said.err.contains("\n  next: "), "{}", said.err);
    }
    // A message for another name does not get there; nothing but the uniform word comes back.
    let said =
        run(&mut token.mgram(&["open", "whole", "state", "--device-key", &format!("d2={uri}")]));
    assert!(said.code == 1 && said.out.contains("none of this device's"), "{said:?}");
}
