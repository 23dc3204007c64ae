//! What the fleet stands on: databases, bus, cache, and the proxy before it.

use serde_json::{Value, json};

use super::{
    container::Container,
    fleet::{KEYS, KEYS_VOLUME},
};

/// What the servers keep.
pub(super) const VOLUMES: [&str; 6] = ["postgres", "nats", "keys", "prometheus", "grafana", "objects"];
/// The accounts that the images of PostgreSQL and Redis have made for them.
const THEIR_USER: &str = "999:999";

/// Databases, bus and cache.
pub(super) fn stores() -> Vec<(String, Value)> {
    vec![postgres(), nats(), redis()]
}

fn postgres() -> (String, Value) {
    let secret = |name: &str| format!("${{WEFT_{name}_PASSWORD:?see deploy/compose.env.example}}");
    Container::new("postgres:17-bookworm", THEIR_USER)
        .with("command", json!(["postgres", "-c", "max_connections=300"]))
        .with(
            "environment",
            json!({
                "POSTGRES_DB": "weft",
                "POSTGRES_PASSWORD": secret("POSTGRES"),
                "OWNER_PASSWORD": secret("OWNER"),
                "SERVICE_PASSWORD": secret("SERVICE"),
                "SYSTEM_PASSWORD": secret("SYSTEM"),
            }),
        )
        .with(
            "volumes",
            json!([
                "postgres:/var/lib/postgresql/data",
                "./deploy/compose/postgres-roles.sh:/docker-entrypoint-initdb.d/roles.sh:ro",
            ]),
        )
        .with("tmpfs", json!(["/tmp", "/var/run/postgresql:uid=999,gid=999,mode=0775"]))
        .with("shm_size", json!("256m"))
        .with("stop_grace_period", json!("60s"))
        // Over TCP: while roles are made the server answers on its socket alone.
        .healthy_if(&["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "weft_service", "-d", "weft"])
        .named("postgres")
}

fn nats() -> (String, Value) {
    Container::new("nats:2.12-alpine", "0:0")
        .with("command", json!(["-c", "/keys/nats/nats.conf"]))
        .with("volumes", json!(["nats:/data", format!("{KEYS_VOLUME}:ro")]))
        .after(&[(KEYS, "service_completed_successfully")])
        .healthy_if(&["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8222/healthz"])
        .named("nats")
}

fn redis() -> (String, Value) {
    let password = "${WEFT_REDIS_PASSWORD:?see deploy/compose.env.example}";
    // Nothing in it is worth keeping.
    Container::new("redis:7-bookworm", THEIR_USER)
        .with(
            "command",
            json!(["redis-server", "--save", "", "--appendonly", "no", "--requirepass", password]),
        )
        .with("environment", json!({"REDISCLI_AUTH": password}))
        .with("tmpfs", json!(["/data:uid=999,gid=999"]))
        .healthy_if(&["CMD", "redis-cli", "ping"])
        .named("redis")
}

/// What people and providers reach.
pub(super) fn edge() -> (String, Value) {
    Container::new("caddy:2.10-alpine", "65532:65532")
        // Its program asks for this one by itself and does not start without.
        .with("cap_add", json!(["NET_BIND_SERVICE"]))
        .with("volumes", json!(["./deploy/compose/edge.Caddyfile:/etc/caddy/Caddyfile:ro"]))
        .with("tmpfs", json!(["/config:uid=65532,gid=65532", "/data:uid=65532,gid=65532"]))
        .with("ports", json!(["${WEFT_PORT:-8080}:8080"]))
        .after(&[("gateway", "service_healthy")])
        .healthy_if(&["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/openapi.json"])
        .open()
        .named("edge")
}

/// A store that speaks S3, for who asks for it.
pub(super) fn object_store() -> (String, Value) {
    Container::new("chrislusf/seaweedfs:3.97", "0:0")
        .with("profiles", json!(["s3"]))
        .with("entrypoint", json!(["weed"]))
        .with("command", json!(["server", "-dir=/objects", "-s3", "-ip.bind=0.0.0.0"]))
        .with("volumes", json!(["objects:/objects"]))
        .with("tmpfs", json!(["/tmp"]))
        .named("objects")
}
