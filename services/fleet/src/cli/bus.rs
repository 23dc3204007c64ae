use chrono::{TimeDelta, Utc};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use weft_fleet::rebuild;

use super::{Common, print};

/// Look after the event bus
#[derive(Debug, Subcommand)]
pub(crate) enum Bus {
    /// Publish again, with their ids, the events that the bus has lost
    #[command(after_help = REBUILD)]
    Rebuild(Rebuild),
}

const REBUILD: &str = "Examples:
  weft bus rebuild --since 36h                     what happened within the last 36 hours
  weft bus rebuild --since 2026-01-31T08:00:00Z    what happened from then on
  weft bus rebuild --since 7d --json               how much it was, for a program
  weft bus rebuild --since 1h --send-again         messages on their way go out again; some customers may get one twice

For a bus that came back empty, or from an old copy. Missing streams and consumers are made. Events, and records that the audit log
has not had, come from the databases, which keep them for seven days; consumers know by the ids what they have had. Messages to
customers that were on their way become `unclear` after some time, for people to decide: what adapters said of them may be lost as
well. What had come in and was not stored yet is nowhere else: providers send it again, or not. The fleet may run meanwhile; on SQLite stop it first.";

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// From when on: a time, or how long ago
    #[arg(long, value_name = "TIME|DURATION")]
    since: String,
    /// Send messages again that were on their way, although some may have gone
    #[arg(long)]
    send_again: bool,
    /// After so many seconds adapters have no order in hand any more that they took before
    #[arg(long, value_name = "SECONDS", default_value_t = rebuild::IN_HAND.num_seconds(), hide = true)]
    in_hand: i64,
}

pub(crate) async fn run(common: &Common, command: Bus) -> anyhow::Result<()> {
    match command {
        Bus::Rebuild(rebuild) => Box::pin(run_rebuild(common, rebuild)).await,
    }
}

async fn run_rebuild(common: &Common, command: Rebuild) -> anyhow::Result<()> {
    let since = rebuild::parse_since(&command.since, Utc::now())?;
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} events")?);
    let progress = |read, total| {
        bar.set_length(total);
        bar.set_position(read);
    };
    let in_hand = TimeDelta::seconds(command.in_hand);
    let order = rebuild::Rebuild { since, in_hand, send_again: command.send_again };
    let done = rebuild::run(common.settings()?, order, progress).await?;
    bar.finish_and_clear();
    if common.json {
        let rebuilt =
            json!({"since": since, "events": done.events, "records": done.records, "orders": done.orders});
        print::json(&rebuilt);
        return Ok(());
    }
    print::line(&format!(
        "published {} events and {} records of the audit log again; {} orders were lost",
        done.events, done.records, done.orders
    ));
    Ok(())
}
