use std::path::PathBuf;

use clap::Args;
use weft_fleet::{compose, deployment};

use crate::cli::print;

/// `docker-compose.yml`, and below `deploy/compose` what it mounts.
#[derive(Debug, Args)]
pub(crate) struct Compose {
    /// The folder to write to: the repository's
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(crate) fn run(emit: &Compose) -> anyhow::Result<()> {
    let files = compose::files()?;
    deployment::write_all(&files, &emit.out)?;
    print::line(&format!("{} files in {}", files.len(), emit.out.display()));
    Ok(())
}
