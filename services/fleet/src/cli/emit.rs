mod nats;

use clap::Subcommand;

use super::Common;

/// Files for other programs, written from the roster.
#[derive(Debug, Subcommand)]
pub(crate) enum Emit {
    /// The NATS server's configuration: a user per service, and what each may do
    Nats(nats::Nats),
}

pub(crate) fn run(common: &Common, emit: Emit) -> anyhow::Result<()> {
    match emit {
        Emit::Nats(nats) => nats::run(common, &nats),
    }
}
