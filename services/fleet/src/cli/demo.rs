use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use weft_directory::bootstrap::{self, DemoCreated};
use weft_fleet::{Process, Settings};
use weft_store::Store;

use super::{
    Common,
    api::{self, Api},
    print,
};

const ADMIN: &str = "admin@demo.test";
const CHANNEL: &str = "Website";

/// Makes the demo's tenant, admin and web chat channel, or finds them as they were left.
pub(crate) async fn prepare(settings: &Settings, process: &Process) -> anyhow::Result<DemoCreated> {
    let (demo, token) = make(settings, process.store("directory")?).await?;
    let api = Api::at(&address(process.listen), token)?;
    ensure_channel(&api).await?;
    Ok(demo)
}

/// Makes the demo's tenant and admin, and the token of the person at this machine.
pub(crate) async fn make(settings: &Settings, store: &Store) -> anyhow::Result<(DemoCreated, SecretString)> {
    let demo = bootstrap::ensure_demo(store, ADMIN, settings.bootstrap.admin_password.clone()).await?;
    let file = api::token_file(settings);
    if let Some(token) = kept(&file) {
        return Ok((demo, token));
    }
    let token = bootstrap::operator_token(store).await?;
    keep(&file, &token)?;
    Ok((demo, token))
}

/// Says where everything is.
pub(crate) fn greet(common: &Common, process: &Process, demo: Option<&DemoCreated>) {
    let url = address(process.listen);
    if common.json {
        return print::json(&json!({"url": url, "tenant": demo.map(|demo| demo.tenant.to_string())}));
    }
    print::line(&format!("\nWeft answers at {url}   (API: {url}/docs)"));
    if let Some(demo) = demo {
        print::line(&sign_in(demo));
        print::line("Try it: weft simulate telegram");
    }
    print::line("");
}

/// Who signs in with what.
pub(crate) fn sign_in(demo: &DemoCreated) -> String {
    let password = match &demo.password {
        Some(made) => format!("{}   (shown this once)", made.expose_secret()),
        None => "as it was set".to_owned(),
    };
    format!("Sign in as {ADMIN}, password {password}")
}

/// A channel to try the web chat with. Its kind may still be announcing itself.
async fn ensure_channel(api: &Api) -> anyhow::Result<()> {
    let channels = api.list("/v1/channels").await?;
    if channels.iter().any(|channel| is(channel, "kind", "webchat")) {
        return Ok(());
    }
    for _ in 0..100 {
        let kinds = api.list("/v1/channel-kinds").await?;
        let announced = kinds.iter().any(|kind| is(kind, "kind", "webchat"));
        if announced {
            let body: Value = json!({"kind": "webchat", "name": CHANNEL});
            return api.post("/v1/channels", &body).await.map(drop);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the web chat did not announce itself")
}

/// Keeps the token of the person at this machine where only they can read it. On disk before its name is: after a power cut
/// the file is whole or not there.
fn keep(file: &Path, token: &SecretString) -> anyhow::Result<()> {
    use std::io::Write;
    let folder = file.parent().context("the token's file has a folder")?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    draft.write_all(token.expose_secret().as_bytes())?;
    draft.as_file().sync_all()?;
    draft.persist(file).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(std::fs::File::open(folder)?.sync_all()?)
}

/// The token kept by an earlier start.
fn kept(file: &Path) -> Option<SecretString> {
    let token = std::fs::read_to_string(file).ok()?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty()).map(SecretString::from)
}

fn address(listen: SocketAddr) -> String {
    let host = if listen.ip().is_unspecified() { "127.0.0.1".to_owned() } else { listen.ip().to_string() };
    format!("http://{host}:{}", listen.port())
}

fn is(value: &Value, field: &str, text: &str) -> bool {
    value.get(field).and_then(Value::as_str) == Some(text)
}
