//! Nobody speaks to anybody, except along the edges of the fleet (K8-2).

use serde_json::{Value, json};

use super::labels;
use crate::{
    deployment::{self, ADMIN_PORT, HTTP_PORT, MIGRATE, RPC_PORT},
    roster::{self, Entry},
};

const BUS_PORT: u16 = 4222;
const DATABASE_PORT: u16 = 5432;
const CACHE_PORT: u16 = 6379;
const COLLECTOR_PORT: u16 = 4317;
/// Namespaces whose pods come from outside, look after metrics and traces, hold our servers.
const INGRESS: &str = "weft.dev/ingress";
const MONITORING: &str = "weft.dev/monitoring";
const SERVERS: &str = "weft.dev/data";

/// What is not the internet: this host, private networks, clusters, shared and link-local addresses, documentation, groups.
const NOT_INTERNET_4: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// The same; what is outside 2000::/3 is not the internet either, nor are ways back to IPv4 (6to4, Teredo).
const NOT_INTERNET_6: [&str; 3] = ["2001::/32", "2001:db8::/32", "2002::/16"];

/// Nothing at all, names, and what each service does.
pub(super) fn policies() -> Vec<Value> {
    let everybody = json!({});
    let nothing = policy("default-deny", &everybody, Some(&[]), Some(&[]));
    let names = policy("names", &everybody, None, Some(&[to_names()]));
    let services = roster::ENTRIES.iter().map(service);
    [nothing, names].into_iter().chain(services).chain([migration()]).collect()
}

/// Who may come from outside, path by path.
pub(super) fn ingress() -> Value {
    let paths: Vec<_> = roster::ENTRIES
        .iter()
        .flat_map(|entry| entry.place.outside.iter().map(|path| route(entry.name, path)))
        .collect();
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "weft", "labels": {"app.kubernetes.io/part-of": "weft"}},
        "spec": {"tls": [{"secretName": "weft-edge-tls"}], "rules": [{"http": {"paths": paths}}]},
    })
}

fn route(service: &str, path: &str) -> Value {
    let (path, kind) = match path.strip_suffix('/') {
        Some("") => ("/", "Prefix"),
        Some(below) => (below, "Prefix"),
        None => (path, "Exact"),
    };
    let backend = json!({"service": {"name": service, "port": {"name": "http"}}});
    json!({"path": path, "pathType": kind, "backend": backend})
}

fn service(entry: &Entry) -> Value {
    let mut from = vec![json!({"from": [namespace(MONITORING)], "ports": [tcp(ADMIN_PORT)]})];
    if deployment::is_open(entry) {
        from.push(json!({"from": [namespace(INGRESS)], "ports": [tcp(HTTP_PORT)]}));
    }
    from.extend(
        deployment::callers(entry.name)
            .map(|caller| json!({"from": [pods(caller.name)], "ports": [tcp(RPC_PORT)]})),
    );

    let mut to = vec![server(BUS_PORT)];
    if entry.migrate.is_some() {
        to.push(server(DATABASE_PORT));
    }
    if entry.place.caches {
        to.push(server(CACHE_PORT));
    }
    to.push(json!({"to": [namespace(MONITORING)], "ports": [tcp(COLLECTOR_PORT)]}));
    to.extend(entry.place.calls.iter().map(|called| json!({"to": [pods(called)], "ports": [tcp(RPC_PORT)]})));
    if entry.place.internet {
        to.push(internet(entry));
    }
    policy(entry.name, &json!({"matchLabels": labels(entry.name)}), Some(&from), Some(&to))
}

fn migration() -> Value {
    let who = json!({"matchLabels": labels(MIGRATE)});
    policy(MIGRATE, &who, None, Some(&[server(BUS_PORT), server(DATABASE_PORT)]))
}

fn policy(name: &str, who: &Value, from: Option<&[Value]>, to: Option<&[Value]>) -> Value {
    let kinds = [from.map(|_| "Ingress"), to.map(|_| "Egress")];
    let mut spec = json!({"podSelector": who, "policyTypes": kinds.iter().flatten().collect::<Vec<_>>()});
    for (kind, rules) in [("ingress", from), ("egress", to)] {
        if let Some(rules) = rules.filter(|rules| !rules.is_empty()) {
            deployment::set(&mut spec, kind, json!(rules));
        }
    }
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "weft"}},
        "spec": spec,
    })
}

fn server(port: u16) -> Value {
    json!({"to": [namespace(SERVERS)], "ports": [tcp(port)]})
}

fn to_names() -> Value {
    let names = json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    });
    json!({"to": [names], "ports": [{"protocol": "UDP", "port": 53}, tcp(53)]})
}

fn internet(entry: &Entry) -> Value {
    let block = |cidr: &str, except: &[&str]| json!({"ipBlock": {"cidr": cidr, "except": except}});
    let ports: Vec<Value> = std::iter::once(&443).chain(entry.place.ports).map(|port| tcp(*port)).collect();
    json!({"to": [block("0.0.0.0/0", &NOT_INTERNET_4), block("2000::/3", &NOT_INTERNET_6)], "ports": ports})
}

fn namespace(label: &str) -> Value {
    json!({"namespaceSelector": {"matchLabels": {label: "true"}}})
}

fn pods(name: &str) -> Value {
    json!({"podSelector": {"matchLabels": labels(name)}})
}

fn tcp(port: u16) -> Value {
    json!({"protocol": "TCP", "port": port})
}
