//! Keys: those of `mgram keygen`, and those of kinds that only others sign with.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{mgram, output};

/// The name that all keys have here: one device pins one key.
pub const KEY_NAME: &str = "key-1";

/// A key pair in two files.
#[derive(Debug)]
pub struct Key {
    /// PEM, PKCS #8.
    pub secret: PathBuf,
    /// PEM: the certificate, where there is one, else the public key.
    pub pinned: PathBuf,
    /// PEM: the public key.
    pub public: PathBuf,
}

impl Key {
    /// Made by `mgram keygen`: `es256` or `rs256`.
    pub fn ours(folder: &Path, algorithm: &str, server_id: &str) -> Self {
        let place = folder.join(algorithm);
        let names = ["--server-id", server_id, "--name", KEY_NAME, "--alg", algorithm];
        output(mgram(["keygen"]).args(names).arg("-o").arg(&place));
        let (pinned, public) = (place.join("cert.pem"), place.join("public.pem"));
        let mut openssl = Command::new("openssl");
        let text = output(openssl.args(["x509", "-pubkey", "-noout", "-in"]).arg(&pinned));
        std::fs::write(&public, text).expect("the public key");
        Self { secret: place.join("key.pem"), pinned, public }
    }

    /// Made by openssl; `kind` is `P-256`, `P-384`, `RSA` or `ED25519`.
    pub fn theirs(folder: &Path, kind: &str) -> Self {
        let (secret, public) = (folder.join(format!("{kind}.pem")), folder.join("public.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(["genpkey", "-quiet", "-out"]).arg(&secret).arg("-algorithm");
        let curve = format!("ec_paramgen_curve:{kind}");
        match kind {
            "P-256" | "P-384" => openssl.args(["EC", "-pkeyopt", &curve]),
            "RSA" => openssl.args(["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
            _ => openssl.arg(kind),
        };
        output(&mut openssl);
        let mut openssl = Command::new("openssl");
        output(openssl.args(["pkey", "-pubout", "-in"]).arg(&secret).arg("-out").arg(&public));
        Self { secret, pinned: public.clone(), public }
    }
}
