mod channels;
mod compose;
mod events;
mod k8s;
mod nats;

use clap::Subcommand;

use super::Common;

/// Files for other programs, written from the roster.
#[derive(Debug, Subcommand)]
pub(crate) enum Emit {
    /// The NATS server's configuration: a user per service, and what each may do
    Nats(nats::Nats),
    /// docker compose: the fleet on one machine, with the servers it needs
    Compose(compose::Compose),
    /// Kubernetes: a kustomize base and its overlays
    K8s(k8s::K8s),
    /// What other systems can follow: docs/events.md and an AsyncAPI document
    Events(events::Events),
    /// What each channel can do: docs/channels/README.md
    Channels(channels::Channels),
}

pub(crate) fn run(common: &Common, emit: Emit) -> anyhow::Result<()> {
    match emit {
        Emit::Nats(nats) => nats::run(common, &nats),
        Emit::Compose(compose) => compose::run(&compose),
        Emit::K8s(k8s) => k8s::run(common, &k8s),
        Emit::Events(events) => events::run(&events),
        Emit::Channels(channels) => channels::run(&channels),
    }
}
