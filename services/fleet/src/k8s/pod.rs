//! What every pod has in common.

use serde_json::{Value, json};

use super::{CONFIGURATION, labels};
use crate::{
    deployment::{self, Stopping, Variables},
    place::Resources,
    roster::Entry,
};

/// Where the seed of its NATS key is.
pub(super) const SEED_FOLDER: &str = "/run/secrets/bus";
/// Group and owner may read: the group is the pod's.
pub(super) const READABLE: u32 = 0o440;

/// A pod's only container, and what differs between pods.
pub(super) struct Pod<'a> {
    pub(super) name: &'a str,
    pub(super) args: Vec<&'a str>,
    pub(super) variables: Variables,
    /// A variable each, the Secret and the key in it.
    pub(super) secrets: Vec<[&'static str; 3]>,
    pub(super) claim: Option<String>,
    pub(super) resources: Resources,
}

impl Pod<'_> {
    /// Its specification; a service's container has ports, probes and a way to stop besides.
    pub(super) fn spec(&self, served: Option<&Entry>) -> Value {
        let mut container = json!({
            "name": self.name,
            "image": format!("{}:{}", deployment::IMAGE, deployment::VERSION),
            "args": self.args,
            "envFrom": [{"configMapRef": {"name": CONFIGURATION}}],
            "env": self.environment(),
        });
        if let Some(entry) = served {
            serve(&mut container, entry);
        }
        deployment::set(&mut container, "resources", resources(self.resources));
        deployment::set(
            &mut container,
            "securityContext",
            json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            }),
        );
        deployment::set(
            &mut container,
            "volumeMounts",
            json!([
                {"name": "data", "mountPath": deployment::DATA},
                {"name": "tmp", "mountPath": "/tmp"},
                {"name": "bus", "mountPath": SEED_FOLDER, "readOnly": true},
            ]),
        );
        json!({
            "serviceAccountName": self.name,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": Stopping::CLUSTER.killed.as_secs(),
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": deployment::USER,
                "runAsGroup": deployment::USER,
                "fsGroup": deployment::USER,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": [
                self.data(),
                scratch("tmp"),
                {"name": "bus", "secret": {"secretName": format!("bus-{}", self.name), "defaultMode": READABLE}},
            ],
        })
    }

    fn environment(&self) -> Vec<Value> {
        let plain = self.variables.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let secret = self.secrets.iter().map(|[name, secret, key]| {
            json!({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}})
        });
        plain.chain(secret).collect()
    }

    fn data(&self) -> Value {
        match &self.claim {
            Some(claim) => json!({"name": "data", "persistentVolumeClaim": {"claimName": claim}}),
            None => scratch("data"),
        }
    }
}

fn scratch(name: &str) -> Value {
    json!({"name": name, "emptyDir": {"sizeLimit": format!("{}Mi", deployment::SCRATCH_MIB)}})
}

fn serve(container: &mut Value, entry: &Entry) {
    deployment::set(container, "ports", Value::Array(ports(entry)));
    // Liveness looks at nothing outside the process (LD-4), so a server that is away restarts nobody.
    let ask = |path: &str| json!({"path": path, "port": "admin"});
    deployment::set(
        container,
        "startupProbe",
        json!({"httpGet": ask("/healthz"), "periodSeconds": 2, "timeoutSeconds": 2, "failureThreshold": 60}),
    );
    deployment::set(
        container,
        "livenessProbe",
        json!({"httpGet": ask("/healthz"), "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3}),
    );
    deployment::set(
        container,
        "readinessProbe",
        json!({"httpGet": ask("/readyz"), "periodSeconds": 3, "timeoutSeconds": 2, "failureThreshold": 2}),
    );
    // Endpoints forget the pod while it still answers (LD-7).
    let pause = json!({"seconds": Stopping::CLUSTER.pre_stop.as_secs()});
    deployment::set(container, "lifecycle", json!({"preStop": {"sleep": pause}}));
}

fn ports(entry: &Entry) -> Vec<Value> {
    let mut ports = vec![json!({"name": "admin", "containerPort": deployment::ADMIN_PORT})];
    if deployment::is_open(entry) {
        ports.push(json!({"name": "http", "containerPort": deployment::HTTP_PORT}));
    }
    if deployment::is_called(entry.name) {
        ports.push(json!({"name": "rpc", "containerPort": deployment::RPC_PORT}));
    }
    ports
}

/// No limit on processor time: it would only make what is idle anyway unusable.
fn resources(wanted: Resources) -> Value {
    json!({
        "requests": {
            "cpu": format!("{}m", wanted.cpu_millis),
            "memory": format!("{}Mi", wanted.memory_mib),
            "ephemeral-storage": format!("{}Mi", deployment::SCRATCH_MIB),
        },
        "limits": {
            "memory": format!("{}Mi", wanted.memory_limit_mib),
            "ephemeral-storage": format!("{}Mi", 4 * deployment::SCRATCH_MIB),
        },
    })
}

/// A template's metadata and specification.
pub(super) fn template(name: &str, spec: &Value) -> Value {
    json!({"metadata": {"labels": labels(name)}, "spec": spec})
}
