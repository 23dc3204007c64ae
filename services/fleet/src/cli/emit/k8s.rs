use std::path::PathBuf;

use clap::Args;
use weft_fleet::{deployment, k8s};

use crate::cli::{Common, print};

/// A kustomize base, and the overlays `small` and `production`.
#[derive(Debug, Args)]
pub(crate) struct K8s {
    /// The folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(crate) fn run(common: &Common, emit: &K8s) -> anyhow::Result<()> {
    let files = k8s::files(&common.settings()?)?;
    deployment::write_all(&files, &emit.out)?;
    print::line(&format!("{} files in {}", files.len(), emit.out.display()));
    Ok(())
}
