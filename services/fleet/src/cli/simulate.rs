use std::time::Duration;

use anyhow::Context;
use clap::Args;
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{Simulation, SimulationOptions};
use weft_fleet::roster;
use weft_runtime::TaskSet;

use super::{
    Common,
    api::{Api, Target},
    print,
};

/// Plays a provider: takes the webhook, lets customers write, receives and shows the answers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft simulate telegram                       connects itself to the weft that runs here
  weft simulate telegram --rate 50 --customers 500
  curl -XPOST localhost:8090/simulator/faults -H 'content-type: application/json' \\
       -d '{\"kind\":\"rate_limited\",\"retry_after\":5,\"for_next\":3}'")]
pub(crate) struct Simulate {
    #[command(flatten)]
    target: Target,
    /// The provider
    provider: String,
    /// Where it listens
    #[arg(long)]
    listen: Option<String>,
    /// How many customers write
    #[arg(long, default_value_t = 5)]
    customers: u32,
    /// How many messages a second, of all together
    #[arg(long, default_value_t = 0.5)]
    rate: f64,
    /// End after so many messages
    #[arg(long)]
    messages: Option<u64>,
    /// Do not connect a channel to it
    #[arg(long)]
    no_connect: bool,
}

pub(crate) async fn run(common: &Common, simulate: Simulate) -> anyhow::Result<()> {
    let start = find(&simulate.provider)?;
    let options = SimulationOptions {
        customers: simulate.customers,
        per_second: simulate.rate,
        messages: simulate.messages,
    };
    let simulation = start(options)?;
    let listen = simulate.listen.as_deref().unwrap_or(simulation.listen);
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another with --listen"))?;
    let base = format!("http://{}", listener.local_addr()?);
    print::line(&format!("{} answers at {base}", simulation.kind));

    let stop = CancellationToken::new();
    let tasks = TaskSet::new("simulator");
    let Simulation { kind, settings, secrets, serve, play, mut transcript, .. } = simulation;
    tasks.spawn("provider", serve(listener, stop.clone()));
    if !simulate.no_connect {
        let api = Api::open(common, &simulate.target)?;
        let account = [("settings", settings(&base)), ("secrets", secrets)];
        connect(
            &api,
            kind,
            Map::from_iter(account.map(|(name, fields)| (name.to_owned(), Value::from(fields)))),
        )
        .await?;
    }
    let playing = play(stop.clone());
    tokio::pin!(playing);
    let mut played = false;
    loop {
        tokio::select! {
            line = transcript.next() => match line {
                Some(line) => print::line(&line),
                None => break,
            },
            done = &mut playing, if !played => {
                done?;
                played = true;
                print::line("the customers have said all they had to say; answers are still shown until Ctrl-C");
            }
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    stop.cancel();
    tasks.drain(Duration::from_secs(3)).await.ok();
    Ok(())
}

fn find(provider: &str) -> anyhow::Result<weft_fleet::simulate::Start> {
    let playable = || {
        roster::ENTRIES
            .iter()
            .filter_map(|entry| Some((entry.name.strip_prefix("channel-")?, entry.simulator?)))
    };
    playable().find(|(name, _)| *name == provider).map(|(_, start)| start).with_context(|| {
        let names: Vec<_> = playable().map(|(name, _)| name).collect();
        format!("there is no simulator for `{provider}`; there are {}", names.join(", "))
    })
}

/// Connects the channel called `Simulated <kind>`, or points it here when it exists, and waits until it works.
async fn connect(api: &Api, kind: &str, mut body: Map<String, Value>) -> anyhow::Result<()> {
    let waiting = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    waiting.enable_steady_tick(Duration::from_millis(120));
    waiting.set_message("connecting the channel");
    let name = format!("Simulated {kind}");
    let existing = api
        .list("/v1/channels")
        .await?
        .into_iter()
        .find(|channel| text(channel, "kind") == kind && text(channel, "name") == name);
    let channel = match existing {
        Some(channel) => {
            body.insert("enabled".to_owned(), Value::Bool(true));
            api.patch(&format!("/v1/channels/{}", text(&channel, "id")), &Value::from(body)).await?
        }
        None => {
            body.insert("kind".to_owned(), kind.into());
            body.insert("name".to_owned(), name.into());
            api.post("/v1/channels", &Value::from(body)).await?
        }
    };
    let id = text(&channel, "id").to_owned();
    for _ in 0..100 {
        let channel = api.get(&format!("/v1/channels/{id}")).await?;
        match channel.pointer("/health/status").and_then(Value::as_str) {
            Some("connected") => {
                waiting.finish_and_clear();
                print::line(&format!("connected as {id}"));
                return Ok(());
            }
            Some("failed") => {
                waiting.finish_and_clear();
                let detail = channel.pointer("/health/detail").and_then(Value::as_str).unwrap_or_default();
                anyhow::bail!("the channel could not be connected: {detail}");
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
    waiting.finish_and_clear();
    anyhow::bail!("the channel is not connected after 20 s; `weft channel list` says how it is doing")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
