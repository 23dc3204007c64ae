//! docker compose: the whole fleet on one machine, with the servers it needs.

mod container;
mod fleet;
mod mounted;
mod servers;
mod watching;

use serde_json::{Map, Value, json};

use crate::deployment::{File, configuration};

const HEAD: &str = "\
# Written by `weft emit compose` from the roster: change it there, or in a docker-compose.override.yml.
# Run it with `docker compose up`, after `cp deploy/compose.env.example .env` and filling that in: docs/DEPLOYMENT.md.
";
/// Reaches nothing outside.
const INSIDE: &str = "inside";
/// For who is reached from outside, and who calls the internet.
const OUTSIDE: &str = "outside";

/// `docker-compose.yml` and what it mounts, below the repository's folder.
pub fn files() -> anyhow::Result<Vec<File>> {
    let project = json!({
        "name": "weft",
        "services": services(),
        "networks": {INSIDE: {"internal": true}, OUTSIDE: {}},
        "volumes": volumes(),
    });
    Ok(vec![
        configuration("docker-compose.yml", HEAD, &project)?,
        mounted::environment(),
        mounted::edge(),
        mounted::roles(),
        mounted::prometheus()?,
    ])
}

fn services() -> Map<String, Value> {
    let parts = [
        servers::stores(),
        fleet::one_shots(),
        fleet::services(),
        vec![servers::edge()],
        watching::all(),
        vec![servers::object_store()],
    ];
    parts.into_iter().flatten().collect()
}

fn volumes() -> Map<String, Value> {
    let names = servers::VOLUMES.into_iter().map(str::to_owned).chain(fleet::volumes());
    names.map(|name| (name, json!({}))).collect()
}
