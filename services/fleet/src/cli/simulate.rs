use std::{path::PathBuf, pin::pin, sync::Arc, time::Duration};

use anyhow::Context;
use clap::Args;
use futures::{
    StreamExt,
    future::try_join_all,
    stream::{BoxStream, select_all},
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{Play, Simulation, SimulationOptions};
use weft_fleet::{roster, simulate::script};
use weft_runtime::TaskSet;

use super::{
    Common,
    api::{Api, Target},
    print,
};

/// Plays providers: takes their webhooks, lets customers write, receives and shows the answers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft simulate telegram                       connects itself to the weft that runs here
  weft simulate all --rate 5                   customers on every channel
  weft simulate telegram --rate 50 --customers 500
  weft simulate all --script hotel.yaml        other customers; deploy/demo has some
  curl -XPOST localhost:8090/simulator/faults -H 'content-type: application/json' \\
       -d '{\"kind\":\"rate_limited\",\"retry_after\":5,\"for_next\":3}'")]
pub(crate) struct Simulate {
    #[command(flatten)]
    target: Target,
    /// The providers, or `all`
    #[arg(required = true, value_name = "PROVIDER")]
    providers: Vec<String>,
    /// Where it listens; port 0 is a free one, and what several need
    #[arg(long)]
    listen: Option<String>,
    /// How many customers write to each
    #[arg(long, default_value_t = 5)]
    customers: u32,
    /// How many messages a second, of all together
    #[arg(long, default_value_t = 0.5)]
    rate: f64,
    /// Who they are and what they say, in YAML; without one those of a little shop
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// End after so many messages of each
    #[arg(long)]
    messages: Option<u64>,
    /// Do not connect channels to them
    #[arg(long)]
    no_connect: bool,
}

/// A provider that answers, and whose customers have not begun.
struct Ready {
    kind: &'static str,
    play: Play,
    transcript: BoxStream<'static, String>,
}

pub(crate) async fn run(common: &Common, simulate: Simulate) -> anyhow::Result<()> {
    let starts = find(&simulate.providers)?;
    let alone = starts.len() == 1;
    let anywhere = simulate.listen.as_deref().is_none_or(|listen| listen.ends_with(":0"));
    anyhow::ensure!(alone || anywhere, "--listen is for one provider; for several its port has to be 0");
    let options = SimulationOptions {
        customers: simulate.customers,
        per_second: simulate.rate / f64::from(u32::try_from(starts.len())?),
        messages: simulate.messages,
        script: Arc::new(script(simulate.script.as_deref())?),
    };
    let api = match simulate.no_connect {
        true => None,
        false => Some(Api::open(common, &simulate.target)?),
    };
    let stop = CancellationToken::new();
    let tasks = TaskSet::new("simulator");
    let mut ready = Vec::new();
    for (name, start) in starts {
        let opened = match options.script.people_on(name).next() {
            Some(_) => {
                let simulation = start(options.clone())?;
                open(simulation, simulate.listen.as_deref(), api.as_ref(), &tasks, &stop).await
            }
            None => Err(anyhow::anyhow!("nobody in the script is on `{name}`")),
        };
        match opened {
            Ok(one) => ready.push(one),
            Err(error) if alone => return Err(error),
            // the others can be tried without it
            Err(error) => print::line(&format!("{name} is left out: {error:#}")),
        }
    }
    anyhow::ensure!(!ready.is_empty(), "no provider could be played");
    show(ready, alone, &stop).await?;
    stop.cancel();
    tasks.drain(Duration::from_secs(3)).await.ok();
    Ok(())
}

/// Lets a provider answer, and connects a channel to it.
async fn open(
    simulation: Simulation,
    listen: Option<&str>,
    api: Option<&Api>,
    tasks: &TaskSet,
    stop: &CancellationToken,
) -> anyhow::Result<Ready> {
    let Simulation { kind, listen: usual, webhook_by_hand, settings, secrets, serve, play, transcript } =
        simulation;
    let listen = listen.unwrap_or(usual);
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another with --listen"))?;
    let base = format!("http://{}", listener.local_addr()?);
    print::line(&format!("{kind} answers at {base}"));
    tasks.spawn("provider", serve(listener, stop.clone()));
    if let Some(api) = api {
        let account = [("settings", settings(&base)), ("secrets", secrets)];
        let account = account.map(|(name, fields)| (name.to_owned(), Value::from(fields)));
        let channel = connect(api, kind, Map::from_iter(account)).await?;
        if webhook_by_hand {
            api.enter_webhook(&base, kind, &channel).await?;
        }
    }
    Ok(Ready { kind, play, transcript })
}

/// Lets the customers write and shows what reaches them, until Ctrl-C.
async fn show(ready: Vec<Ready>, alone: bool, stop: &CancellationToken) -> anyhow::Result<()> {
    let (plays, transcripts): (Vec<_>, Vec<_>) = ready
        .into_iter()
        .map(|Ready { kind, play, transcript }| {
            let named = move |line| if alone { line } else { format!("{kind}: {line}") };
            (play(stop.clone()), transcript.map(named))
        })
        .unzip();
    let mut transcript = select_all(transcripts);
    let mut playing = pin!(try_join_all(plays));
    let mut played = false;
    loop {
        tokio::select! {
            line = transcript.next() => match line {
                Some(line) => print::line(&line),
                None => return Ok(()),
            },
            done = &mut playing, if !played => {
                done?;
                played = true;
                print::line("the customers have said all they had to say; answers are still shown until Ctrl-C");
            }
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

type Starts = Vec<(&'static str, weft_fleet::simulate::Start)>;

fn find(providers: &[String]) -> anyhow::Result<Starts> {
    let playable = || {
        roster::ENTRIES
            .iter()
            .filter_map(|entry| Some((entry.name.strip_prefix("channel-")?, entry.simulator?)))
    };
    if providers.iter().any(|provider| provider == "all") {
        return Ok(playable().collect());
    }
    let one = |provider: &String| {
        playable().find(|(name, _)| name == provider).with_context(|| {
            let names: Vec<_> = playable().map(|(name, _)| name).collect();
            format!("there is no simulator for `{provider}`; there are {}, or `all`", names.join(", "))
        })
    };
    providers.iter().map(one).collect()
}

/// Connects the channel called `Simulated <kind>`, or points it here when it exists, and waits until it works.
async fn connect(api: &Api, kind: &str, mut body: Map<String, Value>) -> anyhow::Result<Value> {
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
                return Ok(channel);
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
