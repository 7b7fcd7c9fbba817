//! §4.3, policy `chain`: right, and wrong in each single way.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::authority::{Authority, WeakKey};
use conformance::{Device, Message, NOW, Server, alpha, command, encode, forge};
use dm_client::{Outcome, Refusal};
use dm_mo::{DmAcc, PinnedKey};
use dm_seal::{ChainError, TrustPolicy};
use dm_wbxml::Version;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, GeneralSubtree, IsCa, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
    SanType, date_time_ymd,
};

const ID: &str = "dm.chain.example";

fn authority(change: impl FnOnce(&mut CertificateParams)) -> Authority {
    Authority::new(&PKCS_ECDSA_P256_SHA256, "Root", change)
}

/// A device whose account of this server has policy `chain` and these pins.
fn device(id: &'static str, pins: &[PinnedKey]) -> Device {
    let trust = [(id.to_owned(), TrustPolicy::Chain)].into();
    let account = DmAcc::object("Chain", id, pins);
    Device::with_objects(vec![account]).set(|settings| settings.trust = trust)
}

/// A message of this server that shows this certificate.
fn showing(server: &'static Server, der: &[u8]) -> Vec<u8> {
    let message = Message::new(server).with(command::replace("1", "./Vendor/Speed", "2"));
    let named = format!("<KeyInfo><KeyName>{}</KeyName></KeyInfo>", server.key_name);
    let shown = format!(
        "<KeyInfo><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo>",
        STANDARD.encode(der)
    );
    encode(&forge::swapped(&message.sealed_text(), &named, &shown), Version::default())
}

/// What a device that pins the authority says of a server with this certificate.
fn verdict(
    authority: &Authority,
    change: impl FnOnce(&mut CertificateParams),
) -> Option<ChainError> {
    verdict_at(authority, Some(NOW), change)
}

fn verdict_at(
    authority: &Authority,
    clock: Option<u64>,
    change: impl FnOnce(&mut CertificateParams),
) -> Option<ChainError> {
    let server = authority.issue(ID, change);
    let mut device = device(ID, &[authority.pin()]);
    device.clock = clock;
    match device.receive(&showing(server, &server.material)) {
        Outcome::Accepted(accepted) => {
            assert_eq!(accepted.key_name, "authority");
            None
        }
        Outcome::Refused(refused) => match refused.refusal {
            Refusal::Chain(error) => Some(error),
            other => panic!("{}: {other}", other.name()),
        },
    }
}

#[test]
fn authorities_of_every_kind_issue() {
    for algorithm in
        [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ED25519, &PKCS_RSA_SHA256]
    {
        let authority = Authority::new(algorithm, "Root", |_| {});
        assert_eq!(verdict(&authority, |_| {}), None, "{algorithm:?}");
    }
}

/// The signature of ECDSA is shorter at times: an integer loses its leading zeros.
#[test]
fn a_shorter_signature_of_an_authority_holds() {
    let authority = Authority::new(&PKCS_ECDSA_P256_SHA256, "Root", |_| {});
    let mut issued = (0..20_000).map(|_| authority.issue(ID, |_| {}));
    let short = issued.find(|server| shorter_integer(&server.material) < 32);
    let short = short.expect("one in 128 is shorter");
    device(ID, &[authority.pin()]).accept(&showing(short, &short.material));
}

/// The octets of the shorter one of r and s, at the end of a certificate, without a zero for the sign.
fn shorter_integer(certificate: &[u8]) -> usize {
    let ends = |at: &usize| {
        let [0x03, length, 0x00, 0x30, inner, 0x02, ..] = certificate[*at..] else { return false };
        at + 2 + usize::from(length) == certificate.len() && length == inner + 3
    };
    let at = (certificate.len() - 80..certificate.len()).find(ends).expect("a signature");
    let length = |at: usize| {
        let octets = usize::from(certificate[at + 1]);
        (octets, octets - usize::from(certificate[at + 2] == 0))
    };
    let (octets, r) = length(at + 5);
    let (_, s) = length(at + 5 + 2 + octets);
    r.min(s)
}

