//! What docker compose and Kubernetes are told alike.

mod file;
mod stopping;

use weft_bus::ConsumerSpec;

pub use file::{File, write_all};
pub(crate) use file::{configuration, documents, set};
pub use stopping::Stopping;

use crate::{
    Settings,
    roster::{self, Entry},
};

/// Where a process answers people, providers and files.
pub const HTTP_PORT: u16 = 8080;
/// Where it answers other services.
pub const RPC_PORT: u16 = 9000;
/// Where its probes and metrics are.
pub const ADMIN_PORT: u16 = 9090;
/// Who runs it in the image: nobody's account.
pub const USER: u32 = 65532;
/// Its data folder.
pub const DATA: &str = "/data";
/// What a data folder may hold that is not kept.
pub(crate) const SCRATCH_MIB: u32 = 64;
/// The image, built from `deploy/Dockerfile`.
pub const IMAGE: &str = "weft";
/// Its tag.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The job that brings databases and bus up to date.
pub const MIGRATE: &str = crate::nats::MIGRATE;

/// Variables of a process, in the order in which they are written.
pub type Variables = Vec<(String, String)>;

/// Who calls this service over gRPC.
pub fn callers(service: &str) -> impl Iterator<Item = &'static Entry> {
    roster::ENTRIES.iter().filter(move |entry| entry.place.calls.contains(&service))
}

/// Whether other services call this one.
pub fn is_called(service: &str) -> bool {
    callers(service).next().is_some()
}

/// Whether this one answers people or providers.
pub fn is_open(entry: &Entry) -> bool {
    !entry.place.outside.is_empty()
}

/// The consumers whose work replicas divide, part by part; further ones would stand by (ADR 6).
pub fn divided(entry: &Entry, settings: &Settings) -> Vec<ConsumerSpec> {
    let all = (entry.consumers)(settings);
    all.iter().map(ConsumerSpec::split).filter(|parts| parts.len() > 1).flatten().collect()
}

/// Where a process listens and keeps its data: the same everywhere.
pub(crate) fn process_variables() -> Variables {
    let http = format!("0.0.0.0:{HTTP_PORT}");
    pairs([
        ("WEFT_DATA__FOLDER", DATA),
        ("WEFT_LOG__FORMAT", "json"),
        ("WEFT_GATEWAY__LISTEN", &http),
        ("WEFT_RUN__LISTEN", &http),
        ("WEFT_RUN__ADMIN_LISTEN", &format!("0.0.0.0:{ADMIN_PORT}")),
    ])
}

/// Where these services are.
pub(crate) fn peer_variables<'a>(services: impl Iterator<Item = &'a str>, scheme: &str) -> Variables {
    services
        .map(|service| {
            let name = format!("WEFT_PEERS__{}", service.to_uppercase().replace('-', "_"));
            (name, format!("{scheme}://{service}:{RPC_PORT}"))
        })
        .collect()
}

/// The services that others call.
pub fn called() -> impl Iterator<Item = &'static str> {
    roster::ENTRIES.iter().map(|entry| entry.name).filter(|service| is_called(service))
}

/// Where it answers other services, if any call it.
pub(crate) fn rpc_variables(service: &str) -> Variables {
    if is_called(service) {
        pairs([("WEFT_RUN__RPC_LISTEN", &format!("0.0.0.0:{RPC_PORT}"))])
    } else {
        Vec::new()
    }
}

pub(crate) fn pairs<const N: usize>(variables: [(&str, &str); N]) -> Variables {
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}
