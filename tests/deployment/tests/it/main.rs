//! What runs the fleet elsewhere, held against the fleet.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod channels;
mod compose;
mod custom;
mod emitted;
mod manifests;
mod network;
mod processes;
mod scaling;
mod validators;

use serde_json::Value;
use weft_tests_deployment::{Overlay, root};

/// What kustomize makes of an overlay.
fn overlay(name: &str) -> Vec<Value> {
    Overlay::render(&root().join("k8s/overlays").join(name)).unwrap()
}

fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> Vec<&'a Value> {
    manifests.iter().filter(|manifest| manifest["kind"] == kind).collect()
}

fn named<'a>(manifests: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let found = of_kind(manifests, kind).into_iter().find(|manifest| manifest["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("there is no {kind} {name}"))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
