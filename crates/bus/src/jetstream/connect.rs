use std::{io, time::Duration};

use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event as ClientEvent, ServerAddr};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{sleep, timeout};
use weft_domain::{Error, ErrorCode, Result};

use crate::Settings;

const ONE_ATTEMPT: Duration = Duration::from_secs(3);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const PING: Duration = Duration::from_secs(10);

/// Connects and checks what the server is; keeps trying as long as the settings say.
pub(crate) async fn connect(settings: &Settings) -> Result<Client> {
    let addresses: Vec<ServerAddr> =
        settings.url.split(',').map(|url| url.trim().parse()).collect::<Result<_, _>>().map_err(|error| {
            Error::invalid("invalid_bus_url", "the bus needs `nats://host:port`").with_source(error)
        })?;
    let seed = seed(settings).await?;
    let mut last = None;
    let attempts = async {
        loop {
            match options(settings, seed.as_ref()).connect(addresses.clone()).await {
                Ok(client) => return client,
                Err(error) => {
                    tracing::info!(%error, "the bus does not answer yet");
                    last = Some(error);
                }
            }
            sleep(BETWEEN_ATTEMPTS).await;
        }
    };
    let connected = timeout(settings.connect_timeout(), attempts).await;
    let client = connected.map_err(|_| refusal(&without_password(settings), last))?;
    check_server(&client)?;
    Ok(client)
}

async fn seed(settings: &Settings) -> Result<Option<SecretString>> {
    if settings.nkey.is_some() {
        return Ok(settings.nkey.clone());
    }
    let Some(file) = &settings.nkey_file else { return Ok(None) };
    let text = tokio::fs::read_to_string(file).await.map_err(|error| {
        let words = format!("the key file {} cannot be read: {error}", file.display());
        Error::precondition("bus_key_unreadable", words)
    })?;
    Ok(Some(text.trim().to_owned().into()))
}

fn options(settings: &Settings, seed: Option<&SecretString>) -> ConnectOptions {
    let mut options = ConnectOptions::new()
        .name(&settings.name)
        .connection_timeout(ONE_ATTEMPT)
        .ping_interval(PING)
        .request_timeout(Some(Duration::from_secs(5)))
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| {
            let doubling = u32::try_from(attempts.min(6)).unwrap_or(6);
            (Duration::from_millis(50) * 2_u32.pow(doubling)).min(LONGEST_PAUSE)
        })
        .event_callback(|event| async move {
            match event {
                ClientEvent::Connected => tracing::info!("connected to the bus"),
                other => tracing::warn!(event = %other, "bus connection"),
            }
        });
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        options = options.user_and_password(user.clone(), password.expose_secret().to_owned());
    }
    if let Some(token) = &settings.token {
        options = options.token(token.expose_secret().to_owned());
    }
    if let Some(seed) = seed {
        options = options.nkey(seed.expose_secret().to_owned());
    }
    if let Some(prefix) = &settings.inbox_prefix {
        options = options.custom_inbox_prefix(prefix);
    }
    if let Some(file) = &settings.ca_file {
        options = options.add_root_certificates(file.clone()).require_tls(true);
    }
    if let (Some(certificate), Some(key)) = (&settings.cert_file, &settings.key_file) {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    options
}

/// Why there is no connection, from how the last attempt ended.
fn refusal(hosts: &str, last: Option<ConnectError>) -> Error {
    let Some(error) = last else { return unreachable(hosts) };
    let words = match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            format!("the NATS server at `{hosts}` does not know this user or key")
        }
        ConnectErrorKind::Tls => no_trust(hosts, &error),
        ConnectErrorKind::Io if is_about_certificates(&error) => no_trust(hosts, &error),
        _ => return unreachable(hosts).with_source(error),
    };
    Error::precondition("bus_refused", words).with_source(error)
}

fn no_trust(hosts: &str, error: &ConnectError) -> String {
    format!("no trusted connection to the NATS server at `{hosts}`: {error}")
}

/// The TLS library says what it thinks of the other side inside an `io::Error` of this kind.
fn is_about_certificates(error: &ConnectError) -> bool {
    let inner = std::error::Error::source(error).and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.is_some_and(|inner| inner.kind() == io::ErrorKind::InvalidData)
}

fn unreachable(hosts: &str) -> Error {
    let words = format!("no NATS server answers at `{hosts}`");
    Error::new(ErrorCode::Unavailable, "bus_unreachable", words)
}

fn check_server(client: &Client) -> Result<()> {
    let info = client.server_info();
    if !client.is_server_compatible(2, 12, 0) {
        let words =
            format!("NATS 2.12 or newer is needed for atomic batches; this server is {}", info.version);
        return Err(Error::precondition("nats_too_old", words));
    }
    if !info.jetstream {
        return Err(Error::precondition("nats_without_jetstream", "the NATS server runs without JetStream"));
    }
    Ok(())
}

fn without_password(settings: &Settings) -> String {
    let hosts = settings.url.split(',').map(|url| url.rsplit('@').next().unwrap_or_default().trim());
    hosts.collect::<Vec<_>>().join(",")
}
