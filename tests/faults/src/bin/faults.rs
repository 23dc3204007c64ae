//! `make faults`: breaks one thing after the other under a fleet at work, and prints what became of it.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "speaks to its terminal, and is told by variables"
)]

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use weft_tests_faults::{Report, Scenario, Scene, agree, all, find};
use weft_tests_fleet::ClusterOptions;

/// So many people, and customers, in the same conversations.
const PEOPLE: usize = 20;
/// Between two things that one of them does.
const PACE: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<ExitCode> {
    if std::env::args().len() > 1 {
        println!("{}", include_str!("../../README.md"));
        return Ok(ExitCode::SUCCESS);
    }
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok().context("TLS is set up once")?;
    if let Some(seconds) = std::env::var("AGREE_SECONDS").ok().filter(|seconds| !seconds.is_empty()) {
        return work_together(Duration::from_secs(seconds.parse()?)).await;
    }
    let seconds = std::env::var("FAULT_SECONDS").ok().map_or(Ok(5), |text| text.parse())?;
    let customers = std::env::var("FAULT_CUSTOMERS").ok().map_or(Ok(40), |text| text.parse())?;
    let mut scenarios = chosen()?;
    scenarios.sort_by_key(|scenario| scenario.stage);
    let mut kept = true;
    for scenarios in scenarios.chunk_by(|one, next| one.stage == next.stage) {
        kept &= play(scenarios, customers, Duration::from_secs(seconds)).await?;
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Twenty people at two gateways, and nothing breaks.
async fn work_together(time: Duration) -> Result<ExitCode> {
    let scene = Scene::start(ClusterOptions::usual(), PEOPLE, Duration::ZERO).await?;
    let agreement = agree(&scene, PEOPLE, (time, u64::MAX), PACE).await?;
    println!("{agreement}");
    agreement.differences.iter().for_each(|difference| println!("  {difference}"));
    scene.cluster.stop().await?;
    Ok(if agreement.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays scenarios one after the other in one fleet; after one that could not be judged, in a new one.
async fn play(scenarios: &[Scenario], customers: usize, after: Duration) -> Result<bool> {
    let mut kept = true;
    let mut remaining = scenarios.iter();
    while let Some(stage) = remaining.as_slice().first().map(|scenario| scenario.stage) {
        let mut scene = Scene::start(stage.options(), customers, after).await?;
        for scenario in remaining.by_ref() {
            let report = scene.endure(scenario).await;
            match &report {
                Ok(report) => println!("{report}"),
                Err(error) => println!("FAULT {} failed: {error:#}", scenario.name),
            }
            kept &= report.as_ref().is_ok_and(Report::is_kept);
            if report.is_err() {
                break;
            }
        }
        scene.cluster.stop().await?;
    }
    Ok(kept)
}

fn chosen() -> Result<Vec<Scenario>> {
    let Some(names) = std::env::var("FAULTS").ok().filter(|names| !names.is_empty()) else {
        return Ok(all());
    };
    let find = |name: &str| {
        let known = || all().into_iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
        find(name.trim()).with_context(|| format!("there is no scenario `{name}`; there are {}", known()))
    };
    names.split(',').map(find).collect()
}
