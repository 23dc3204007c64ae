//! What differs: one replica of each and little asked for, or many, watched, with certificates.

use serde_json::{Value, json};

use super::{HEAD, labels, literals, pod::READABLE, scaling};
use crate::{
    Settings,
    deployment::{self, File, MIGRATE, configuration, documents, pairs},
    place::Size,
    roster,
};

const TLS_FOLDER: &str = "/etc/weft/tls";
/// Who signs the fleet's certificates: cert-manager's name for it.
const AUTHORITY: &str = "weft-ca";
const CONTAINER: &str = "/spec/template/spec/containers/0";

/// One replica of each, for few people on one machine; volumes that only one node at a time can have.
pub(super) fn small() -> anyhow::Result<Vec<File>> {
    let little = Size::Service.small();
    let requests = format!("{CONTAINER}/resources/requests");
    let modest = json!([
        {"op": "replace", "path": format!("{requests}/cpu"), "value": format!("{}m", little.cpu_millis)},
        {"op": "replace", "path": format!("{requests}/memory"), "value": format!("{}Mi", little.memory_mib)},
    ]);
    let one_node = json!([{"op": "replace", "path": "/spec/accessModes", "value": ["ReadWriteOnce"]}]);
    let first_down = json!([{"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}]);
    let keeping: Vec<_> =
        roster::ENTRIES.iter().filter(|entry| entry.place.keeps.is_some()).map(|entry| entry.name).collect();
    let patches = [
        ("modest", json!({"kind": "Deployment"}), modest),
        ("one-node", json!({"kind": "PersistentVolumeClaim"}), one_node),
        ("first-down", json!({"kind": "Deployment", "name": keeping.join("|")}), first_down),
    ];
    let mut kustomization = begin(&[]);
    let mut files = Vec::new();
    deployment::set(
        &mut kustomization,
        "patches",
        patches
            .iter()
            .map(|(name, target, _)| json!({"path": format!("{name}.yaml"), "target": target}))
            .collect(),
    );
    files.push(configuration("overlays/small/kustomization.yaml", HEAD, &kustomization)?);
    for (name, _, patch) in &patches {
        files.push(configuration(&format!("overlays/small/{name}.yaml"), HEAD, patch)?);
    }
    Ok(files)
}

/// At least two of each on different nodes, more when there is more to do; TLS everywhere.
pub(super) fn production(settings: &Settings) -> anyhow::Result<Vec<File>> {
    let names: Vec<_> = roster::ENTRIES.iter().map(|entry| entry.name).collect();
    let mut kustomization = begin(&["scaling.yaml", "monitoring.yaml", "certificates.yaml"]);
    let mut variables = deployment::peer_variables(deployment::called(), "https");
    for section in ["BUS", "RPC"] {
        for (part, file) in [("CA", "ca.crt"), ("CERT", "tls.crt"), ("KEY", "tls.key")] {
            variables.push((format!("WEFT_{section}__{part}_FILE"), format!("{TLS_FOLDER}/{file}")));
        }
    }
    variables.extend(pairs([("WEFT_BUS__REPLICAS", "3")]));
    deployment::set(
        &mut kustomization,
        "configMapGenerator",
        json!([{"name": super::CONFIGURATION, "behavior": "merge", "literals": literals(&variables)}]),
    );
    let apart = json!({"path": "apart.yaml", "target": {"kind": "Deployment"}});
    let certified = names.iter().map(|name| ("Deployment", *name)).chain([("Job", MIGRATE)]);
    let certified: Vec<_> = certified
        .map(|(kind, name)| json!({"path": format!("tls/{name}.yaml"), "target": {"kind": kind, "name": name}}))
        .collect();
    deployment::set(&mut kustomization, "patches", [apart].into_iter().chain(certified).collect());

    let scaling: Vec<_> = roster::ENTRIES.iter().map(|entry| scaling::scaler(entry, settings)).collect();
    let everybody = names.iter().copied().chain([MIGRATE]);
    let certificates: Vec<_> = everybody.clone().map(certificate).collect();
    let folder = "overlays/production";
    let mut files = vec![
        configuration(&format!("{folder}/kustomization.yaml"), HEAD, &kustomization)?,
        documents(&format!("{folder}/scaling.yaml"), HEAD, &scaling)?,
        documents(&format!("{folder}/monitoring.yaml"), HEAD, &[monitor()])?,
        documents(&format!("{folder}/certificates.yaml"), HEAD, &certificates)?,
        configuration(&format!("{folder}/apart.yaml"), HEAD, &on_different_nodes())?,
    ];
    for name in everybody {
        files.push(configuration(&format!("{folder}/tls/{name}.yaml"), HEAD, &with_certificate(name))?);
    }
    Ok(files)
}

fn begin(more: &[&str]) -> Value {
    let resources: Vec<_> = ["../../base"].iter().chain(more).collect();
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "weft",
        "resources": resources,
        "images": [{"name": deployment::IMAGE, "newName": deployment::IMAGE, "newTag": deployment::VERSION}],
    })
}

/// The second constraint is the one about nodes.
fn on_different_nodes() -> Value {
    let path = "/spec/template/spec/topologySpreadConstraints/1/whenUnsatisfiable";
    json!([
        {"op": "test", "path": "/spec/template/spec/topologySpreadConstraints/1/topologyKey", "value": "kubernetes.io/hostname"},
        {"op": "replace", "path": path, "value": "DoNotSchedule"},
    ])
}

fn with_certificate(name: &str) -> Value {
    let volume = json!({"name": "tls", "secret": {"secretName": secret(name), "defaultMode": READABLE}});
    let mount = json!({"name": "tls", "mountPath": TLS_FOLDER, "readOnly": true});
    json!([
        {"op": "add", "path": "/spec/template/spec/volumes/-", "value": volume},
        {"op": "add", "path": format!("{CONTAINER}/volumeMounts/-"), "value": mount},
    ])
}

/// A certificate names the service of its process and nothing else.
fn certificate(name: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {
            "secretName": secret(name),
            "dnsNames": [name],
            "usages": ["digital signature", "server auth", "client auth"],
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "issuerRef": {"kind": "Issuer", "name": AUTHORITY},
        },
    })
}

fn secret(name: &str) -> String {
    format!("tls-{name}")
}

/// A pod keeps its name when its process is started anew, so that restarts are seen.
fn monitor() -> Value {
    json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": "weft", "labels": {"app.kubernetes.io/part-of": "weft"}},
        "spec": {
            "selector": {"matchLabels": {"app.kubernetes.io/part-of": "weft"}},
            "podMetricsEndpoints": [{
                "port": "admin",
                "path": "/metrics",
                "interval": "15s",
                "relabelings": [{"sourceLabels": ["__meta_kubernetes_pod_name"], "targetLabel": "instance"}],
            }],
        },
    })
}
