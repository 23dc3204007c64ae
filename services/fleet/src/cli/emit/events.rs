use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use weft_fleet::events;

use crate::cli::print;

const EXAMPLES: &str = "Examples:
  weft emit events --out docs    events.md for people, asyncapi.json for programs";

/// The contract of the events, as documents.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Events {
    /// The folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(crate) fn run(emit: &Events) -> anyhow::Result<()> {
    fs::create_dir_all(&emit.out).with_context(|| format!("cannot create {}", emit.out.display()))?;
    let files = events::files()?;
    for (name, text) in &files {
        fs::write(emit.out.join(name), text)?;
    }
    let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    print::line(&format!("{} in {}", names.join(" and "), emit.out.display()));
    Ok(())
}
