use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use clap::Args;
use weft_fleet::{Plan, Process, Settings, roster};
use weft_telemetry::{LogFormat, Telemetry};

use super::Common;

/// Some services in this process; the others are reached at `peers`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The services, like `conversation` or `channel-telegram`
    #[arg(required = true)]
    services: Vec<String>,
    /// Bring databases and bus up to date first; otherwise `weft migrate` does
    #[arg(long)]
    migrate: bool,
}

pub(crate) async fn run(common: &Common, run: Run) -> anyhow::Result<()> {
    let mut settings = common.settings()?;
    settings.run.admin_listen.get_or_insert(ADMIN);
    let services = run
        .services
        .iter()
        .map(|name| roster::find(name).map(|entry| entry.name))
        .collect::<Result<Vec<_>, _>>()?;
    let observed = Observed::start(&settings, &services.join("+"))?;
    let process =
        Process::start(settings, Plan { services, migrate: run.migrate }, observed.renderer()).await?;
    observed.serve_until_asked(process).await
}

/// Where probes and metrics of a single service answer, unless it is told otherwise.
pub(crate) const ADMIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);
const TIDY: Duration = Duration::from_secs(5);

/// Logs, traces and metrics of this process.
pub(crate) struct Observed(Telemetry);

impl Observed {
    /// Begins to log, trace and measure.
    pub(crate) fn start(settings: &Settings, service: &str) -> anyhow::Result<Self> {
        let log = &settings.log;
        let telemetry = weft_telemetry::init(&weft_telemetry::Settings {
            service: service.to_owned(),
            log: match log.format.as_str() {
                "json" => LogFormat::Json,
                "text" => LogFormat::Text,
                _ => LogFormat::of_output(),
            },
            filter: log.filter.clone(),
            otlp: log.otlp.clone(),
            otlp_metrics: log.otlp_metrics,
            sample_ratio: log.sample_ratio,
        })?;
        Ok(Self(telemetry))
    }

    /// Answers `/metrics`.
    pub(crate) fn renderer(&self) -> impl Fn() -> String + Clone + Send + Sync + 'static {
        self.0.metrics_renderer()
    }

    /// Runs until a signal or a failure, then stops in order.
    pub(crate) async fn serve_until_asked(self, process: Process) -> anyhow::Result<()> {
        let lifecycle = process.lifecycle().clone();
        lifecycle.own_process()?;
        let asked = lifecycle.until_asked_to_stop();
        tokio::pin!(asked);
        let mut tidy = tokio::time::interval(TIDY);
        let failed = loop {
            tokio::select! {
                failed = &mut asked => break failed,
                // Histograms grow until they are looked at, and nobody may be scraping.
                _ = tidy.tick() => self.0.tidy_metrics(),
            }
        };
        process.stop().await?;
        tokio::task::spawn_blocking(move || self.0.shutdown()).await?;
        anyhow::ensure!(!failed, "a part that everything needs has failed; the log says which");
        Ok(())
    }
}
