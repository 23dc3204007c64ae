use std::collections::BTreeSet;

use serde_json::json;
use weft_bus::ConsumerSpec;
use weft_fleet::{Settings, roster};

use crate::{array, named, of_kind, overlay, text};

#[test]
fn the_small_overlay_scales_nothing() {
    let manifests = overlay("small");
    for kind in ["HorizontalPodAutoscaler", "ScaledObject", "PodMonitor", "Certificate"] {
        assert!(of_kind(&manifests, kind).is_empty(), "{kind}");
    }
    for deployment in of_kind(&manifests, "Deployment") {
        assert!(deployment["spec"]["replicas"].is_null(), "one is what Kubernetes makes of nothing");
        let requests = &deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"];
        assert_eq!((&requests["cpu"], &requests["memory"]), (&json!("25m"), &json!("64Mi")));
    }
}

#[test]
fn what_replicas_divide_is_scaled_on_the_lag_of_each_part_up_to_as_many_as_there_are_parts() {
    let manifests = overlay("production");
    let settings = Settings::from_parts("", Vec::new()).unwrap();
    let mut by_lag = BTreeSet::new();
    for scaled in of_kind(&manifests, "ScaledObject") {
        let name = text(&scaled["metadata"]["name"]);
        by_lag.insert(name);
        let spec = &scaled["spec"];
        assert_eq!(text(&spec["scaleTargetRef"]["name"]), name);
        let entry = roster::find(name).unwrap();
        let parts: BTreeSet<_> = (entry.consumers)(&settings)
            .iter()
            .map(ConsumerSpec::split)
            .filter(|parts| parts.len() > 1)
            .flatten()
            .map(|part| (part.stream.name().to_owned(), part.name))
            .collect();
        let lags: BTreeSet<_> = array(&spec["triggers"])
            .iter()
            .filter(|trigger| trigger["type"] == "nats-jetstream")
            .map(|trigger| &trigger["metadata"])
            .map(|of| (text(&of["stream"]).to_owned(), text(&of["consumer"]).to_owned()))
            .collect();
        assert_eq!(lags, parts, "{name}");
        assert_eq!(spec["maxReplicaCount"], parts.len(), "{name}: further ones would stand by");
        let cpu = array(&spec["triggers"]).iter().filter(|trigger| trigger["type"] == "cpu").count();
        assert_eq!(cpu, 1, "{name}: webhooks come in besides");
    }
    let adapters = roster::ENTRIES.iter().map(|entry| entry.name).filter(|name| name.starts_with("channel-"));
    assert_eq!(by_lag, adapters.chain(["conversation"]).collect());
    for entry in roster::ENTRIES.iter().filter(|entry| !by_lag.contains(entry.name)) {
        let scaler = named(&manifests, "HorizontalPodAutoscaler", entry.name);
        assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], entry.name);
        let metrics: Vec<_> =
            array(&scaler["spec"]["metrics"]).iter().map(|one| text(&one["resource"]["name"])).collect();
        assert_eq!(metrics, ["cpu", "memory"], "never on CPU alone");
    }
}

#[test]
fn there_are_at_least_two_of_each_and_going_down_is_slower_than_going_up() {
    let manifests = overlay("production");
    let mut count = 0;
    for (kind, fewest, behavior) in [
        ("ScaledObject", "minReplicaCount", "/spec/advanced/horizontalPodAutoscalerConfig/behavior"),
        ("HorizontalPodAutoscaler", "minReplicas", "/spec/behavior"),
    ] {
        for scaler in of_kind(&manifests, kind) {
            count += 1;
            assert_eq!(scaler["spec"][fewest], 2);
            let behavior = scaler.pointer(behavior).unwrap();
            let window = |way: &str| behavior[way]["stabilizationWindowSeconds"].as_u64().unwrap();
            let period = |way: &str| behavior[way]["policies"][0]["periodSeconds"].as_u64().unwrap();
            assert!(window("scaleDown") > window("scaleUp") && period("scaleDown") > period("scaleUp"));
        }
    }
    assert_eq!(count, roster::ENTRIES.len());
}
