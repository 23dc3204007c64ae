//! Our own containers: one image, a container per service, and two that run once before them.

use serde_json::{Map, Value, json};

use super::container::Container;
use crate::{
    deployment::{self, MIGRATE, Stopping, Variables, pairs},
    roster::{self, Entry},
};

/// Makes the NATS users' keys, once, and writes the server's configuration anew at every start.
pub(super) const KEYS: &str = "keys";
/// The volume with both.
pub(super) const KEYS_VOLUME: &str = "keys:/keys";
const DONE: &str = "service_completed_successfully";
const HEALTHY: &str = "service_healthy";

/// What runs before the services: keys for the bus, then databases and streams.
pub(super) fn one_shots() -> Vec<(String, Value)> {
    let once =
        |command: Value| ours(command).with("restart", json!("on-failure:5")).with("tmpfs", json!(["/tmp"]));
    let keys = once(json!(["emit", "nats", "--plain", "--out", "/keys/nats", "--keys", "/keys/seeds"]))
        .with("network_mode", json!("none"))
        .with("volumes", json!([KEYS_VOLUME]))
        .named(KEYS);
    let migrate = once(json!(["migrate"]))
        .with("environment", object(migration_variables()))
        .with("volumes", json!([format!("{KEYS_VOLUME}:ro")]))
        .after(&[("postgres", HEALTHY), ("nats", HEALTHY)])
        .named(MIGRATE);
    vec![without_networks(keys), migrate]
}

/// A container per service.
pub(super) fn services() -> Vec<(String, Value)> {
    roster::ENTRIES.iter().map(service).collect()
}

/// Data folders that outlive their processes.
pub(super) fn volumes() -> impl Iterator<Item = String> {
    roster::ENTRIES.iter().filter(|entry| entry.place.keeps.is_some()).map(volume)
}

fn service(entry: &Entry) -> (String, Value) {
    let keys = format!("{KEYS_VOLUME}:ro");
    let mut container = ours(json!(["run", entry.name]))
        .with("environment", object(variables(entry)))
        .healthy_if(&["CMD", "/weft", "ready"])
        .with("stop_grace_period", json!(format!("{}s", Stopping::CLUSTER.killed.as_secs())))
        .with("mem_limit", json!(format!("{}m", entry.place.size.busy().memory_limit_mib)));
    container = match entry.place.keeps {
        Some(_) => {
            container.with("volumes", json!([keys, format!("{}:{}", volume(entry), deployment::DATA)]))
        }
        None => container.with("volumes", json!([keys])),
    };
    container = container.with("tmpfs", scratch(entry));
    let mut before = vec![(MIGRATE, DONE)];
    if entry.place.caches {
        before.push(("redis", HEALTHY));
    }
    // The others wait for it by themselves; this spares the log their complaints.
    before.extend(
        entry.place.calls.iter().filter(|called| **called == "directory").map(|called| (*called, HEALTHY)),
    );
    container = container.after(&before);
    if entry.place.internet {
        container = container.open();
    }
    container.named(entry.name)
}

fn ours(command: Value) -> Container {
    let user = format!("{0}:{0}", deployment::USER);
    let image = format!("{}:${{WEFT_VERSION:-{}}}", deployment::IMAGE, deployment::VERSION);
    Container::new(&image, &user)
        .with("build", json!({"context": ".", "dockerfile": "deploy/Dockerfile"}))
        .with("command", command)
}

fn volume(entry: &Entry) -> String {
    format!("{}-data", entry.name)
}

fn scratch(entry: &Entry) -> Value {
    let room = |folder: &str| {
        format!("{folder}:uid={0},gid={0},mode=0700,size={1}m", deployment::USER, deployment::SCRATCH_MIB)
    };
    match entry.place.keeps {
        Some(_) => json!([room("/tmp")]),
        None => json!([room("/tmp"), room(deployment::DATA)]),
    }
}

fn variables(entry: &Entry) -> Variables {
    let mut all = bus(entry.name);
    all.extend(deployment::process_variables());
    all.extend(deployment::rpc_variables(entry.name));
    all.extend(deployment::peer_variables(entry.place.calls.iter().copied(), "http"));
    all.extend(pairs([
        ("WEFT_AUTH__FLEET_SECRET", "${WEFT_FLEET_SECRET:?see deploy/compose.env.example}"),
        ("WEFT_GATEWAY__PUBLIC_URL", "${WEFT_PUBLIC_URL:-http://localhost:8080}"),
        ("WEFT_GATEWAY__TRUSTED_PROXIES", "1"),
        ("WEFT_LOG__OTLP", "http://collector:4317"),
    ]));
    if entry.migrate.is_some() {
        all.extend(database());
    }
    if entry.place.caches {
        all.extend(pairs([(
            "WEFT_CACHE__URL",
            "redis://:${WEFT_REDIS_PASSWORD:?see deploy/compose.env.example}@redis:6379",
        )]));
    }
    all
}

fn migration_variables() -> Variables {
    let mut all = bus(MIGRATE);
    all.extend(pairs([
        ("WEFT_DATA__FOLDER", "/tmp"),
        ("WEFT_LOG__FORMAT", "json"),
        ("WEFT_AUTH__FLEET_SECRET", "${WEFT_FLEET_SECRET:?see deploy/compose.env.example}"),
    ]));
    all.extend(database());
    all.extend(pairs([("WEFT_STORE__OWNER_URL", &url("owner", "OWNER"))]));
    all
}

fn bus(user: &str) -> Variables {
    pairs([
        ("WEFT_BUS__URL", "nats://nats:4222"),
        ("WEFT_BUS__NKEY_FILE", &format!("/keys/seeds/{user}.{}", crate::nats::SEED_EXTENSION)),
    ])
}

fn database() -> Variables {
    pairs([
        ("WEFT_AUTH__KEY_ENCRYPTION_KEY", "${WEFT_KEY_ENCRYPTION_KEY:?see deploy/compose.env.example}"),
        ("WEFT_STORE__URL", &url("service", "SERVICE")),
        ("WEFT_STORE__SYSTEM_URL", &url("system", "SYSTEM")),
    ])
}

fn url(role: &str, variable: &str) -> String {
    format!(
        "postgres://weft_{role}:${{WEFT_{variable}_PASSWORD:?see deploy/compose.env.example}}@postgres:5432/weft"
    )
}

fn object(variables: Variables) -> Value {
    Value::Object(
        variables.into_iter().map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>(),
    )
}

fn without_networks((name, mut container): (String, Value)) -> (String, Value) {
    if let Some(fields) = container.as_object_mut() {
        fields.shift_remove("networks");
    }
    (name, container)
}
