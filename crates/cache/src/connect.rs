use std::{fs, path::Path, time::Duration};

use redis::{
    Client, ClientTlsConfig, ConnectionInfo, IntoConnectionInfo, TlsCertificates,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use weft_domain::{Error, Result};

use crate::RedisSettings;

/// A client of the Redis that the settings name; connects when it is used.
pub(crate) fn client(settings: &RedisSettings) -> Result<Client> {
    let info = settings.url.as_str().into_connection_info().map_err(bad)?.set_tcp_settings(tcp_settings());
    let certificates = TlsCertificates {
        root_cert: settings.ca_file.as_deref().map(read).transpose()?,
        client_tls: match (&settings.cert_file, &settings.key_file) {
            (Some(cert), Some(key)) => {
                Some(ClientTlsConfig { client_cert: read(cert)?, client_key: read(key)? })
            }
            _ => None,
        },
    };
    if is_tls(&info) {
        return Client::build_with_tls(info, certificates).map_err(bad);
    }
    if certificates.root_cert.is_some() || certificates.client_tls.is_some() {
        return Err(Error::invalid_field("cache.url", "certificates go with `rediss://`"));
    }
    Client::open(info).map_err(bad)
}

fn is_tls(info: &ConnectionInfo) -> bool {
    matches!(info.addr(), redis::ConnectionAddr::TcpTls { .. })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| {
        let words = format!("the certificate file {} cannot be read: {error}", file.display());
        Error::precondition("certificate_unreadable", words)
    })
}

fn bad(error: redis::RedisError) -> Error {
    Error::invalid_field("cache.url", "this is not the URL of a Redis, or its certificates do not fit")
        .with_source(error)
}

fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(10));
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    // a host that vanished without a word is noticed in seconds rather than in a quarter of an hour
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(Duration::from_secs(5));
    settings
}
