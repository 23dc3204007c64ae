//! Who is given which secret, and what is kept.

use serde_json::{Value, json};

use super::labels;
use crate::{deployment, place::Size, roster::Entry};

const FLEET: [&str; 3] = ["WEFT_AUTH__FLEET_SECRET", "weft-keys", "fleet-secret"];
const DATABASE: [[&str; 3]; 3] = [
    ["WEFT_AUTH__KEY_ENCRYPTION_KEY", "weft-keys", "key-encryption-key"],
    ["WEFT_STORE__URL", "weft-database", "service-url"],
    ["WEFT_STORE__SYSTEM_URL", "weft-database", "system-url"],
];
const OWNER: [&str; 3] = ["WEFT_STORE__OWNER_URL", "weft-database", "owner-url"];
const CACHE: [&str; 3] = ["WEFT_CACHE__URL", "weft-cache", "url"];

/// What a service is told; the key that wraps all others only where there is a database to seal values in.
pub(super) fn secrets(entry: &Entry) -> Vec<[&'static str; 3]> {
    let mut secrets = vec![FLEET];
    if entry.migrate.is_some() {
        secrets.extend(DATABASE);
    }
    if entry.place.caches {
        secrets.push(CACHE);
    }
    secrets
}

/// What the job is told that migrates: it alone owns the tables.
pub(super) fn migration_secrets() -> Vec<[&'static str; 3]> {
    [FLEET].into_iter().chain(DATABASE).chain([OWNER]).collect()
}

/// What the job asks of its machine that migrates.
pub(super) const MIGRATION_SIZE: Size = Size::Service;

pub(super) fn claim_name(entry: &Entry) -> Option<String> {
    entry.place.keeps.map(|_| format!("{}-data", entry.name))
}

/// The volume that its replicas share: files, checkpoints, and the spool, whose files the next process adopts.
pub(super) fn claim(entry: &Entry) -> Option<Value> {
    let size = entry.place.keeps?;
    Some(json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim_name(entry), "labels": labels(entry.name)},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": size}}},
    }))
}

/// The parts of a service that a pod listens with, as its Service names them.
pub(super) fn doors(entry: &Entry) -> Vec<Value> {
    let mut doors = Vec::new();
    if deployment::is_open(entry) {
        doors.push(json!({"name": "http", "port": deployment::HTTP_PORT, "targetPort": "http", "appProtocol": "http"}));
    }
    if deployment::is_called(entry.name) {
        doors.push(json!({
            "name": "rpc", "port": deployment::RPC_PORT, "targetPort": "rpc", "appProtocol": "kubernetes.io/h2c",
        }));
    }
    doors
}
