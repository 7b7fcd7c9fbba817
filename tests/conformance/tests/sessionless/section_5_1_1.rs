//! 5.1.1: requirements on a sessionless message.

use conformance::peer::run;
use conformance::server::OtherKey;
use conformance::{Device, Message, alpha, beta, command, encode, forge, seal_text};
use dm_client::Refusal;
use dm_push::wsp::{Form, Push};
use dm_seal::SignatureMethod;
use dm_wbxml::Version;

use crate::agent::{Running, push_http, push_udp};

fn speed(value: &str) -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", value))
}

#[test]
fn r1_wrapping_for_wap_push_leaves_the_message_as_it_is() {
    let octets = speed("2").seal();
    for form in [Form::Token, Form::Text] {
        let datagram = Push::dm(9, &octets).write_as(form);
        let push = Push::read(&datagram).unwrap();
        assert_eq!(push.body, octets);
        Device::new().accept(push.body);
    }
}

#[tokio::test]
async fn r1_one_message_goes_by_http_push_and_by_wap_push() {
    // The same octets: what is accepted by one way is a replay by the other.
    let running = Running::start().await;
    let message = Message::new(alpha()).with(command::replace("1", "./Speed", "7")).seal();
    push_http(running.http(), message.clone()).await;
    push_udp(running.udp(), message).await;
    let left = running.stop().await;
    assert_eq!(left.speed(), "7");
}

#[test]
fn r2_xmlsec1_verifies_what_a_server_seals() {
    let folder = tempfile::TempDir::new().unwrap();
    for (server, name) in [(alpha(), "es256"), (beta(), "rs256")] {
        let sealed = Message::new(server).with(command::get("1", "./DevInfo/DevId")).sealed_text();
        let path = |ending| folder.path().join(format!("{name}.{ending}"));
        std::fs::write(path("xml"), &sealed).unwrap();
        std::fs::write(path("der"), &server.material).unwrap();
        let (key, text) = (path("der"), path("xml"));
        let (key, text) = (key.to_str().unwrap(), text.to_str().unwrap());
        let verify = |text| {
            let named = format!("--pubkey-cert-der:{}", server.key_name);
            run("xmlsec1", &["--verify", &named, key, text], folder.path())
        };
        let Some(verdict) = verify(text) else { return };
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
        let forged = forge::swapped(&sealed, "./DevInfo/DevId", "./DevInfo/Mod");
        std::fs::write(path("xml"), forged).unwrap();
        assert!(verify(text).unwrap().is_err(), "{name}: a forgery must not pass");
    }
}

#[test]
fn r2_a_device_accepts_what_xmlsec1_signs() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name| folder.path().join(name);
    let generate = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem";
    let Some(made) = run("openssl", &words(generate), folder.path()) else { return };
    made.unwrap();
    let publish = "pkey -in key.pem -pubout -outform DER -out key.der";
    run("openssl", &words(publish), folder.path()).unwrap().unwrap();

    // A template is a sealed message whose values are blanked; xmlsec1 fills them in.
    let message = speed("8");
    let sealed = message.sealed_text();
    let template = ["DigestValue", "SignatureValue"].iter().fold(sealed, |text, name| {
        let value = forge::content(&text, name).to_owned();
        forge::swapped(&text, &value, "")
    });
    std::fs::write(path("template.xml"), template).unwrap();
    let sign =
        ["--sign", "--privkey-pem:alpha 1", "key.pem", "--output", "out.xml", "template.xml"];
    let Some(signed) = run("xmlsec1", &sign, folder.path()) else { return };
    signed.unwrap();
    let signed = std::fs::read_to_string(path("out.xml")).unwrap();

    let der = std::fs::read(path("key.der")).unwrap();
    let pin = dm_mo::PinnedKey { name: "alpha 1".to_owned(), der };
    let mut device = Device::with_objects(vec![dm_mo::DmAcc::object("Alpha", alpha().id, &[pin])]);
    device.accept(&encode(&signed, Version::default()));
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("8"));
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn r3_what_is_not_signed_is_not_let_in() {
    let mut device = Device::new();
    assert_eq!(device.refuse(&speed("2").unsealed()), Refusal::NotSigned);
    assert_eq!(device.accept(&speed("2").seal()).key_name, "alpha 1");
}

#[test]
fn r3_every_kind_of_key_authenticates() {
    use dm_seal::DigestMethod::Sha256;
    for key in
        [OtherKey::ed25519(), OtherKey::p384(), OtherKey::rsa(SignatureMethod::RsaPss(Sha256))]
    {
        let server = key.server(alpha().id, "other");
        let sealed = seal_text(&speed("3").text(), &server);
        let mut device = Device::with_accounts(&[("Alpha", &server)]);
        device.accept(&encode(&sealed, Version::default()));
        assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("3"));
    }
}

#[test]
fn r4_wbxml_1_1_and_1_2_and_1_3_carry_a_message() {
    for version in [Version::V1_1, Version::V1_2, Version::V1_3] {
        let mut device = Device::new();
        device.accept(&speed("2").version(version).seal());
        assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
    }
}

#[test]
fn r5_a_device_that_was_not_bootstrapped_refuses_everything() {
    let mut blank = Device::blank();
    let refusal = blank.refuse(&speed("2").seal());
    assert_eq!(refusal, Refusal::NoAccount(alpha().id.into()));
    assert!(refusal.clause().contains("R5"));
    assert_eq!(blank.tree().count(), 1, "there is the root and nothing else");
}

#[test]
fn r5_an_account_without_a_key_lets_nobody_in() {
    let mut device = Device::with_objects(vec![dm_mo::DmAcc::object("Alpha", alpha().id, &[])]);
    assert_eq!(device.refuse(&speed("2").seal()), Refusal::NoPinnedKey(alpha().id.into()));
    let sealed = speed("2").sealed_text();
    let unnamed = forge::swapped(&sealed, "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>", "");
    let refusal = device.refuse(&encode(&unnamed, Version::default()));
    assert_eq!(refusal, Refusal::NoPinnedKey(alpha().id.into()));
}
