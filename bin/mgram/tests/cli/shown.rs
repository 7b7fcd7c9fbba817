//! Certificates that a signature shows, and that no device of policy chain takes. [profile §4.3]

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, IsCa, KeyPair, KeyUsagePurpose, SanType,
};

use super::bench::{Bench, DEVICE, OPERATOR};

/// A certificate of the operator's key that names the operator.
fn write(bench: &Bench, change: impl FnOnce(&mut CertificateParams)) {
    let key = String::from_utf8(bench.read("op/key.pem")).expect("PEM");
    let key = KeyPair::from_pem(&key).expect("a key");
    let mut parameters = CertificateParams::default();
    parameters.subject_alt_names = vec![SanType::DnsName(OPERATOR.try_into().expect("ASCII"))];
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    change(&mut parameters);
    bench.write("shown.pem", parameters.self_signed(&key).expect("a certificate").pem());
}

fn showing(command: &[&'static str]) -> Vec<&'static str> {
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE];
    [command, &["set.xml", "--show-certificate", "shown.pem"], &whom].concat()
}

#[test]
fn what_every_device_of_policy_chain_refuses_is_not_shown() {
    let bench = Bench::ready();
    let seal = showing(&["seal", "--key", "op/key.pem", "-o", "new"]);
    let request = showing(&["sign-request", "--alg", "es256", "-o", "new"]);
    let refused = |words: &str| {
        for arguments in [&seal, &request] {
            let words = ["policy chain refuses it", words, "shown.pem", "profile §4.3"];
            bench.fails(2, arguments, &words);
        }
    };
    write(&bench, |it| it.key_usages = vec![KeyUsagePurpose::KeyAgreement]);
    refused("digitalSignature");
    write(&bench, |it| it.key_usages = vec![]);
    refused("digitalSignature");
    write(&bench, |it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    refused("that of an authority");
    write(&bench, |it| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 99], vec![5, 0]);
        extension.set_criticality(true);
        it.custom_extensions = vec![extension];
    });
    refused("the critical extension 1.3.6.1.99");
    write(&bench, |_| {});
    bench.done(&seal);
}
