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
        Channel::Enable(one) => switch(common, &one, true).await?,
        Channel::Disable(one) => switch(common, &one, false).await?,
        Channel::Remove(one) => {
            Api::open(common, &one.target)?.delete(&format!("/v1/channels/{}", one.id)).await?;
            print::line("disconnected");
        }
    }
    Ok(())
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
