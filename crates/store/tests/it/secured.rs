//! TLS to PostgreSQL.

use std::{error::Error as _, path::Path, sync::Arc};

use weft_crypto::Kek;
use weft_domain::{Error, Result, SystemClock};
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::{Certificates, Database, Postgres, TempDir, temp_dir};

struct Secured {
    _postgres: Postgres,
    database: Database,
    ours: Certificates,
    theirs: Certificates,
    _folder: TempDir,
}

/// A server that answers over TLS only, and whose name is `127.0.0.1`.
async fn secured() -> Secured {
    let postgres = Postgres::start().await;
    let database = postgres.database().await;
    let folder = temp_dir();
    let (ours, theirs) =
        (Certificates::new(folder.path(), "ours"), Certificates::new(folder.path(), "theirs"));
    let server = ours.issue(&["127.0.0.1"]);
    let root = postgres.databases().superuser_url().to_owned();
    // The server writes its files itself: they have to be its own, and its key nobody else's.
    for (name, file) in
        [("server.crt", &server.cert_file), ("server.key", &server.key_file), ("ca.crt", &ours.ca_file())]
    {
        write(&root, name, &std::fs::read_to_string(file).unwrap()).await;
    }
    let settings =
        ["ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'", "ssl_ca_file = 'ca.crt'", "ssl = on"];
    for setting in settings {
        psql(&root, &format!("ALTER SYSTEM SET {setting}")).await;
    }
    write(
        &root,
        "pg_hba.conf",
        "hostssl all weft_system 127.0.0.1/32 trust clientcert=verify-ca\nhostssl all all 127.0.0.1/32 trust\n",
    )
    .await;
    psql(&root, "SELECT pg_reload_conf()").await;
    weft_testkit::eventually(
        "the server has read its files",
        std::time::Duration::from_secs(20),
        async || {
            (psql(&root, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").await == "t")
                .then_some(())
        },
    )
    .await;
    Secured { _postgres: postgres, database, ours, theirs, _folder: folder }
}

async fn psql(url: &str, statement: &str) -> String {
    let mut command = tokio::process::Command::new("psql");
    command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

async fn write(root: &str, name: &str, text: &str) {
    let lines = text.trim().lines().map(|line| format!("('{line}')")).collect::<Vec<_>>().join(",");
    let statement = format!("COPY (VALUES {lines}) TO PROGRAM 'umask 077; cat > {name}'");
    psql(root, &statement).await;
}

impl Secured {
    fn settings(&self) -> Settings {
        let client = self.ours.issue(&["conversation"]);
        Settings {
            ca_file: self.ours.ca_file(),
            cert_file: client.cert_file,
            key_file: client.key_file,
            ..Settings::postgres(
                &self.database.service_url,
                &self.database.owner_url,
                &self.database.system_url,
            )
        }
    }
}

async fn open(settings: &Settings) -> Result<Store> {
    let kek = Arc::new(Kek::generate());
    Store::connect(settings, "notes", Vault::new(kek, "notes"), Arc::new(SystemClock)).await
}

fn with_causes(error: &Error) -> String {
    format!("{error}: {:?}", error.source())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_our_certificates_the_server_is_used_over_tls() {
    let secured = secured().await;
    let store = open(&secured.settings()).await.unwrap();
    assert!(store.healthy().await);
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_alone_can_say_it_too() {
    let secured = secured().await;
    let rest = |file: &Path| format!("sslmode=verify-full&sslrootcert={}", file.display());
    let with = |url: &str, file: &Path| format!("{url}?{}", rest(file));
    let by_url = |file: &Path| {
        let Database { service_url, .. } = &secured.database;
        Settings::postgres(&with(service_url, file), &with(service_url, file), &with(service_url, file))
    };
    open(&by_url(&secured.ours.ca_file())).await.unwrap().close().await.unwrap();
    let error = open(&by_url(&secured.theirs.ca_file())).await.err().unwrap();
    assert!(with_causes(&error).contains("UnknownIssuer"), "{}", with_causes(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_authority_is_refused_with_the_reason() {
    let secured = secured().await;
    let strange = Settings { ca_file: secured.theirs.ca_file(), ..secured.settings() };
    let error = open(&strange).await.err().unwrap();
    assert_eq!(error.reason(), "database_unavailable");
    assert!(with_causes(&error).contains("UnknownIssuer"), "{}", with_causes(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_by_another_name_is_refused_with_the_reason() {
    let secured = secured().await;
    let Settings { ca_file, .. } = secured.settings();
    let elsewhere = secured.database.service_url.replace("127.0.0.1", "localhost");
    let error = open(&Settings { ca_file, ..Settings::postgres(&elsewhere, "", "") }).await.err().unwrap();
    assert!(with_causes(&error).contains("NotValidForName"), "{}", with_causes(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_tls_or_without_our_certificate_is_refused() {
    let secured = secured().await;
    let plain = format!("{}?sslmode=disable", secured.database.service_url);
    let error = open(&Settings::postgres(&plain, "", "")).await.err().unwrap();
    assert!(with_causes(&error).contains("no encryption"), "{}", with_causes(&error));
    let nothing = std::path::PathBuf::new;
    open(&Settings { cert_file: nothing(), key_file: nothing(), ..secured.settings() }).await.err().unwrap();
    let stranger = secured.theirs.issue(&["conversation"]);
    let strange =
        Settings { cert_file: stranger.cert_file, key_file: stranger.key_file, ..secured.settings() };
    open(&strange).await.err().unwrap();
}
