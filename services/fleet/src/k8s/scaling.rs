//! How many: by the lag of what replicas divide, else by load; up at once, down slowly (K8-4).

use serde_json::{Value, json};
use weft_bus::ConsumerSpec;

use super::{BUS_MONITOR, labels};
use crate::{Settings, deployment, place::Resources, roster::Entry};

const FEWEST: usize = 2;
const MOST: usize = 10;
/// Events of one part that may wait for each replica.
const LAG: u32 = 100;
const CPU_PERCENT: u32 = 70;

/// Who decides how many replicas a service has.
pub(super) fn scaler(entry: &Entry, settings: &Settings) -> Value {
    let parts = deployment::divided(entry, settings);
    if parts.is_empty() { by_load(entry) } else { by_lag(entry, &parts) }
}

fn by_lag(entry: &Entry, parts: &[ConsumerSpec]) -> Value {
    let mut triggers: Vec<_> = parts.iter().map(trigger).collect();
    triggers.push(json!({
        "type": "cpu", "metricType": "Utilization", "metadata": {"value": CPU_PERCENT.to_string()},
    }));
    json!({
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": entry.name, "labels": labels(entry.name)},
        "spec": {
            "scaleTargetRef": {"name": entry.name},
            "pollingInterval": 5,
            "minReplicaCount": FEWEST,
            // Further ones would stand by: a part has one replica at a time (ADR 6).
            "maxReplicaCount": parts.len().max(FEWEST),
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior()}},
            "triggers": triggers,
        },
    })
}

/// What one part has not handled yet: each is a consumer of its own to the server.
fn trigger(part: &ConsumerSpec) -> Value {
    json!({
        "type": "nats-jetstream",
        "metadata": {
            "natsServerMonitoringEndpoint": BUS_MONITOR,
            "account": "$G",
            "stream": part.stream.name(),
            "consumer": part.name,
            "lagThreshold": LAG.to_string(),
        },
    })
}

/// Memory stands for what waits and who is connected; halfway between what is asked for and the end.
fn by_load(entry: &Entry) -> Value {
    let Resources { memory_mib, memory_limit_mib, .. } = entry.place.size.busy();
    let cpu = json!({"type": "Utilization", "averageUtilization": CPU_PERCENT});
    let memory = json!({"type": "AverageValue", "averageValue": format!("{}Mi", memory_mib.midpoint(memory_limit_mib))});
    let metric = |name: &str, target: &Value| json!({"type": "Resource", "resource": {"name": name, "target": target}});
    json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": entry.name, "labels": labels(entry.name)},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": entry.name},
            "minReplicas": FEWEST,
            "maxReplicas": MOST,
            "metrics": [metric("cpu", &cpu), metric("memory", &memory)],
            "behavior": behavior(),
        },
    })
}

fn behavior() -> Value {
    json!({
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}, {"type": "Pods", "value": 2, "periodSeconds": 15}],
            "selectPolicy": "Max",
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        },
    })
}
