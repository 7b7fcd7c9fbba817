//! The bare primitives of the library that seals and opens.

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    ParsedPublicKey,
};
use dm_crypto::AwsLc;
use dm_seal::{Pin, Signer, VerifyingKey};

use crate::device::{KEY_NAME, Pair};

/// What is signed and verified: as long as a digest.
const DIGEST: [u8; 32] = [7; 32];

/// A signature by ECDSA P-256, with nothing of ours around it.
pub fn p256_signature() -> impl Fn() + Sync {
    let (random, key) = p256_key();
    move || {
        black_box(key.sign(&random, black_box(&DIGEST)).expect("signing"));
    }
}

/// A verification by ECDSA P-256, with nothing of ours around it.
pub fn p256_verification() -> impl Fn() {
    let (random, key) = p256_key();
    let signature = key.sign(&random, &DIGEST).expect("signing");
    let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
    let public = public.expect("the new key");
    move || public.verify_sig(black_box(&DIGEST), signature.as_ref()).expect("verifying")
}

/// A signature by this key.
pub fn signature(pair: &Pair) -> impl Fn() + '_ {
    move || drop(black_box(pair.key.sign(black_box(&DIGEST)).expect("signing")))
}

/// A verification by this key.
pub fn verification(pair: &Pair) -> impl Fn() + '_ {
    let signature = pair.key.sign(&DIGEST).expect("signing");
    let pin = Pin::new(KEY_NAME, &pair.der, &AwsLc).expect("the certificate");
    move || assert!(pin.key().verifies(pair.key.method(), black_box(&DIGEST), &signature))
}

fn p256_key() -> (SystemRandom, EcdsaKeyPair) {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a new key");
    (random, EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).expect("the new key"))
}
