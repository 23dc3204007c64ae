use std::path::Path;

use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName},
    server::ParsedCertificate,
};
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};
use weft_domain::{Error, Result};

/// The certificates of one process: both sides of a call show one, and the name in it is the service's (AU-13).
#[derive(Clone)]
pub struct Tls {
    ca: Certificate,
    own: Identity,
}

impl Tls {
    /// Reads PEM files: the certificates that sign the fleet's, our own with the names of our services, its key.
    pub fn read(ca_file: &Path, cert_file: &Path, key_file: &Path) -> Result<Self> {
        Ok(Self {
            ca: Certificate::from_pem(read(ca_file)?),
            own: Identity::from_pem(read(cert_file)?, read(key_file)?),
        })
    }

    /// For calls to `service`, whatever the address it is reached at.
    pub(crate) fn to(&self, service: &str) -> ClientTlsConfig {
        ClientTlsConfig::new().ca_certificate(self.ca.clone()).identity(self.own.clone()).domain_name(service)
    }

    /// For a server that answers nobody without a certificate.
    pub(crate) fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().client_ca_root(self.ca.clone()).identity(self.own.clone())
    }
}

/// Whether a certificate is for the service of this name.
pub(crate) fn names(certificate: &CertificateDer<'_>, service: &str) -> bool {
    let Ok(name) = ServerName::try_from(service) else { return false };
    ParsedCertificate::try_from(certificate).is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| {
        let words = format!("the certificate file {} cannot be read: {error}", file.display());
        Error::precondition("certificate_unreadable", words)
    })
}
