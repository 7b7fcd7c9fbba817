//! An authority of the tests, and what it issues.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority, with its certificate in `NAME.pem` of a folder.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
    name: String,
}

impl Authority {
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let authority = Self { issuer, folder: folder.into(), name: name.into() };
        std::fs::write(authority.path(), authority.issuer.pem()).expect("written");
        authority
    }

    /// Its certificate.
    pub fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.pem", self.name))
    }

    /// A certificate with this name in `subjectAltName`, and its key.
    pub fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        self.issue_until(name, 4096)
    }

    /// One that expired long ago.
    #[allow(dead_code, reason = "not every test program has use for it")]
    pub fn issue_expired(&self, name: &str) -> (PathBuf, PathBuf) {
        self.issue_until(name, 2020)
    }

    fn issue_until(&self, name: &str, year: i32) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let file = |end: &str| self.folder.join(format!("{}-{name}.{end}", self.name));
        std::fs::write(file("pem"), certificate.pem()).expect("written");
        std::fs::write(file("key"), key.serialize_pem()).expect("written");
        (file("pem"), file("key"))
    }
}
