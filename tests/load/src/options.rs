use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::sections;

/// How a run is made: the variables `LOAD_…`.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long each step lasts.
    pub step: Duration,
    /// The sections to run, in order.
    pub only: Vec<&'static str>,
    /// A running fleet; none: one is started.
    pub target: Option<Target>,
    /// How many messages are stored before lists are read.
    pub messages: usize,
    /// How many sockets are held, one step after the other.
    pub sockets: Vec<usize>,
    /// How many customers write through the provider.
    pub customers: u64,
    /// Where the search for the highest rate begins, per second.
    pub from_rate: u32,
}

/// A fleet that runs elsewhere.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it answers.
    pub base: String,
    /// Where its webhooks of each kind go, if not there: `telegram=http://…,webchat=http://…`.
    pub edges: String,
    /// Who signs in.
    pub email: String,
    /// With what.
    pub password: String,
}

impl Options {
    /// Reads the variables; what is left out is as `make load` says.
    pub fn from_environment() -> Result<Self> {
        let target = variable("LOAD_TARGET").map(|base| Target {
            base: base.trim_end_matches('/').to_owned(),
            edges: variable("LOAD_EDGES").unwrap_or_default(),
            email: variable("LOAD_EMAIL").unwrap_or_else(|| "admin@demo.test".to_owned()),
            password: variable("LOAD_PASSWORD").unwrap_or_default(),
        });
        let names = variable("LOAD_ONLY");
        let sockets = variable("LOAD_SOCKETS").unwrap_or_else(|| "1000,2000".to_owned());
        Ok(Self {
            step: Duration::from_secs(number("LOAD_SECONDS", 10)?),
            only: names.map_or_else(|| Ok(sections::NAMES.to_vec()), |names| sections_of(&names))?,
            target,
            messages: number("LOAD_MESSAGES", 1_000_000)?,
            sockets: sockets
                .split(',')
                .map(|count| count.trim().parse().context("LOAD_SOCKETS is like 1000,2000"))
                .collect::<Result<_>>()?,
            customers: number("LOAD_CUSTOMERS", 2000)?,
            from_rate: number("LOAD_FROM_RATE", 500)?,
        })
    }
}

fn sections_of(names: &str) -> Result<Vec<&'static str>> {
    let asked: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    for name in &asked {
        ensure!(
            sections::NAMES.contains(name),
            "there is no section `{name}`; there are {}",
            sections::NAMES.join(", ")
        );
    }
    Ok(sections::NAMES.iter().copied().filter(|name| asked.contains(name)).collect())
}

fn number<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    variable(name).map_or(Ok(otherwise), |text| {
        text.replace('_', "").parse().with_context(|| format!("{name} is a number"))
    })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
