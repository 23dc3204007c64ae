use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    Common,
    api::{Api, Target},
    print,
};

/// Manage connected channels
#[derive(Debug, Subcommand)]
pub(crate) enum Channel {
    /// List the kinds that can be connected, with the fields each needs
    Kinds(Only),
    /// List the connected channels
    List(Only),
    /// Connect a channel
    #[command(
        after_help = "Example:\n  weft channel add telegram --name Support --secret bot_token=700000001:AAE…"
    )]
    Add(Add),
    /// Show how a channel is doing
    Health(One),
    /// Show what a channel and its provider said to each other, the newest first
    #[command(after_help = "Example:\n  weft channel log chan_01… --outcome failed")]
    Log(Log),
    /// Send a message to try a channel, and wait for what becomes of it
    #[command(after_help = "Example:\n  weft channel test chan_01… +4915112345678")]
    Test(Test),
    /// Replace the secret that Weft made for a channel's webhook
    Rotate(Rotate),
    /// Let a channel work again
    Enable(One),
    /// Keep a channel from working; nothing is lost
    Disable(One),
    /// Disconnect a channel; its conversations stay
    Remove(One),
}

#[derive(Debug, Args)]
pub(crate) struct Only {
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    target: Target,
    /// The channel's id
    id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    #[command(flatten)]
    one: One,
    /// Only `inbound` or `outbound`
    #[arg(long)]
    direction: Option<String>,
    /// Only `ok`, `refused` or `failed`
    #[arg(long)]
    outcome: Option<String>,
    /// How many lines
    #[arg(long, default_value_t = 50)]
    lines: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    #[command(flatten)]
    one: One,
    /// Whom to write to, as the kind of channel names people: a number, an address, a chat's id
    to: String,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    one: One,
    /// For how many hours webhooks signed with the secret before are taken
    #[arg(long, default_value_t = 24)]
    grace_hours: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    target: Target,
    /// The kind, one of `weft channel kinds`
    kind: String,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// A setting, as name=value; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// A secret, as name=value; may be repeated
    #[arg(long = "secret", value_name = "NAME=VALUE")]
    secrets: Vec<String>,
}

const COLUMNS: &[&str] = &["id", "kind", "name", "enabled", "health.status", "health.detail"];
const OF_HEALTH: &[&str] = &[
    "status",
    "detail",
    "last_inbound_at",
    "last_outbound_at",
    "calls",
    "calls_failed",
    "webhooks_refused",
    "throttled_until",
    "token_expires_at",
];
const OF_LOG: &[&str] =
    &["at", "direction", "operation", "outcome", "code", "count", "events", "duration_ms", "bytes", "detail"];

pub(crate) async fn run(common: &Common, command: Channel) -> anyhow::Result<()> {
    match command {
        Channel::Kinds(only) => {
            let kinds = Api::open(common, &only.target)?.list("/v1/channel-kinds").await?;
            print::rows(common.json, &kinds, &["kind", "title"]);
        }
        Channel::List(only) => {
            let channels = Api::open(common, &only.target)?.list("/v1/channels").await?;
            print::rows(common.json, &channels, COLUMNS);
        }
        Channel::Add(add) => {
            let body = json!({
                "kind": add.kind,
                "name": add.name.as_ref().unwrap_or(&add.kind),
                "settings": fields(&add.settings)?,
                "secrets": fields(&add.secrets)?,
            });
            let channel = Api::open(common, &add.target)?.post("/v1/channels", &body).await?;
            print::rows(common.json, &[channel], COLUMNS);
        }
        Channel::Health(one) => {
            let health = Api::open(common, &one.target)?.get(&one.path("health")).await?;
            print::rows(common.json, &[health], OF_HEALTH);
        }
        Channel::Log(log) => {
            let mut page = Api::open(common, &log.one.target)?.get(&log.path()).await?;
            let lines: Vec<Value> = page
                .get_mut("items")
                .map(|items| serde_json::from_value(items.take()))
                .transpose()?
                .unwrap_or_default();
            print::rows(common.json, &lines, OF_LOG);
        }
        Channel::Test(test) => {
            let body = json!({"to": test.to});
            let message = Api::open(common, &test.one.target)?.post(&test.one.path("test"), &body).await?;
            print::rows(common.json, &[message], &["id", "state", "state_reason", "provider_message_id"]);
        }
        Channel::Rotate(rotate) => {
            let body = json!({"grace_seconds": u64::from(rotate.grace_hours) * 3600});
            let path = rotate.one.path("rotate-secret");
            let channel = Api::open(common, &rotate.one.target)?.post(&path, &body).await?;
            print::rows(common.json, &[channel], &["id", "health.status", "previous_secrets_until"]);
        }
        Channel::Enable(one) => switch(common, &one, true).await?,
        Channel::Disable(one) => switch(common, &one, false).await?,
        Channel::Remove(one) => {
            Api::open(common, &one.target)?.delete(&format!("/v1/channels/{}", one.id)).await?;
            print::line("disconnected");
        }
    }
    Ok(())
}

impl One {
    /// What belongs to the channel.
    fn path(&self, what: &str) -> String {
        format!("/v1/channels/{}/{what}", self.id)
    }
}

impl Log {
    fn path(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("page_size", &self.lines.to_string());
        for (name, given) in [("direction", &self.direction), ("outcome", &self.outcome)] {
            query.extend_pairs(given.as_ref().map(|value| (name, value)));
        }
        format!("{}?{}", self.one.path("log"), query.finish())
    }
}

async fn switch(common: &Common, one: &One, enabled: bool) -> anyhow::Result<()> {
    let path = format!("/v1/channels/{}", one.id);
    let channel = Api::open(common, &one.target)?.patch(&path, &json!({"enabled": enabled})).await?;
    print::rows(common.json, &[channel], COLUMNS);
    Ok(())
}

/// `name=value` pairs; a value that is JSON other than a number is taken as such.
fn fields(pairs: &[String]) -> anyhow::Result<Map<String, Value>> {
    pairs
        .iter()
        .map(|pair| {
            let (name, text) =
                pair.split_once('=').with_context(|| format!("`{pair}` must be like name=value"))?;
            let value = match serde_json::from_str(text) {
                Ok(value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))) => value,
                _ => Value::from(text),
            };
            Ok((name.to_owned(), value))
        })
        .collect()
}
