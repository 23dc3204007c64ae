//! What each process is told is a configuration that it takes, and the ports, names and paths in it are those of the others.

use std::collections::BTreeMap;

use serde_json::Value;
use weft_fleet::{Settings, roster};

use crate::{array, named, of_kind, overlay, text};

type Variables = BTreeMap<String, String>;

const OVERLAYS: [&str; 2] = ["small", "production"];

#[test]
fn every_process_takes_what_it_is_told_and_keeps_nothing_to_itself_that_replicas_share() {
    for manifests in OVERLAYS.map(overlay) {
        for entry in roster::ENTRIES {
            let variables = of_pod(&manifests, "Deployment", entry.name);
            let has = |name: &str| variables.contains_key(name);
            assert_eq!(has("WEFT_STORE__URL"), entry.migrate.is_some(), "{}", entry.name);
            assert_eq!(has("WEFT_STORE__SYSTEM_URL"), entry.migrate.is_some(), "{}", entry.name);
            assert_eq!(has("WEFT_AUTH__KEY_ENCRYPTION_KEY"), entry.migrate.is_some(), "{}", entry.name);
            assert_eq!(has("WEFT_CACHE__URL"), entry.place.caches, "{}", entry.name);
            assert!(has("WEFT_AUTH__FLEET_SECRET") && !has("WEFT_STORE__OWNER_URL"), "{}", entry.name);
            let settings = Settings::from_parts("", variables.into_iter().collect()).unwrap();
            assert!(!settings.is_embedded(), "{}", entry.name);
            assert_eq!(settings.data.folder.as_os_str(), "/data");
        }
        let job = of_pod(&manifests, "Job", "migrate");
        assert!(job.contains_key("WEFT_STORE__OWNER_URL"));
        Settings::from_parts("", job.into_iter().collect()).unwrap();
    }
}

#[test]
fn addresses_of_others_are_those_of_services_whose_pods_listen_there() {
    for (overlay_name, scheme) in [("small", "http"), ("production", "https")] {
        let manifests = overlay(overlay_name);
        let told = of_pod(&manifests, "Deployment", "gateway");
        for entry in roster::ENTRIES {
            for called in entry.place.calls {
                let key = format!("WEFT_PEERS__{}", called.to_uppercase().replace('-', "_"));
                assert_eq!(told[&key], format!("{scheme}://{called}:9000"));
            }
        }
        for entry in roster::ENTRIES {
            let variables = of_pod(&manifests, "Deployment", entry.name);
            let listens = |name: &str| {
                variables.get(name).and_then(|at| at.strip_prefix("0.0.0.0:")).map(str::to_owned)
            };
            let http = if entry.name == "gateway" { "WEFT_GATEWAY__LISTEN" } else { "WEFT_RUN__LISTEN" };
            let ports = BTreeMap::from([
                ("http", listens(http)),
                ("rpc", listens("WEFT_RUN__RPC_LISTEN")),
                ("admin", listens("WEFT_RUN__ADMIN_LISTEN")),
            ]);
            let pod = &named(&manifests, "Deployment", entry.name)["spec"]["template"];
            let offered: BTreeMap<_, _> = array(&pod["spec"]["containers"][0]["ports"])
                .iter()
                .map(|port| (text(&port["name"]), port["containerPort"].to_string()))
                .collect();
            for (name, port) in &offered {
                assert_eq!(ports[name].as_ref(), Some(port), "{}: {name}", entry.name);
            }
            let service = named(&manifests, "Service", entry.name);
            assert_eq!(service["spec"]["selector"], pod["metadata"]["labels"]);
            assert!(
                !array(&service["spec"]["ports"]).is_empty(),
                "{} has an address for nothing",
                entry.name
            );
            for door in array(&service["spec"]["ports"]) {
                assert_eq!(offered[text(&door["targetPort"])], door["port"].to_string(), "{}", entry.name);
            }
        }
    }
}

#[test]
fn what_comes_from_outside_goes_to_who_answers_it_and_all_else_to_the_gateway() {
    for manifests in OVERLAYS.map(overlay) {
        let [rule] = array(&named(&manifests, "Ingress", "weft")["spec"]["rules"]) else {
            panic!("one rule")
        };
        let mut paths = Vec::new();
        for path in array(&rule["http"]["paths"]) {
            let backend = &path["backend"]["service"];
            let service = named(&manifests, "Service", text(&backend["name"]));
            let ports = array(&service["spec"]["ports"]);
            assert!(ports.iter().any(|port| port["name"] == backend["port"]["name"]), "{path}");
            paths.push((text(&path["path"]), text(&path["pathType"]), text(&backend["name"])));
        }
        paths.sort_unstable();
        let hooks =
            roster::ENTRIES.iter().filter(|entry| entry.name != "channel-webchat").filter_map(|entry| {
                Some((format!("/hooks/{}", entry.name.strip_prefix("channel-")?), entry.name))
            });
        let hooks: Vec<_> = hooks.collect();
        let mut expected = vec![
            ("/", "Prefix", "gateway"),
            ("/files", "Prefix", "media"),
            ("/v1/files", "Exact", "media"),
            ("/v1/uploads", "Prefix", "media"),
            ("/webchat", "Prefix", "channel-webchat"),
        ];
        expected.extend(hooks.iter().map(|(path, adapter)| (path.as_str(), "Prefix", *adapter)));
        expected.sort_unstable();
        // Where one address serves all accounts of a kind, it leads to the same adapter.
        paths.retain(|(path, kind, to)| *kind != "Exact" || !expected.contains(&(*path, "Prefix", *to)));
        assert_eq!(paths, expected);
    }
}

#[test]
fn every_process_comes_to_the_bus_with_its_own_key() {
    for manifests in OVERLAYS.map(overlay) {
        for (kind, name) in of_kind(&manifests, "Deployment")
            .into_iter()
            .chain(of_kind(&manifests, "Job"))
            .map(|one| (text(&one["kind"]), text(&one["metadata"]["name"])))
        {
            let pod = &named(&manifests, kind, name)["spec"]["template"]["spec"];
            let file = &of_pod(&manifests, kind, name)["WEFT_BUS__NKEY_FILE"];
            let mount = array(&pod["containers"][0]["volumeMounts"])
                .iter()
                .find(|mount| mount["name"] == "bus")
                .unwrap();
            assert_eq!(*file, format!("{}/seed", text(&mount["mountPath"])));
            let volume = array(&pod["volumes"]).iter().find(|volume| volume["name"] == "bus").unwrap();
            assert_eq!(volume["secret"]["secretName"], format!("bus-{name}"));
        }
    }
}

/// A pod's variables; what is secret is long enough for anything.
fn of_pod(manifests: &[Value], kind: &str, name: &str) -> Variables {
    let container = &named(manifests, kind, name)["spec"]["template"]["spec"]["containers"][0];
    let mut variables = Variables::new();
    for from in array(&container["envFrom"]) {
        let map = named(manifests, "ConfigMap", text(&from["configMapRef"]["name"]));
        let pairs = map["data"].as_object().unwrap();
        variables.extend(pairs.iter().map(|(name, value)| (name.clone(), text(value).to_owned())));
    }
    for one in array(&container["env"]) {
        let value = one["value"].as_str().map_or_else(|| "s".repeat(48), str::to_owned);
        variables.insert(text(&one["name"]).to_owned(), value);
    }
    variables
}
