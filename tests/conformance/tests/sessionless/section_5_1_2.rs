//! 5.1.2: security of a sessionless message.

use conformance::{Device, Message, alpha, command, encode, forge, gamma, stranger};
use dm_client::Refusal;
use dm_crypto::AwsLc;
use dm_seal::{Pin, Trust, verify};
use dm_wbxml::Version;
use dm_xml::{Limits, parse};

fn speed(server: &'static conformance::Server) -> Message {
    Message::new(server).with(command::replace("1", "./Vendor/Speed", "2"))
}

#[test]
fn r6_a_valid_signature_of_an_unknown_server_is_refused() {
    let refusal = Device::new().refuse(&speed(stranger()).seal());
    assert_eq!(refusal, Refusal::NoAccount(stranger().id.into()));
    assert!(refusal.clause().contains("R6"));
}

#[test]
fn r6_an_unknown_server_gains_nothing_by_another_name() {
    let forged = speed(stranger()).claiming(alpha().id).seal();
    // KeyInfo shows the stranger's own key name, which the account does not have.
    assert_eq!(Device::new().refuse(&forged), Refusal::KeyNotPinned("stranger 1".into()));
    let text = speed(stranger()).claiming(alpha().id).sealed_text();
    let renamed = forge::swapped(&text, "stranger 1", "alpha 1");
    let refusal = Device::new().refuse(&encode(&renamed, Version::default()));
    assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
}

#[test]
fn r6_server_ids_are_compared_octet_by_octet() {
    for claimed in ["DM.alpha.example", "dm.alpha.example.", " dm.alpha.example", "dm.alpha.exampl"]
    {
        let refusal = Device::new().refuse(&speed(alpha()).claiming(claimed).seal());
        assert_eq!(refusal, Refusal::NoAccount(claimed.into()));
    }
}

#[test]
fn r7_dm_sm_s_004_m_a_sealed_message_proves_its_origin() {
    let sealed = speed(alpha()).sealed_text();
    let opens = |server: &'static conformance::Server| {
        let document = parse(sealed.as_bytes(), &Limits::default()).unwrap();
        let pins = [Pin::new("alpha 1", &server.material, &AwsLc).unwrap()];
        let trust = Trust::pinned(alpha().id, &pins);
        verify(document, &trust, &AwsLc).is_ok()
    };
    assert!(opens(alpha()));
    assert!(!opens(gamma()) && !opens(stranger()), "nobody else can have made it");
}

#[test]
fn r8_dm_sm_c_001_m_a_changed_message_is_refused() {
    let message = speed(alpha());
    for (old, new) in [
        ("<Data>2</Data>", "<Data>3</Data>"),
        ("./Vendor/Speed", "./Vendor/Mode"),
        ("<SessionID>1<", "<SessionID>2<"),
        ("<MsgID>1<", "<MsgID>2<"),
        ("DM/1.3", "DM/1.2"),
        ("<CmdID>1<", "<CmdID>2<"),
        ("<Final></Final>", ""),
        ("<Final></Final>", "<Final></Final> "),
        ("<Data>2</Data>", "<Data>2 </Data>"),
    ] {
        let refusal = Device::new().refuse(&forge::edited(&message, old, new));
        assert_eq!(refusal, Refusal::DigestMismatch, "{new}");
        assert!(refusal.clause().contains("R8"));
    }
    Device::new().accept(&message.seal());
}

#[test]
fn r8_the_body_of_one_message_does_not_fit_under_the_header_of_another() {
    let message = speed(alpha());
    let other = Message::new(alpha()).session(2).emi("c=9");
    let refusal = Device::new().refuse(&forge::header_of(&message, &other));
    assert_eq!(refusal, Refusal::DigestMismatch);
}

#[test]
fn r8_the_signature_of_one_server_does_not_open_the_account_of_another() {
    let message = speed(gamma()).claiming(alpha().id);
    let text = forge::swapped(&message.sealed_text(), "gamma 1", "alpha 1");
    let refusal = Device::new().refuse(&encode(&text, Version::default()));
    assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
}
