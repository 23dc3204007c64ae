//! TLS to Redis.

use std::path::Path;

use weft_cache::{Cache, RedisSettings};
use weft_testkit::{Certificates, Redis, TempDir, free_port, temp_dir};

use crate::{MINUTE, new_key};

struct Secured {
    _redis: Redis,
    port: u16,
    ours: Certificates,
    theirs: Certificates,
    _folder: TempDir,
}

/// A Redis that answers over TLS only, to clients with a certificate of ours.
async fn secured() -> Secured {
    let redis = Redis::start().await;
    let folder = temp_dir();
    let (ours, theirs) =
        (Certificates::new(folder.path(), "ours"), Certificates::new(folder.path(), "theirs"));
    let server = ours.issue(&["127.0.0.1"]);
    let port = free_port();
    let text = |file: &Path| file.display().to_string();
    let mut connection =
        redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let set = [
        ("tls-ca-cert-file", text(&ours.ca_file())),
        ("tls-cert-file", text(&server.cert_file)),
        ("tls-key-file", text(&server.key_file)),
        ("tls-port", port.to_string()),
        ("port", "0".to_owned()),
    ];
    let mut order = redis::cmd("CONFIG");
    order.arg("SET");
    for (name, value) in set {
        order.arg(name).arg(value);
    }
    order.exec_async(&mut connection).await.unwrap();
    Secured { _redis: redis, port, ours, theirs, _folder: folder }
}

impl Secured {
    fn settings(&self) -> RedisSettings {
        let client = self.ours.issue(&["gateway"]);
        RedisSettings {
            ca_file: Some(self.ours.ca_file()),
            cert_file: Some(client.cert_file),
            key_file: Some(client.key_file),
            timeout: MINUTE,
            ..RedisSettings::new(format!("rediss://127.0.0.1:{}", self.port))
        }
    }
}

/// Why it does not answer, the causes included.
async fn why_away(settings: &RedisSettings) -> String {
    let error = Cache::redis(settings).unwrap().ping().await.unwrap_err();
    assert_eq!(error.reason(), "cache_unavailable");
    format!("{:?}", std::error::Error::source(&error))
}

#[tokio::test]
async fn with_our_certificates_everything_works_over_tls() {
    let secured = secured().await;
    let cache = Cache::redis(&secured.settings()).unwrap();
    cache.ping().await.unwrap();
    let key = new_key("value");
    assert!(cache.add(&key, "x", MINUTE).await.unwrap());
    assert_eq!(cache.take(&key).await.unwrap().as_deref(), Some(b"x".as_slice()));
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_with_the_reason() {
    let secured = secured().await;
    let strange = RedisSettings { ca_file: Some(secured.theirs.ca_file()), ..secured.settings() };
    let why = why_away(&strange).await;
    assert!(why.contains("UnknownIssuer"), "{why}");
}

#[tokio::test]
async fn a_client_without_tls_or_without_our_certificate_is_refused() {
    let secured = secured().await;
    let none = RedisSettings { cert_file: None, key_file: None, ..secured.settings() };
    why_away(&none).await;
    let stranger = secured.theirs.issue(&["gateway"]);
    let strange = RedisSettings {
        cert_file: Some(stranger.cert_file),
        key_file: Some(stranger.key_file),
        ..secured.settings()
    };
    why_away(&strange).await;
    let plain = RedisSettings::new(format!("redis://127.0.0.1:{}", secured.port));
    why_away(&plain).await;
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_said_at_start() {
    let secured = secured().await;
    let plain = RedisSettings { url: "redis://127.0.0.1".into(), ..secured.settings() };
    let error = Cache::redis(&plain).err().unwrap();
    assert_eq!(error.field(), Some("cache.url"));
    let missing = RedisSettings { ca_file: Some("/nowhere/ca.crt".into()), ..secured.settings() };
    let error = Cache::redis(&missing).err().unwrap();
    assert_eq!(error.reason(), "certificate_unreadable");
    assert!(error.message().contains("/nowhere/ca.crt"), "{error}");
}
