use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use weft_http::{Client, Request, Settings};

use super::Common;

/// Where a running Weft is, and who we are there.
#[derive(Clone, Debug, Args)]
pub(crate) struct Target {
    /// Where Weft answers
    #[arg(long, global = true, env = "WEFT_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// An API token; without it, the one that `weft up` keeps in the data folder
    #[arg(long, global = true, env = "WEFT_TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
}

/// Calls the REST API of a running Weft.
pub(crate) struct Api {
    client: Client,
    base: String,
    token: SecretString,
}

/// Where `weft up` keeps the token of the person at this machine.
pub(crate) fn token_file(settings: &weft_fleet::Settings) -> PathBuf {
    settings.data.folder.join("keys").join("operator_token")
}

impl Api {
    /// Speaks to the Weft that `target` names.
    pub(crate) fn open(common: &Common, target: &Target) -> anyhow::Result<Self> {
        let token = match &target.token {
            Some(token) => token.clone(),
            None => {
                let file = token_file(&common.settings()?);
                let read = std::fs::read_to_string(&file).with_context(|| {
                    format!(
                        "no API token: give --token, or run this where `weft up --demo` keeps its data ({})",
                        file.display()
                    )
                })?;
                SecretString::from(read.trim().to_owned())
            }
        };
        Self::at(&target.url, token)
    }

    /// Speaks to the Weft at `base`.
    pub(crate) fn at(base: &str, token: SecretString) -> anyhow::Result<Self> {
        let client = Client::new(Settings {
            allow_private: true,
            timeout: Duration::from_secs(30),
            ..Settings::default()
        })?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), token })
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Request::get(&format!("{}{path}", self.base))).await
    }

    /// `GET`, as often as one may: who asks for much is told to wait.
    pub(crate) async fn get_patiently(&self, path: &str) -> anyhow::Result<Value> {
        patiently(async || self.get(path).await).await
    }

    /// `POST`, as often as one may.
    pub(crate) async fn post_patiently(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        patiently(async || self.post(path, body).await).await
    }

    /// All items of a list, page by page.
    pub(crate) async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut page = self.get(path).await?;
        loop {
            if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            let next = page.get("next_page_token").and_then(Value::as_str).filter(|next| !next.is_empty());
            let Some(next) = next else { return Ok(items) };
            page = self.get(&format!("{path}?page_token={next}")).await?;
        }
    }

    /// `POST`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Request::post(&format!("{}{path}", self.base)).json(body)).await
    }

    /// `PATCH`.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Request::new(http::Method::PATCH, &format!("{}{path}", self.base)).json(body)).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.send(Request::new(http::Method::DELETE, &format!("{}{path}", self.base))).await.map(drop)
    }

    /// Tells a simulator where a channel's webhook is, as people do in the consoles of providers that no program can tell.
    pub(crate) async fn enter_webhook(
        &self,
        simulator: &str,
        kind: &str,
        channel: &Value,
    ) -> anyhow::Result<()> {
        let field = |name: &str| channel.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let id = field("id").unwrap_or_default();
        let here = || format!("{}/hooks/{kind}/{id}", self.base);
        let url = field("webhook_url").map_or_else(here, str::to_owned);
        let entry = Request::post(&format!("{simulator}/simulator/webhook")).json(&json!({"url": url}));
        let answer = self.client.send(entry.host_class("weft")).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        bail!("the simulator does not take {url} as its webhook: {}", String::from_utf8_lossy(&answer.body))
    }

    async fn send(&self, request: Request) -> anyhow::Result<Value> {
        let request = request.bearer(self.token.expose_secret()).host_class("weft");
        let answer = self
            .client
            .send(request)
            .await
            .with_context(|| format!("{} does not answer; is `weft up` running?", self.base))?;
        if answer.body.is_empty() && answer.status.is_success() {
            return Ok(Value::Null);
        }
        let body: Value = answer.json().with_context(|| format!("{} did not answer like Weft", self.base))?;
        if !answer.status.is_success() {
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            bail!("{} ({})", text("detail"), text("reason"));
        }
        Ok(body)
    }
}

async fn patiently(call: impl AsyncFn() -> anyhow::Result<Value>) -> anyhow::Result<Value> {
    loop {
        match call().await {
            Err(error) if error.to_string().ends_with("(rate_limited)") => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            answered => return answered,
        }
    }
}
