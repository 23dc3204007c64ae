use std::collections::BTreeSet;

use ipnet::IpNet;
use serde_json::{Value, json};
use weft_fleet::roster;

use crate::{array, named, of_kind, overlay, text};

/// Who calls whom, written by hand: a new edge is a decision. Adapters all call the same two, but for those named here.
const EDGES: &[(&str, &[&str])] = &[
    ("directory", &[]),
    ("media", &["directory"]),
    ("conversation", &["directory", "media"]),
    ("automation", &["conversation", "directory"]),
    ("analytics", &["directory"]),
    ("compliance", &["directory"]),
    ("dead-letters", &["directory"]),
    ("channel-webchat", &["automation", "conversation", "directory", "media"]),
    ("voice", &["conversation", "directory", "media"]),
    (
        "gateway",
        &[
            "analytics",
            "automation",
            "compliance",
            "conversation",
            "dead-letters",
            "directory",
            "media",
            "voice",
        ],
    ),
];
const OF_AN_ADAPTER: &[&str] = &["directory", "media"];
const DATABASES: [&str; 9] = [
    "analytics",
    "automation",
    "channel-email",
    "compliance",
    "conversation",
    "dead-letters",
    "directory",
    "media",
    "voice",
];
/// Ports of the internet besides that of https, by hand as well.
const PORTS: &[(&str, &[u16])] = &[("channel-email", &[143, 465, 587, 993])];
const CACHES: [&str; 3] = ["channel-webchat", "directory", "gateway"];

/// Whoever calls the internet: adapters, and the engines of speech.
fn reaches_out(service: &str) -> bool {
    is_to_a_provider(service) || service == "voice"
}

/// An adapter of somebody else's API: it calls the internet, and paces itself by the cache.
fn is_to_a_provider(service: &str) -> bool {
    service.starts_with("channel-") && service != "channel-webchat"
}

fn edges() -> Vec<(&'static str, &'static [&'static str])> {
    let adapters = roster::ENTRIES.iter().filter(|entry| is_to_a_provider(entry.name));
    EDGES.iter().copied().chain(adapters.map(|entry| (entry.name, OF_AN_ADAPTER))).collect()
}

#[test]
fn nothing_is_allowed_that_no_rule_allows() {
    for manifests in ["small", "production"].map(overlay) {
        let deny = &named(&manifests, "NetworkPolicy", "default-deny")["spec"];
        assert_eq!(*deny, json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}));
        let names: BTreeSet<_> =
            of_kind(&manifests, "NetworkPolicy").iter().map(|one| text(&one["metadata"]["name"])).collect();
        let services = roster::ENTRIES.iter().map(|entry| entry.name);
        let expected: BTreeSet<_> = services.chain(["default-deny", "names", "migrate"]).collect();
        assert_eq!(names, expected);
        let to_names = &named(&manifests, "NetworkPolicy", "names")["spec"];
        assert_eq!(to_names["policyTypes"], json!(["Egress"]));
        let ports: Vec<_> =
            array(&to_names["egress"]).iter().flat_map(|rule| array(&rule["ports"])).collect();
        assert!(ports.iter().all(|port| port["port"] == 53), "{ports:?}");
    }
}

#[test]
fn there_is_a_rule_on_both_sides_for_each_edge_of_the_fleet_and_for_no_other() {
    let manifests = overlay("production");
    let services: BTreeSet<_> = roster::ENTRIES.iter().map(|entry| entry.name).collect();
    let edges = edges();
    let known: BTreeSet<_> = edges.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, services, "write down whom a new service calls");
    for (caller, called) in &edges {
        let to = peers(&manifests, caller, "egress", 9000);
        assert_eq!(to.into_iter().collect::<Vec<_>>(), *called, "{caller} calls");
    }
    for service in services {
        let from = peers(&manifests, service, "ingress", 9000);
        let callers: BTreeSet<_> =
            edges.iter().filter(|(_, called)| called.contains(&service)).map(|(name, _)| *name).collect();
        assert_eq!(
            from.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            callers,
            "{service} is called by"
        );
    }
}

