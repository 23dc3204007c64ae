use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use weft_fleet::{deployment::Stopping, roster};
use weft_runtime::StopTimes;

use crate::{array, named, of_kind, overlay, text};

const OVERLAYS: [&str; 2] = ["small", "production"];

#[test]
fn every_service_has_an_account_a_deployment_an_address_and_a_budget_and_nobody_else_has() {
    let services: BTreeSet<_> = roster::ENTRIES.iter().map(|entry| entry.name).collect();
    for manifests in OVERLAYS.map(overlay) {
        for kind in ["Deployment", "Service", "PodDisruptionBudget", "ServiceAccount"] {
            let mut names: BTreeSet<_> =
                of_kind(&manifests, kind).iter().map(|one| text(&one["metadata"]["name"])).collect();
            names.remove("migrate");
            assert_eq!(names, services, "{kind}");
        }
        named(&manifests, "Job", "migrate");
        named(&manifests, "ServiceAccount", "migrate");
    }
}

#[test]
fn every_pod_is_restricted_and_writes_only_where_there_is_room_for_it() {
    for manifests in OVERLAYS.map(overlay) {
        let namespace = &named(&manifests, "Namespace", "weft")["metadata"]["labels"];
        assert_eq!(namespace["pod-security.kubernetes.io/enforce"], "restricted");
        let pods = pods(&manifests);
        assert_eq!(pods.len(), roster::ENTRIES.len() + 1);
        for (name, pod) in pods {
            assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
            assert_eq!(pod["serviceAccountName"], *name);
            let whole = &pod["securityContext"];
            assert_eq!(
                (&whole["runAsNonRoot"], &whole["runAsUser"]),
                (&json!(true), &json!(65532)),
                "{name}"
            );
            assert_eq!(whole["seccompProfile"]["type"], "RuntimeDefault", "{name}");
            let container = only_container(pod);
            let own = &container["securityContext"];
            assert_eq!(own["allowPrivilegeEscalation"], false, "{name}");
            assert_eq!(own["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(own["capabilities"], json!({"drop": ["ALL"]}), "{name}");
            for (kind, resource) in [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")] {
                assert!(container["resources"][kind][resource].is_string(), "{name}: {kind} of {resource}");
            }
            for volume in array(&pod["volumes"]) {
                let bounded = volume["emptyDir"]["sizeLimit"].is_string();
                let other = volume["secret"].is_object() || volume["persistentVolumeClaim"].is_object();
                assert!(bounded || other, "{name}: {volume}");
            }
            let mounts: Vec<_> =
                array(&container["volumeMounts"]).iter().map(|mount| &mount["name"]).collect();
            let volumes: Vec<_> = array(&pod["volumes"]).iter().map(|volume| &volume["name"]).collect();
            assert_eq!(mounts, volumes, "{name}");
        }
    }
}

#[test]
fn each_part_of_stopping_ends_before_the_next_with_the_times_that_the_program_takes() {
    let manifests = overlay("production");
    let seconds = |value: &Value| Duration::from_secs(value.as_u64().unwrap());
    let told = named(&manifests, "ConfigMap", "weft")["data"]["WEFT_RUN__PRE_STOP_SECS"].clone();
    for entry in roster::ENTRIES {
        let deployment = named(&manifests, "Deployment", entry.name);
        let pod = &deployment["spec"]["template"]["spec"];
        let pre_stop = seconds(&only_container(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]);
        let killed = seconds(&pod["terminationGracePeriodSeconds"]);
        let (drain, watchdog) = (StopTimes::CLUSTER.drain, StopTimes::CLUSTER.watchdog);
        assert_eq!([pre_stop, drain, watchdog, killed].map(|time| time.as_secs()), [5, 25, 40, 45]);
        assert_eq!(text(&told), pre_stop.as_secs().to_string(), "the program knows how long was waited");
        let stopping = Stopping { pre_stop, drained: pre_stop + drain, watchdog, killed };
        assert_eq!(stopping, Stopping::CLUSTER);
        let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
        assert_eq!(rolling["maxUnavailable"], 0);
    }
}

#[test]
fn probes_ask_the_listener_that_answers_from_the_first_moment_and_liveness_looks_at_nothing_outside() {
    for manifests in OVERLAYS.map(overlay) {
        for entry in roster::ENTRIES {
            let pod = &named(&manifests, "Deployment", entry.name)["spec"]["template"]["spec"];
            let container = only_container(pod);
            for (probe, path) in
                [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
            {
                assert_eq!(
                    container[probe]["httpGet"],
                    json!({"path": path, "port": "admin"}),
                    "{}",
                    entry.name
                );
            }
            // The wait for database, bus and directory is 30 s each.
            let startup = &container["startupProbe"];
            let patience =
                startup["periodSeconds"].as_u64().unwrap() * startup["failureThreshold"].as_u64().unwrap();
            assert!(patience > 3 * 30, "{}", entry.name);
        }
    }
}

#[test]
fn replicas_are_spread_over_zones_and_nodes_and_in_production_no_node_has_two_while_another_has_none() {
    for (name, nodes) in [("small", "ScheduleAnyway"), ("production", "DoNotSchedule")] {
        let manifests = overlay(name);
        for entry in roster::ENTRIES {
            let pod = &named(&manifests, "Deployment", entry.name)["spec"]["template"]["spec"];
            let spread: Vec<_> = array(&pod["topologySpreadConstraints"])
                .iter()
                .map(|one| (text(&one["topologyKey"]), text(&one["whenUnsatisfiable"])))
                .collect();
            let zones = ("topology.kubernetes.io/zone", "ScheduleAnyway");
            assert_eq!(spread, [zones, ("kubernetes.io/hostname", nodes)]);
        }
    }
}

#[test]
fn what_a_service_keeps_is_on_a_volume_and_one_that_only_one_node_has_is_let_go_before_it_is_taken() {
    for (name, access, strategy) in
        [("small", "ReadWriteOnce", "Recreate"), ("production", "ReadWriteMany", "RollingUpdate")]
    {
        let manifests = overlay(name);
        let claims: Vec<_> = of_kind(&manifests, "PersistentVolumeClaim")
            .iter()
            .map(|claim| text(&claim["metadata"]["name"]))
            .collect();
        assert_eq!(claims, ["media-data", "compliance-data", "channel-webchat-data"]);
        for claim in of_kind(&manifests, "PersistentVolumeClaim") {
            assert_eq!(claim["spec"]["accessModes"], json!([access]));
            let owner = text(&claim["metadata"]["name"]).strip_suffix("-data").unwrap();
            let deployment = named(&manifests, "Deployment", owner);
            assert_eq!(deployment["spec"]["strategy"]["type"], strategy);
            let volumes = array(&deployment["spec"]["template"]["spec"]["volumes"]);
            let data = volumes.iter().find(|volume| volume["name"] == "data").unwrap();
            assert_eq!(data["persistentVolumeClaim"]["claimName"], claim["metadata"]["name"]);
        }
    }
}

#[test]
fn the_production_overlay_gives_each_process_its_own_certificate() {
    let manifests = overlay("production");
    for (name, pod) in pods(&manifests) {
        let certificate = named(&manifests, "Certificate", text(name));
        assert_eq!(certificate["spec"]["dnsNames"], json!([name]), "it names the service and nothing else");
        let volumes = array(&pod["volumes"]);
        let volume = volumes.iter().find(|volume| volume["name"] == "tls").unwrap();
        assert_eq!(volume["secret"]["secretName"], certificate["spec"]["secretName"]);
    }
    let data = named(&manifests, "ConfigMap", "weft")["data"].as_object().unwrap();
    let plain: Vec<_> = data.iter().filter(|(_, value)| text(value).starts_with("http://")).collect();
    assert!(plain.is_empty(), "{plain:?}");
}

/// Each process's name and its pod.
fn pods(manifests: &[Value]) -> Vec<(&Value, &Value)> {
    let of = |kind| of_kind(manifests, kind).into_iter();
    of("Deployment")
        .chain(of("Job"))
        .map(|one| (&one["metadata"]["name"], &one["spec"]["template"]["spec"]))
        .collect()
}

fn only_container(pod: &Value) -> &Value {
    assert!(pod["initContainers"].is_null());
    let [container] = array(&pod["containers"]) else { panic!("one container: {pod}") };
    container
}