#[test]
fn a_certificate_is_valid_for_a_time() {
    let of = |from, until| {
        move |parameters: &mut CertificateParams| {
            parameters.not_before = date_time_ymd(from, 1, 1);
            parameters.not_after = date_time_ymd(until, 1, 1);
        }
    };
    let authority = authority(|_| {});
    let (year_2026, year_2028) = (1_767_225_600, 1_830_297_600);
    let until = year_2026;
    let expired = ChainError::Expired { until, now: NOW };
    assert_eq!(verdict(&authority, of(2025, 2026)), Some(expired));
    let from = year_2028;
    let early = ChainError::NotYetValid { from, now: NOW };
    assert_eq!(verdict(&authority, of(2028, 2029)), Some(early));
    for (clock, accepted) in [
        (Some(year_2026), true),
        (Some(year_2026 - 1), false),
        (Some(year_2028), true),
        (Some(year_2028 + 1), false),
        (None, true),
    ] {
        let found = verdict_at(&authority, clock, of(2026, 2028));
        assert_eq!(found.is_none(), accepted, "{clock:?}: {found:?}");
    }
    assert_eq!(verdict_at(&authority, None, of(2028, 2029)), None, "a device without a clock");
}

#[test]
fn a_pinned_authority_does_not_run_out() {
    let old = authority(|parameters| parameters.not_after = date_time_ymd(2026, 2, 1));
    assert_eq!(verdict(&old, |_| {}), None, "pins are rotated");
}

#[test]
fn a_certificate_carries_digital_signature() {
    let authority = authority(|_| {});
    for usages in
        [vec![], vec![KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::ContentCommitment]]
    {
        let found = verdict(&authority, |parameters| parameters.key_usages = usages);
        assert_eq!(found, Some(ChainError::NoDigitalSignature));
    }
    let more = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    assert_eq!(verdict(&authority, |parameters| parameters.key_usages = more), None);
}

#[test]
fn a_certificate_names_the_server_exactly() {
    let authority = authority(|_| {});
    let dns = |text: &str| SanType::DnsName(text.try_into().expect("ASCII"));
    let uri = |text: &str| SanType::URI(text.try_into().expect("ASCII"));
    for (names, accepted) in [
        (vec![], false),
        (vec![dns("other.example")], false),
        (vec![dns("*.chain.example")], false),
        (vec![dns("chain.example")], false),
        (vec![dns("DM.chain.example")], false),
        (vec![uri("https://dm.chain.example")], false),
        (vec![SanType::Rfc822Name(ID.try_into().expect("ASCII"))], false),
        (vec![dns("other.example"), dns(ID)], true),
        (vec![uri(ID)], true),
    ] {
        let found = verdict(&authority, |parameters| parameters.subject_alt_names = names.clone());
        let expected = (!accepted).then_some(ChainError::NamesOther);
        assert_eq!(found, expected, "{names:?}");
    }
    let url = "https://dm.chain.example:8443/dm";
    let server = authority.issue(url, |parameters| parameters.subject_alt_names = vec![dns(ID)]);
    device(url, &[authority.pin()]).accept(&showing(server, &server.material));
}

#[test]
fn an_authority_signs_no_messages() {
    let authority = authority(|_| {});
    for constraints in [BasicConstraints::Unconstrained, BasicConstraints::Constrained(0)] {
        let found = verdict(&authority, |parameters| parameters.is_ca = IsCa::Ca(constraints));
        assert_eq!(found, Some(ChainError::IsAuthority));
    }
    assert_eq!(verdict(&authority, |parameters| parameters.is_ca = IsCa::ExplicitNoCa), None);
}

#[test]
fn what_is_critical_must_be_understood() {
    let with = |critical: bool| {
        move |parameters: &mut CertificateParams| {
            let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
            extension.set_criticality(critical);
            parameters.custom_extensions = vec![extension];
        }
    };
    let found = verdict(&authority(|_| {}), with(true));
    assert_eq!(found, Some(ChainError::CriticalExtension("1.2.3.4".into())));
    assert_eq!(verdict(&authority(|_| {}), with(false)), None);
    let found = verdict(&authority(with(true)), |_| {});
    assert!(
        matches!(found, Some(ChainError::NotIssued(_))),
        "a pin that is not understood is none"
    );
}

#[test]
fn an_extension_stands_once() {
    let found = verdict(&authority(|_| {}), |parameters| {
        let extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        parameters.custom_extensions = vec![extension.clone(), extension];
    });
    assert_eq!(found, Some(ChainError::Malformed));
}

