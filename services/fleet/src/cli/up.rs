use clap::Args;
use weft_fleet::{Plan, Process};

use super::{Common, demo, run::Observed};

/// Everything in one process. Without configuration: SQLite, the embedded bus and files under ./data.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Make a tenant to try: `demo`, with admin@demo.test and a web chat channel
    #[arg(long)]
    demo: bool,
}

pub(crate) async fn run(common: &Common, up: Up) -> anyhow::Result<()> {
    let settings = common.settings()?;
    let observed = Observed::start(&settings, "weft")?;
    let process = Process::start(settings.clone(), Plan::everything(), observed.renderer()).await?;
    let greeting = if up.demo { Some(demo::prepare(&settings, &process).await?) } else { None };
    demo::greet(common, &process, greeting.as_ref());
    observed.serve_until_asked(process).await
}
