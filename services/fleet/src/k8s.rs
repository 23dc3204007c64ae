//! Kubernetes manifests, from the roster: a kustomize base, and overlays for hardly anybody and for many.

mod data;
mod network;
mod overlay;
mod pod;
mod scaling;
mod workload;

use serde_json::{Value, json};

use crate::{
    Settings,
    deployment::{self, File, Stopping, configuration, documents, pairs},
    roster,
};

const HEAD: &str =
    "# Written by `weft emit k8s` from the roster: change it there, or in an overlay of your own.\n";
/// What is called in other namespaces, and the label that says which those are.
const BUS: &str = "nats://nats.weft-data:4222";
const BUS_MONITOR: &str = "nats.weft-data:8222";
/// Variables of all processes.
const CONFIGURATION: &str = "weft";

/// Everything below `k8s/`.
pub fn files(settings: &Settings) -> anyhow::Result<Vec<File>> {
    let mut files = vec![
        configuration("base/kustomization.yaml", HEAD, &base())?,
        documents("base/namespace.yaml", HEAD, &[namespace()])?,
        documents("base/network.yaml", HEAD, &network::policies())?,
        documents("base/ingress.yaml", HEAD, &[network::ingress()])?,
        documents("base/migrate.yaml", HEAD, &workload::migration())?,
    ];
    for entry in roster::ENTRIES {
        files.push(documents(&format!("base/{}.yaml", entry.name), HEAD, &workload::service(entry))?);
    }
    files.extend(overlay::small()?);
    files.extend(overlay::production(settings)?);
    Ok(files)
}

fn base() -> Value {
    let services = roster::ENTRIES.iter().map(|entry| format!("{}.yaml", entry.name));
    let fixed = ["namespace.yaml", "network.yaml", "ingress.yaml", "migrate.yaml"].map(str::to_owned);
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "weft",
        "resources": fixed.into_iter().chain(services).collect::<Vec<_>>(),
        "configMapGenerator": [{"name": CONFIGURATION, "literals": literals(&variables())}],
    })
}

/// What all processes are told; an overlay changes it with `behavior: merge`.
fn variables() -> deployment::Variables {
    let mut variables = deployment::process_variables();
    variables.extend(deployment::peer_variables(deployment::called(), "http"));
    variables.extend(pairs([
        ("WEFT_BUS__URL", BUS),
        ("WEFT_BUS__NKEY_FILE", &format!("{}/seed", pod::SEED_FOLDER)),
        ("WEFT_GATEWAY__PUBLIC_URL", "https://weft.example.org"),
        ("WEFT_GATEWAY__TRUSTED_PROXIES", "1"),
        ("WEFT_GATEWAY__LIVE__GOODBYE_SPREAD_MS", "15000"),
        ("WEFT_RUN__PRE_STOP_SECS", &Stopping::CLUSTER.pre_stop.as_secs().to_string()),
    ]));
    variables
}

fn literals(variables: &deployment::Variables) -> Vec<String> {
    variables.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

fn namespace() -> Value {
    let levels = ["enforce", "audit", "warn"];
    let labels = levels.map(|level| (format!("pod-security.kubernetes.io/{level}"), json!("restricted")));
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "weft", "labels": serde_json::Map::from_iter(labels)},
    })
}

/// Who it is, for selectors.
fn labels(name: &str) -> Value {
    json!({"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "weft"})
}
