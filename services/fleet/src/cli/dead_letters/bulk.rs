use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use anyhow::{bail, ensure};
use chrono::Utc;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::{PATH, filter::Filter};
use crate::cli::{Common, api::Api, print};

/// So many are chosen, and have gone out, before the next.
const AT_ONCE: u64 = 100;
const LOOK: Duration = Duration::from_millis(300);

/// What is to be done with letters.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Replay,
    Discard { why: &'a str },
}

impl Change<'_> {
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Discard { .. } => "discard",
        }
    }

    pub(super) fn body(self) -> Map<String, Value> {
        match self {
            Self::Replay => Map::new(),
            Self::Discard { why } => Map::from_iter([("why".to_owned(), Value::from(why))]),
        }
    }
}

/// Changes all letters that fit now; what dies meanwhile waits for the next time.
pub(super) async fn run(
    common: &Common,
    api: &Api,
    filter: &Filter,
    yes: bool,
    change: Change<'_>,
) -> anyhow::Result<()> {
    if !yes {
        ask(&format!("{} all kept dead letters {}?", change.verb(), filter.words()))?;
    }
    let mut body = filter.fields_until(Utc::now());
    body.extend(change.body());
    body.insert("limit".to_owned(), AT_ONCE.into());
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} letters")?;
    let bar = ProgressBar::new(0).with_style(style);
    let (mut done, mut fitted) = (0, u64::MAX);
    let left = loop {
        let answer = api.post_patiently(&format!("{PATH}/{}", change.verb()), &json!(body)).await?;
        let (letters, left) = (number(&answer, "letters"), number(&answer, "left"));
        bar.set_length(done + letters + left);
        // Those that the bus would not take are kept again, and chosen again each time.
        let is_stuck = letters + left >= fitted;
        fitted = letters + left;
        if let Change::Replay = change {
            until_gone_out(api, filter, &bar, done + letters).await?;
        }
        done += letters;
        bar.set_position(done);
        if left == 0 || letters == 0 || is_stuck {
            break left;
        }
    };
    bar.finish_and_clear();
    if common.json {
        print::json(&json!({"letters": done, "left": left}));
        return Ok(());
    }
    print::line(&format!("{done} letters, {left} left"));
    Ok(())
}

async fn until_gone_out(api: &Api, filter: &Filter, bar: &ProgressBar, chosen: u64) -> anyhow::Result<()> {
    loop {
        let query = filter.query(Some("replaying"), usize::try_from(AT_ONCE)?, "");
        let page = api.get_patiently(&format!("{PATH}?{query}")).await?;
        let waiting = page.get("items").and_then(Value::as_array).map_or(0, Vec::len);
        if waiting == 0 {
            return Ok(());
        }
        bar.set_position(chosen.saturating_sub(u64::try_from(waiting)?));
        tokio::time::sleep(LOOK).await;
    }
}

fn ask(question: &str) -> anyhow::Result<()> {
    ensure!(std::io::stdin().is_terminal(), "nobody is there to be asked; give --yes to go on without");
    let mut terminal = std::io::stderr();
    write!(terminal, "{question} [y/N] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        bail!("nothing was changed");
    }
    Ok(())
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}