#[test]
fn servers_are_reached_by_who_needs_them_and_people_reach_only_what_is_open() {
    let manifests = overlay("production");
    let outside: BTreeSet<_> =
        array(&named(&manifests, "Ingress", "weft")["spec"]["rules"][0]["http"]["paths"])
            .iter()
            .map(|path| text(&path["backend"]["service"]["name"]))
            .collect();
    for entry in roster::ENTRIES {
        let label = |direction, port| namespaces(&manifests, entry.name, direction, port);
        let name = entry.name;
        assert_eq!(label("egress", 4222), ["weft.dev/data"], "{name}: bus");
        let if_so = |so: bool, label: &str| if so { vec![label.to_owned()] } else { Vec::new() };
        assert_eq!(
            label("egress", 5432),
            if_so(DATABASES.contains(&name), "weft.dev/data"),
            "{name}: database"
        );
        let caches = CACHES.contains(&name) || is_to_a_provider(name);
        assert_eq!(label("egress", 6379), if_so(caches, "weft.dev/data"), "{name}: cache");
        assert_eq!(label("ingress", 9090), ["weft.dev/monitoring"], "{name}: metrics");
        assert_eq!(
            label("ingress", 8080),
            if_so(outside.contains(name), "weft.dev/ingress"),
            "{name}: people"
        );
    }
    assert_eq!(namespaces(&manifests, "migrate", "egress", 5432), ["weft.dev/data"]);
    assert!(named(&manifests, "NetworkPolicy", "migrate")["spec"]["ingress"].is_null());
}

#[test]
fn the_internet_is_neither_a_private_network_nor_the_cluster_nor_the_place_with_the_machines_credentials() {
    let manifests = overlay("production");
    for entry in roster::ENTRIES {
        let policy = &named(&manifests, "NetworkPolicy", entry.name)["spec"];
        let blocks: Vec<_> = array(&policy["egress"])
            .iter()
            .flat_map(|rule| array(&rule["to"]).iter().map(move |to| (rule, to)))
            .filter(|(_, to)| to["ipBlock"].is_object())
            .collect();
        assert_eq!(!blocks.is_empty(), reaches_out(entry.name), "{}", entry.name);
        for (rule, to) in blocks {
            let more = PORTS.iter().find(|(name, _)| *name == entry.name).map_or(&[][..], |(_, ports)| ports);
            let ports: Vec<_> = std::iter::once(&443)
                .chain(more)
                .map(|port| json!({"protocol": "TCP", "port": port}))
                .collect();
            assert_eq!(rule["ports"], json!(ports));
            let network = |value: &Value| text(value).parse::<IpNet>().unwrap();
            let whole = network(&to["ipBlock"]["cidr"]);
            let except: Vec<_> = array(&to["ipBlock"]["except"]).iter().map(network).collect();
            assert!(except.iter().all(|one| whole.contains(one)), "kubernetes refuses an exception outside");
            for inside in [
                "169.254.0.0/16",
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "100.64.0.0/10",
                "127.0.0.0/8",
                "fc00::/7",
                "fe80::/10",
                "::1/128",
                "::ffff:0:0/96",
                "64:ff9b::/96",
                "2002::/16",
            ] {
                let inside: IpNet = inside.parse().unwrap();
                let let_out = whole.contains(&inside) && !except.iter().any(|one| one.contains(&inside));
                assert!(!let_out, "{}: {inside}", entry.name);
            }
        }
    }
}

/// The pods at the other end of a service's rules for this port.
fn peers(manifests: &[Value], service: &str, direction: &str, port: u16) -> BTreeSet<String> {
    ends(manifests, service, direction, port)
        .iter()
        .filter_map(|end| end["podSelector"]["matchLabels"]["app.kubernetes.io/name"].as_str())
        .map(str::to_owned)
        .collect()
}

/// The labels of namespaces at the other end.
fn namespaces(manifests: &[Value], service: &str, direction: &str, port: u16) -> Vec<String> {
    ends(manifests, service, direction, port)
        .iter()
        .filter_map(|end| end["namespaceSelector"]["matchLabels"].as_object())
        .flat_map(|labels| labels.keys().cloned())
        .collect()
}

fn ends<'a>(manifests: &'a [Value], service: &str, direction: &str, port: u16) -> Vec<&'a Value> {
    let policy = &named(manifests, "NetworkPolicy", service)["spec"];
    assert_eq!(policy["podSelector"]["matchLabels"]["app.kubernetes.io/name"], service);
    let side = if direction == "egress" { "to" } else { "from" };
    let rules = array(&policy[direction])
        .iter()
        .filter(|rule| array(&rule["ports"]).iter().any(|one| one["port"] == port));
    rules.flat_map(|rule| array(&rule[side])).collect()
}
