use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use weft_fleet::channels;

use crate::cli::print;

const EXAMPLES: &str = "Examples:
  weft emit channels --out docs/channels    in the repository's folder";

/// What each channel can do, as a table.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Channels {
    /// The folder to write README.md to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Where the adapters' sources are
    #[arg(long, value_name = "FOLDER", default_value = "services")]
    sources: PathBuf,
}

pub(crate) fn run(emit: &Channels) -> anyhow::Result<()> {
    fs::create_dir_all(&emit.out).with_context(|| format!("cannot create {}", emit.out.display()))?;
    let table = channels::table(&emit.sources)
        .with_context(|| format!("cannot read the adapters' sources in {}", emit.sources.display()))?;
    let path = emit.out.join("README.md");
    fs::write(&path, table).with_context(|| format!("cannot write {}", path.display()))?;
    print::line(&path.display().to_string());
    Ok(())
}
