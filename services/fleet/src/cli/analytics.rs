use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    Common,
    api::{Api, Target},
    print,
};

const PATH: &str = "/v1/analytics/rebuild";
const LOOK: Duration = Duration::from_millis(100);

/// Look after the figures
#[derive(Debug, Subcommand)]
pub(crate) enum Analytics {
    /// Compute all figures of the tenant anew from the events, and show them in place of the old ones
    #[command(after_help = REBUILD)]
    Rebuild(Rebuild),
}

const REBUILD: &str = "Examples:
  weft analytics rebuild              from the first event there ever was
  weft analytics rebuild --partial    from the first that is still kept; earlier figures stay as they are
  weft analytics rebuild --json       how it ended, for a program

The old figures are shown until the new ones are complete, and new events keep being counted. Ctrl-C only stops looking: the
rebuild goes on, and the same command looks at it again.";

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    #[command(flatten)]
    target: Target,
    /// Go on although older events are no longer kept
    #[arg(long)]
    partial: bool,
}

pub(crate) async fn run(common: &Common, command: Analytics) -> anyhow::Result<()> {
    match command {
        Analytics::Rebuild(rebuild) => run_rebuild(common, rebuild).await,
    }
}

async fn run_rebuild(common: &Common, rebuild: Rebuild) -> anyhow::Result<()> {
    let api = Api::open(common, &rebuild.target)?;
    let mut shown = api.post(PATH, &json!({"partial": rebuild.partial})).await?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} events {msg}")?;
    let bar = ProgressBar::new(0).with_style(style);
    while text(&shown, "state") == "running" {
        let (from, to) = (number(&shown, "from_cursor"), number(&shown, "to_cursor"));
        bar.set_length((to + 1).saturating_sub(from));
        bar.set_position((number(&shown, "cursor") + 1).saturating_sub(from));
        tokio::time::sleep(LOOK).await;
        shown = api.get(PATH).await?;
    }
    bar.finish_and_clear();
    anyhow::ensure!(text(&shown, "state") == "done", "the rebuild failed: {}", text(&shown, "reason"));
    if common.json {
        print::json(&shown);
        return Ok(());
    }
    print::line(&format!("computed anew from {} events", number(&shown, "events")));
    if let Some(since) = shown.get("computed_since").and_then(Value::as_str) {
        print::line(&format!(
            "events of before {since} are no longer kept: earlier figures stay as they were"
        ));
    }
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}