#[test]
fn the_issuer_is_pinned_and_an_authority() {
    let root = authority(|_| {});
    let namesake = authority(|_| {});
    let other = Authority::new(&PKCS_ECDSA_P256_SHA256, "Other", |_| {});
    let server = root.issue(ID, |_| {});
    let octets = showing(server, &server.material);
    let refused = |pins: &[PinnedKey]| match device(ID, pins).refuse(&octets) {
        Refusal::Chain(error) => error,
        other => panic!("{}: {other}", other.name()),
    };
    assert!(matches!(refused(&[other.pin()]), ChainError::NotIssued(_)));
    assert_eq!(refused(&[namesake.pin()]), ChainError::IssuerSignature);
    let itself = PinnedKey { name: "itself".to_owned(), der: server.material.clone() };
    assert!(
        matches!(refused(std::slice::from_ref(&itself)), ChainError::NotIssued(_)),
        "a chain has two ends"
    );
    let bare = PinnedKey { name: "bare".to_owned(), der: alpha().spki() };
    assert!(matches!(refused(&[bare]), ChainError::NotIssued(_)));
    // Among several pins the right one is found.
    device(ID, &[other.pin(), namesake.pin(), itself, root.pin()]).accept(&octets);

    for change in [
        (|parameters| parameters.is_ca = IsCa::NoCa) as fn(&mut CertificateParams),
        |parameters| parameters.is_ca = IsCa::ExplicitNoCa,
        |parameters| parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature],
    ] {
        assert_eq!(verdict(&authority(change), |_| {}), Some(ChainError::IssuerIsNoAuthority));
    }
    assert_eq!(verdict(&authority(|parameters| parameters.key_usages = vec![]), |_| {}), None);
}

