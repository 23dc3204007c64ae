//! `make load`: the figures of a fleet of processes on real servers, with a ledger of everything that was accepted.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark speaks to its terminal")]

use anyhow::{Result, ensure};
use weft_tests_fleet::ClusterOptions;
use weft_tests_load::{Options, Rig, sections};

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::args().len() > 1 {
        println!("{}", include_str!("../../README.md"));
        return Ok(());
    }
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let options = Options::from_environment()?;
    let replicas = std::env::var("FLEET_REPLICAS").unwrap_or_default();
    let mut rig = Rig::start(options.clone(), ClusterOptions::usual().with_replicas(&replicas)?).await?;
    for name in options.only {
        println!("{name}");
        sections::run(name, &mut rig).await?;
    }
    let kept = rig.check().await;
    println!("LEDGER {kept}");
    if let Some(cluster) = rig.cluster.take() {
        cluster.stop().await?;
    }
    ensure!(kept.is_whole(), "what was accepted is not all there once and in order");
    Ok(())
}
