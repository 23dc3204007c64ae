use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use weft_fleet::nats;

use crate::cli::{Common, print};

/// The configuration names keys by variables; `--keys` makes them for one installation.
#[derive(Debug, Args)]
pub(crate) struct Nats {
    /// The folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The folder of the seeds, one file per user; missing ones are made, and `keys.conf` is written beside the rest
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// For a server that only containers of the same machine reach: without TLS
    #[arg(long)]
    plain: bool,
}

pub(crate) fn run(common: &Common, emit: &Nats) -> anyhow::Result<()> {
    let users = nats::users(&common.settings()?);
    fs::create_dir_all(&emit.out).with_context(|| format!("cannot create {}", emit.out.display()))?;
    for (name, mut text) in nats::files(&users) {
        if emit.plain && name == nats::TLS_FILE {
            text = nats::WITHOUT_TLS.to_owned();
        }
        fs::write(emit.out.join(name), text)?;
    }
    if let Some(folder) = &emit.keys {
        fs::write(emit.out.join("keys.conf"), nats::make_keys(&users, folder)?)?;
    }
    print::line(&format!("{} users in {}", users.len(), emit.out.display()));
    Ok(())
}