#[test]
fn the_path_is_one_step_long() {
    let root = authority(|_| {});
    let lower = root.below(&PKCS_ECDSA_P256_SHA256, "Lower");
    let server = lower.issue(ID, |_| {});
    let octets = showing(server, &server.material);
    let refusal = device(ID, &[root.pin()]).refuse(&octets);
    assert!(matches!(refusal, Refusal::Chain(ChainError::NotIssued(_))), "{refusal}");
    device(ID, &[lower.pin()]).accept(&octets);
    // A path length of 0 forbids what would stand between, and nothing does.
    let strict =
        authority(|parameters| parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    assert_eq!(verdict(&strict, |_| {}), None);
}

#[test]
fn an_authority_keeps_to_its_names() {
    let dns = |text: &str| GeneralSubtree::DnsName(text.to_owned());
    let constrained = |permitted: Vec<GeneralSubtree>, excluded: Vec<GeneralSubtree>| {
        authority(|parameters| {
            parameters.name_constraints = Some(NameConstraints {
                permitted_subtrees: permitted,
                excluded_subtrees: excluded,
            });
        })
    };
    let refused = Some(ChainError::NameConstraints(ID.into()));
    for (permitted, excluded, expected) in [
        (vec![dns("chain.example")], vec![], None),
        (vec![dns(ID)], vec![], None),
        (vec![dns("other.example"), dns("example")], vec![], None),
        (vec![dns("other.example")], vec![], refused.clone()),
        (vec![dns("in.example")], vec![], refused.clone()),
        (vec![], vec![dns("chain.example")], refused.clone()),
        (vec![dns("example")], vec![dns(ID)], refused),
        (vec![], vec![dns("other.example")], None),
    ] {
        let authority = constrained(permitted, excluded);
        assert_eq!(verdict(&authority, |_| {}), expected);
    }
}

#[test]
fn the_certificate_must_be_shown() {
    let authority = authority(|_| {});
    let server = authority.issue(ID, |_| {});
    let sealed = Message::new(server).sealed_text();
    let named = "<KeyInfo><KeyName>issued</KeyName></KeyInfo>";
    for key_info in [
        named,
        "",
        "<KeyInfo/>",
        "<KeyInfo><KeyName>authority</KeyName></KeyInfo>",
        "<KeyInfo><KeyValue><RSAKeyValue><Modulus>AA==</Modulus></RSAKeyValue></KeyValue></KeyInfo>",
    ] {
        let octets = encode(&forge::swapped(&sealed, named, key_info), Version::default());
        let refusal = device(ID, &[authority.pin()]).refuse(&octets);
        assert_eq!(refusal, Refusal::Chain(ChainError::NoCertificate), "{key_info}");
    }
}

#[test]
fn the_signature_is_by_the_key_of_the_certificate() {
    let authority = authority(|_| {});
    let (one, two) = (authority.issue(ID, |_| {}), authority.issue(ID, |_| {}));
    let octets = showing(one, &two.material);
    let refusal = device(ID, &[authority.pin()]).refuse(&octets);
    assert_eq!(refusal, Refusal::SignatureInvalid(ID.into()));
    // A certificate of one server is of no use to another.
    let other = authority.issue("other.example", |_| {});
    let message = Message { source: ID.to_owned(), ..Message::new(other) };
    let named = "<KeyInfo><KeyName>issued</KeyName></KeyInfo>";
    let shown = format!(
        "<KeyInfo><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo>",
        STANDARD.encode(&other.material)
    );
    let text = forge::swapped(&message.sealed_text(), named, &shown);
    let refusal = device(ID, &[authority.pin()]).refuse(&encode(&text, Version::default()));
    assert_eq!(refusal, Refusal::Chain(ChainError::NamesOther));
}

#[test]
fn a_pin_without_the_policy_issues_nothing() {
    let authority = authority(|_| {});
    let server = authority.issue(ID, |_| {});
    let account = DmAcc::object("Chain", ID, &[authority.pin()]);
    let refusal = Device::with_objects(vec![account]).refuse(&showing(server, &server.material));
    assert!(matches!(refusal, Refusal::KeyNotPinned(_)), "{refusal}");
    // And the policy is for that account alone.
    let trust = [("somebody.else".to_owned(), TrustPolicy::Chain)].into();
    Device::new().set(|settings| settings.trust = trust).accept(&Message::new(alpha()).seal());
}

#[test]
fn weak_keys_and_weak_signatures_have_no_place() {
    let modulus = [&[0x02, 0x81, 0x81, 0x00][..], &[0xC1; 128]].concat();
    let rsa = [&[0x30, 0x81, 0x89][..], &modulus, &[0x02, 0x03, 0x01, 0x00, 0x01]].concat();
    let authority = Authority::new(&PKCS_RSA_SHA256, "Root", |_| {});
    let weak = authority.certify(ID, &WeakKey(rsa), |_| {});
    let refusal = device(ID, &[authority.pin()]).refuse(&showing(stranger_as_id(), &weak));
    assert_eq!(refusal, Refusal::Chain(ChainError::WeakKey));

    // sha256WithRSAEncryption becomes sha1WithRSAEncryption, or RSASSA-PSS, inside and outside.
    let server = authority.issue(ID, |_| {});
    let sha256 = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B";
    for (last, name) in [(5, "1.2.840.113549.1.1.5"), (10, "1.2.840.113549.1.1.10")] {
        let other = [&sha256[..8], &[last]].concat();
        let one = forge::octets_swapped(&server.material, sha256, &other);
        let refusal = device(ID, &[authority.pin()]).refuse(&showing(server, &one));
        assert_eq!(refusal, Refusal::Chain(ChainError::Malformed), "both must say the same");
        let both = forge::octets_swapped(&one, sha256, &other);
        let refusal = device(ID, &[authority.pin()]).refuse(&showing(server, &both));
        assert_eq!(refusal, Refusal::Chain(ChainError::Algorithm(name.into())));
    }
}

fn stranger_as_id() -> &'static Server {
    let key_name = "issued";
    let server = Server::new(dm_crypto::Algorithm::Es256, ID, key_name);
    Box::leak(Box::new(server))
}

/// One octet of the certificate other than it was, each in its turn.
#[test]
fn no_octet_of_a_certificate_may_change() {
    let authority = authority(|_| {});
    let server = authority.issue(ID, |_| {});
    let mut device = device(ID, &[authority.pin()]);
    for at in 0..server.material.len() {
        for flip in [0x01, 0x80] {
            let mut der = server.material.clone();
            der[at] ^= flip;
            if let Outcome::Accepted(_) = device.try_out(&showing(server, &der)) {
                panic!("octet {at} changed by {flip:#04x}, and accepted");
            }
        }
    }
    device.accept(&showing(server, &server.material));
}
