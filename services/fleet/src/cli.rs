//! The command line.

mod analytics;
mod api;
mod audit;
mod bus;
mod channel;
mod config;
mod dead_letters;
mod demo;
mod emit;
mod migrate;
mod print;
mod ready;
mod run;
mod simulate;
mod tenant;
mod up;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use print::fail;

/// Every channel, one thread: a communication platform in one binary.
#[derive(Debug, Parser)]
#[command(name = "weft", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  weft up --demo                      everything in one process, data in ./data, a tenant to try
  weft simulate telegram              a provider to talk to, connected to the weft that runs here
  weft channel list                   the connected channels
  weft config                         every setting in force and where it comes from
  weft run conversation gateway       only these services in this process

Settings come from weft.toml and from variables like WEFT_GATEWAY__LISTEN=0.0.0.0:8080.";

/// What all commands take.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The configuration file
    #[arg(long, global = true, env = "WEFT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything in this process
    Up(up::Up),
    /// Run some services in this process
    Run(run::Run),
    /// Bring databases and bus up to date
    Migrate,
    /// Ask the process that runs with these settings whether it takes work
    Ready,
    /// Show every setting in force and where it comes from
    Config,
    /// Write files for other programs from the roster
    #[command(subcommand)]
    Emit(emit::Emit),
    /// Manage tenants, on the database itself
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Manage the people who sign in
    #[command(subcommand)]
    User(user::User),
    /// Manage connected channels
    #[command(subcommand)]
    Channel(channel::Channel),
    /// Look after the figures
    #[command(subcommand)]
    Analytics(analytics::Analytics),
    /// Export and verify the audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Look after the event bus
    #[command(subcommand)]
    Bus(bus::Bus),
    /// See, replay and discard what could not be handled
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLetters),
    /// Play a provider, so that everything can be tried without an account
    Simulate(simulate::Simulate),
}

/// Carries out a command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    let common = &cli.common;
    match cli.command {
        Command::Up(up) => up::run(common, up).await,
        Command::Run(some) => run::run(common, some).await,
        Command::Migrate => Box::pin(migrate::run(common)).await,
        Command::Ready => ready::run(common).await,
        Command::Config => config::run(common),
        Command::Emit(emit) => emit::run(common, emit),
        Command::Tenant(tenant) => tenant::run(common, tenant).await,
        Command::User(user) => user::run(common, user).await,
        Command::Channel(channel) => channel::run(common, channel).await,
        Command::Analytics(analytics) => analytics::run(common, analytics).await,
        Command::Audit(audit) => audit::run(common, audit).await,
        Command::Bus(bus) => bus::run(common, bus).await,
        Command::DeadLetters(letters) => dead_letters::run(common, letters).await,
        Command::Simulate(simulate) => simulate::run(common, simulate).await,
    }
}

impl Common {
    /// The settings; `weft.toml` is read when it is there.
    fn settings(&self) -> anyhow::Result<weft_fleet::Settings> {
        let here = PathBuf::from("weft.toml");
        let file = self.config.clone().or_else(|| here.exists().then_some(here));
        Ok(weft_fleet::Settings::load(file.as_deref())?)
    }
}
