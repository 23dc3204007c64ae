//! Kinds that Kubernetes learns from others, by what their projects document.

use serde_json::{Value, json};

use crate::overlay;

/// The kinds, with what each may say.
pub(crate) fn schemas() -> [(&'static str, &'static str, Value); 3] {
    [
        ("keda.sh/v1alpha1", "ScaledObject", scaled_object()),
        ("monitoring.coreos.com/v1", "PodMonitor", pod_monitor()),
        ("cert-manager.io/v1", "Certificate", certificate()),
    ]
}

#[test]
fn what_others_define_has_their_shape() {
    let manifests = overlay("production");
    for (version, kind, schema) in schemas() {
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut count = 0;
        for manifest in manifests.iter().filter(|manifest| manifest["kind"] == kind) {
            count += 1;
            assert_eq!(manifest["apiVersion"], version);
            let faults: Vec<_> = validator
                .iter_errors(&manifest["spec"])
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{kind} {}: {faults:?}", manifest["metadata"]["name"]);
        }
        assert!(count > 0, "{kind}");
    }
}

fn closed(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

fn scaled_object() -> Value {
    let lag = json!({
        "natsServerMonitoringEndpoint": {"type": "string", "pattern": "^[a-z.-]+:[0-9]+$"},
        "account": {"type": "string"}, "stream": {"type": "string"}, "consumer": {"type": "string"},
        "lagThreshold": {"type": "string", "pattern": "^[0-9]+$"},
    });
    let lag =
        closed(&["natsServerMonitoringEndpoint", "account", "stream", "consumer", "lagThreshold"], &lag);
    let cpu = closed(&["value"], &json!({"value": {"type": "string", "pattern": "^[0-9]+$"}}));
    let trigger = |kind: &str, metadata: Value, more: Value| {
        let mut fields = json!({"type": {"const": kind}, "metadata": metadata});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        closed(&["type", "metadata"], &fields)
    };
    let triggers = json!([
        trigger("nats-jetstream", lag, json!({})),
        trigger("cpu", cpu, json!({"metricType": {"enum": ["Utilization", "AverageValue"]}})),
    ]);
    let autoscaler = closed(&["behavior"], &json!({"behavior": {"type": "object"}}));
    closed(
        &["scaleTargetRef", "triggers"],
        &json!({
            "scaleTargetRef": closed(&["name"], &json!({"name": {"type": "string"}})),
            "pollingInterval": {"type": "integer"},
            "minReplicaCount": {"type": "integer", "minimum": 0},
            "maxReplicaCount": {"type": "integer", "minimum": 1},
            "advanced": closed(&[], &json!({"horizontalPodAutoscalerConfig": autoscaler})),
            "triggers": {"type": "array", "minItems": 1, "items": {"oneOf": triggers}},
        }),
    )
}

fn pod_monitor() -> Value {
    let relabeling = closed(
        &["sourceLabels"],
        &json!({
            "sourceLabels": {"type": "array", "items": {"type": "string"}}, "targetLabel": {"type": "string"},
        }),
    );
    let endpoint = closed(
        &["port"],
        &json!({
            "port": {"type": "string"}, "path": {"type": "string"},
            "interval": {"type": "string", "pattern": "^[0-9]+s$"},
            "relabelings": {"type": "array", "items": relabeling},
        }),
    );
    closed(
        &["selector", "podMetricsEndpoints"],
        &json!({
            "selector": closed(&["matchLabels"], &json!({"matchLabels": {"type": "object"}})),
            "podMetricsEndpoints": {"type": "array", "minItems": 1, "items": endpoint},
        }),
    )
}

fn certificate() -> Value {
    closed(
        &["secretName", "issuerRef", "dnsNames"],
        &json!({
            "secretName": {"type": "string"},
            "dnsNames": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            "usages": {"type": "array", "items": {"enum": ["digital signature", "server auth", "client auth"]}},
            "privateKey": closed(&[], &json!({
                "algorithm": {"enum": ["RSA", "ECDSA", "Ed25519"]},
                "size": {"type": "integer"},
                "rotationPolicy": {"enum": ["Never", "Always"]},
            })),
            "issuerRef": closed(&["name"], &json!({
                "name": {"type": "string"}, "kind": {"enum": ["Issuer", "ClusterIssuer"]},
            })),
        }),
    )
}
