use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};

/// A certificate authority of a test's own, and what it signs, as PEM files in one folder.
pub struct Certificates {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, as files.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate.
    pub cert_file: PathBuf,
    /// Its key.
    pub key_file: PathBuf,
}

impl Certificates {
    /// A new authority whose own certificate is `<name>.crt` in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are good names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("there is randomness");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a key signs itself");
        let own = Self { folder: folder.join(name), issuer };
        fs::create_dir_all(&own.folder).expect("the test's folder is writable");
        fs::write(own.ca_file(), own.issuer.pem()).expect("the test's folder is writable");
        own
    }

    /// The authority's own certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// A certificate for these host names and addresses, for servers and clients alike.
    pub fn issue(&self, names: &[&str]) -> Certificate {
        let all: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(all).expect("host names and addresses");
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("there is randomness");
        let signed = params.signed_by(&key, &self.issuer).expect("the authority signs");
        let stem = self.folder.join(names.first().copied().unwrap_or("nobody"));
        let own = Certificate { cert_file: stem.with_extension("crt"), key_file: stem.with_extension("key") };
        fs::write(&own.cert_file, signed.pem()).expect("the test's folder is writable");
        fs::write(&own.key_file, key.serialize_pem()).expect("the test's folder is writable");
        own
    }
}
