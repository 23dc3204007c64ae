use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use weft_fleet::{Settings, nats, roster};
use weft_tests_deployment::{documents, root};

use crate::{array, text};

fn project() -> Value {
    let [project] = documents(&root().join("docker-compose.yml")).unwrap().try_into().unwrap();
    project
}

#[test]
fn every_service_has_a_container_after_one_job_that_migrates() {
    let project = project();
    for entry in roster::ENTRIES {
        let container = &project["services"][entry.name];
        assert_eq!(container["command"], json!(["run", entry.name]));
        assert_eq!(container["depends_on"]["migrate"]["condition"], "service_completed_successfully");
        assert_eq!(container["healthcheck"]["test"], json!(["CMD", "/weft", "ready"]));
        assert_eq!(container["stop_grace_period"], "45s");
        let outside = array(&container["networks"]).contains(&json!("outside"));
        assert_eq!(outside, entry.place.internet, "{}", entry.name);
        let kept = array(&container["volumes"]).iter().any(|volume| text(volume).ends_with(":/data"));
        assert_eq!(kept, entry.place.keeps.is_some(), "{}", entry.name);
    }
    assert_eq!(project["services"]["migrate"]["command"], json!(["migrate"]));
    assert_eq!(project["networks"]["inside"]["internal"], true);
}

#[test]
fn every_container_may_do_as_little_as_it_can_work_with() {
    let project = project();
    let mut with_more = Vec::new();
    for (name, container) in project["services"].as_object().unwrap() {
        assert_eq!(container["read_only"], true, "{name}");
        assert_eq!(container["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(container["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        let image = text(&container["image"]);
        let tag = image.rsplit_once(':').map(|(_, tag)| tag).unwrap_or_default();
        assert!(!tag.is_empty() && tag != "latest", "{name}: {image}");
        assert!(container["privileged"].is_null());
        if !container["cap_add"].is_null() {
            with_more.push((name.as_str(), container["cap_add"].clone()));
        }
        for port in array(&container["ports"]) {
            let local = text(port).starts_with("127.0.0.1:");
            assert!(local || name == "edge", "{name} is reached from other machines at {port}");
        }
    }
    assert_eq!(with_more, [("edge", json!(["NET_BIND_SERVICE"]))]);
}

#[test]
fn every_process_takes_what_it_is_told_and_finds_the_others_there() {
    let project = project();
    let names: BTreeSet<_> = project["services"].as_object().unwrap().keys().map(String::as_str).collect();
    let users: BTreeSet<_> = nats::users(&Settings::from_parts("", Vec::new()).unwrap())
        .into_iter()
        .map(|user| user.name)
        .collect();
    for name in roster::ENTRIES.iter().map(|entry| entry.name).chain(["migrate"]) {
        let given = project["services"][name]["environment"].as_object().unwrap();
        let pairs: Vec<_> = given.iter().map(|(name, value)| (name.clone(), filled(text(value)))).collect();
        for (variable, value) in &pairs {
            if let Some((_, address)) = value.split_once("://") {
                let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
                let host = host.split([':', '/']).next().unwrap();
                assert!(
                    names.contains(host) || variable == "WEFT_GATEWAY__PUBLIC_URL",
                    "{name}: {variable}={value}"
                );
            }
        }
        let seed = text(&given["WEFT_BUS__NKEY_FILE"]);
        let user = seed.strip_prefix("/keys/seeds/").and_then(|file| file.strip_suffix(".nk")).unwrap();
        assert!(user == name && users.contains(user), "{seed}");
        Settings::from_parts("", pairs).unwrap();
    }
    for entry in roster::ENTRIES {
        for called in entry.place.calls {
            let key = format!("WEFT_PEERS__{}", called.to_uppercase().replace('-', "_"));
            assert_eq!(project["services"][entry.name]["environment"][&key], format!("http://{called}:9000"));
            assert_eq!(project["services"][*called]["environment"]["WEFT_RUN__RPC_LISTEN"], "0.0.0.0:9000");
        }
    }
}

#[test]
fn every_secret_is_in_the_example_and_every_file_that_is_mounted_is_there() {
    let text_of = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let compose = text_of("docker-compose.yml");
    let example = text_of("deploy/compose.env.example");
    let mut asked = BTreeSet::new();
    for part in compose.split("${").skip(1) {
        let name = part.split([':', '}', '-']).next().unwrap();
        let optional = part.strip_prefix(name).is_some_and(|rest| rest.starts_with(":-"));
        assert!(optional || example.contains(&format!("\n{name}=")), "{name} is not in the example");
        asked.insert(name.to_owned());
    }
    for line in example.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, _)) = line.split_once('=') else { continue };
        assert!(asked.contains(name), "nobody asks for {name}");
    }
    let project = project();
    let named = project["volumes"].as_object().unwrap();
    for container in project["services"].as_object().unwrap().values() {
        for volume in array(&container["volumes"]) {
            let source = text(volume).split(':').next().unwrap();
            let there =
                named.contains_key(source) || (source.starts_with("./") && root().join(source).exists());
            assert!(there, "{volume}");
        }
    }
}

#[test]
fn the_proxy_knows_each_public_path_and_prometheus_each_service() {
    let proxy = fs::read_to_string(root().join("deploy/compose/edge.Caddyfile")).unwrap();
    for entry in roster::ENTRIES {
        for path in entry.place.outside {
            let handled =
                if path.ends_with('/') { format!("handle {path}* {{") } else { format!("handle {path} {{") };
            let after = proxy.split_once(&handled).unwrap_or_else(|| panic!("{handled}")).1;
            assert!(
                after.split("handle").next().unwrap().contains(&format!("dynamic a {} 8080 ", entry.name))
            );
        }
    }
    assert!(
        proxy.rfind("handle").unwrap() == proxy.find("handle /* {").unwrap(),
        "the gateway takes what is left"
    );
    let [config] = documents(&root().join("deploy/compose/prometheus.yml")).unwrap().try_into().unwrap();
    let looked_up = &config["scrape_configs"][0]["dns_sd_configs"][0];
    let services: Vec<_> = roster::ENTRIES.iter().map(|entry| entry.name).collect();
    assert_eq!(looked_up["names"], json!(services));
    assert_eq!(looked_up["port"], 9090);
}

/// As compose fills it in: secrets with something long, the rest with their defaults.
fn filled(value: &str) -> String {
    let mut parts = value.split("${");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap();
        match variable.split_once(":-") {
            Some((_, default)) => text += default,
            None => text += &"s".repeat(48),
        }
        text += rest;
    }
    text
}
