mod bulk;
mod filter;
mod show;

use anyhow::ensure;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Common,
    api::{Api, Target},
    print,
};
use filter::{Filter, Whose};

pub(super) const PATH: &str = "/v1/dead-letters";
const COLUMNS: &[&str] = &["id", "state", "last_at", "source", "reason", "words"];
/// What the API gives at once.
const PAGE: usize = 200;

/// See, replay and discard what could not be handled
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum DeadLetters {
    /// List letters, the latest given up first
    #[command(after_help = LIST)]
    List(List),
    /// Show a letter with its body; the audit log is told
    #[command(after_help = "Example:\n  weft dead-letters show letter_01j…")]
    Show(Show),
    /// Publish events again, with the ids they had: what has an effect already has no second one
    #[command(after_help = REPLAY)]
    Replay(Replay),
    /// Give letters up for good
    #[command(after_help = DISCARD)]
    Discard(Discard),
}

const EXAMPLES: &str = "Examples:
  weft dead-letters list                                        what waits for a decision
  weft dead-letters show letter_01j…                            one of them, with its body
  weft dead-letters replay letter_01j…                          once what was broken is mended
  weft dead-letters replay --all --reason attempts_exhausted    all of one reason
  weft dead-letters discard letter_01j… --why 'a test of ours'";

const LIST: &str = "Examples:
  weft dead-letters list --reason unreadable_call
  weft dead-letters list --source conversation-inbound --since 2026-03-01T00:00:00Z
  weft dead-letters list --state any --json";

const REPLAY: &str = "Examples:
  weft dead-letters replay letter_01j… letter_01k…
  weft dead-letters replay --all --reason attempts_exhausted --since 2026-03-01T00:00:00Z
  weft dead-letters replay --all --yes

Letters go out at the server's pace, the oldest first. Ctrl-C only stops looking at those that are chosen already. What fails
again is a new letter.";

const DISCARD: &str = "Examples:
  weft dead-letters discard letter_01j… --why 'the customer wrote again'
  weft dead-letters discard --all --source channel-echo --why 'rubbish of a scanner' --yes";

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    filter: Filter,
    /// `kept`, `replaying`, `replayed`, `discarded` or `any`
    #[arg(long, default_value = "kept")]
    state: String,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    whose: Whose,
    /// The letter's id
    id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
pub(crate) struct Discard {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    which: Which,
    /// Why nobody needs them
    #[arg(long, value_name = "TEXT")]
    why: String,
}

/// Some letters by id, or all that fit.
#[derive(Debug, Args)]
struct Which {
    /// The letters' ids
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// All that are kept and fit
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    filter: Filter,
    /// Do not ask first
    #[arg(long, short)]
    yes: bool,
}

pub(crate) async fn run(common: &Common, command: DeadLetters) -> anyhow::Result<()> {
    match command {
        DeadLetters::List(list) => list_letters(common, &list).await,
        DeadLetters::Show(show) => {
            let path = format!("{PATH}/{}{}", show.id, show.whose.query());
            let letter = Api::open(common, &show.target)?.get(&path).await?;
            show::letter(common.json, &letter);
            Ok(())
        }
        DeadLetters::Replay(replay) => {
            let api = Api::open(common, &replay.target)?;
            change(common, &api, &replay.which, bulk::Change::Replay).await
        }
        DeadLetters::Discard(discard) => {
            let api = Api::open(common, &discard.target)?;
            change(common, &api, &discard.which, bulk::Change::Discard { why: &discard.why }).await
        }
    }
}

async fn list_letters(common: &Common, list: &List) -> anyhow::Result<()> {
    let api = Api::open(common, &list.target)?;
    let state = Some(list.state.as_str()).filter(|state| *state != "any");
    let (mut letters, mut token) = (Vec::new(), String::new());
    while letters.len() < list.limit {
        let size = (list.limit - letters.len()).min(PAGE);
        let query = list.filter.query(state, size, &token);
        let mut page = api.get_patiently(&format!("{PATH}?{query}")).await?;
        if let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) {
            letters.extend(items);
        }
        match page.get("next_page_token").and_then(Value::as_str) {
            Some(next) if !next.is_empty() => next.clone_into(&mut token),
            _ => break,
        }
    }
    print::rows(common.json, &letters, COLUMNS);
    Ok(())
}

async fn change(common: &Common, api: &Api, which: &Which, change: bulk::Change<'_>) -> anyhow::Result<()> {
    if which.all {
        return bulk::run(common, api, &which.filter, which.yes, change).await;
    }
    ensure!(!which.filter.is_given(), "--source, --reason, --since and --until go with --all");
    let mut changed = Vec::new();
    for id in &which.ids {
        let mut body = change.body();
        which.filter.whose.put_into(&mut body);
        changed.push(api.post(&format!("{PATH}/{id}/{}", change.verb()), &json!(body)).await?);
    }
    print::rows(common.json, &changed, &["id", "state", "ended_at", "source", "reason"]);
    Ok(())
}
