use serde_json::{Value, json};

use super::{
    data, labels,
    pod::{Pod, template},
};
use crate::{
    deployment::{self, MIGRATE},
    roster::Entry,
};

/// A service: account, deployment, address, how many may be away at once, and what it keeps.
pub(super) fn service(entry: &Entry) -> Vec<Value> {
    let mut all = vec![account(entry.name), deployment(entry), address(entry), disruption(entry.name)];
    all.extend(data::claim(entry));
    all
}

/// The job that brings databases and bus up to date.
pub(super) fn migration() -> Vec<Value> {
    let pod = Pod {
        name: MIGRATE,
        args: vec!["migrate"],
        variables: Vec::new(),
        secrets: data::migration_secrets(),
        claim: None,
        resources: data::MIGRATION_SIZE.busy(),
    };
    let mut spec = pod.spec(None);
    deployment::set(&mut spec, "restartPolicy", json!("OnFailure"));
    let job = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": MIGRATE, "labels": labels(MIGRATE)},
        "spec": {
            "backoffLimit": 10,
            "activeDeadlineSeconds": 1800,
            // A job cannot be changed, only made anew: it makes room for the next version's.
            "ttlSecondsAfterFinished": 300,
            "template": template(MIGRATE, &spec),
        },
    });
    vec![account(MIGRATE), job]
}

fn account(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "labels": labels(name)},
        "automountServiceAccountToken": false,
    })
}

fn deployment(entry: &Entry) -> Value {
    let pod = Pod {
        name: entry.name,
        args: vec!["run", entry.name],
        variables: deployment::rpc_variables(entry.name),
        secrets: data::secrets(entry),
        claim: data::claim_name(entry),
        resources: entry.place.size.busy(),
    };
    let mut spec = pod.spec(Some(entry));
    let spread = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];
    deployment::set(
        &mut spec,
        "topologySpreadConstraints",
        Value::Array(spread.map(|key| spread_over(entry.name, key)).to_vec()),
    );
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": entry.name, "labels": labels(entry.name)},
        // How many is for the overlays to say, and then for whoever scales.
        "spec": {
            "revisionHistoryLimit": 3,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {"matchLabels": labels(entry.name)},
            "template": template(entry.name, &spec),
        },
    })
}

fn spread_over(name: &str, key: &str) -> Value {
    json!({
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels(name)},
        "matchLabelKeys": ["pod-template-hash"],
    })
}

fn address(entry: &Entry) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": entry.name, "labels": labels(entry.name)},
        "spec": {"selector": labels(entry.name), "ports": data::doors(entry)},
    })
}

fn disruption(name: &str) -> Value {
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": labels(name)},
        },
    })
}
