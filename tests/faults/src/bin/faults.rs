//! `make faults`: breaks one thing after the other under a fleet at work, and prints what became of it.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "speaks to its terminal, and is told by variables"
)]

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use weft_tests_faults::{Scenario, Scene, all, find};
use weft_tests_fleet::ClusterOptions;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok().context("TLS is set up once")?;
    let seconds = std::env::var("FAULT_SECONDS").ok().map_or(Ok(5), |text| text.parse())?;
    let scenarios = chosen()?;
    let mut scene = Scene::start(ClusterOptions::usual(), Duration::from_secs(seconds)).await?;
    let mut kept = true;
    for scenario in &scenarios {
        let report = scene.endure(scenario).await.with_context(|| scenario.name)?;
        println!("{report}");
        kept &= report.is_kept();
    }
    scene.cluster.stop().await?;
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen() -> Result<Vec<Scenario>> {
    let Some(names) = std::env::var("FAULTS").ok().filter(|names| !names.is_empty()) else {
        return Ok(all());
    };
    let find = |name: &str| {
        let known = || all().iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
        find(name.trim()).with_context(|| format!("there is no scenario `{name}`; there are {}", known()))
    };
    names.split(',').map(find).collect()
}
