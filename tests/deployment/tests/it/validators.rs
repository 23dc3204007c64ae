use std::{fs, path::Path};

use serde_json::Value;
use weft_tests_deployment::{documents, root, tool};

use crate::{custom, overlay};

/// The oldest with what we ask for (a pause before the stop, in which nothing is called), and one of today.
const VERSIONS: [&str; 2] = ["1.30", "1.34"];

#[test]
fn kubernetes_takes_every_manifest_of_both_overlays() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["small", "production"] {
        let manifests = overlay(name);
        let known = |one: &&Value| !custom::schemas().iter().any(|(_, kind, _)| one["kind"] == *kind);
        let core: Vec<_> = manifests.iter().filter(known).collect();
        assert!(core.len() > 60, "{}", core.len());
        let file = format!("{name}.yaml");
        write(&folder.path().join(&file), &core);
        for version in VERSIONS {
            tool(folder.path(), "kubernetes_validate", &["-k", version, "--strict", "--quiet", &file])
                .unwrap();
        }
    }
}

#[test]
fn the_validator_would_say_so_if_kubernetes_did_not_take_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifests = overlay("small");
    let deployment = manifests.iter_mut().find(|one| one["kind"] == "Deployment").unwrap();
    let container = &mut deployment["spec"]["template"]["spec"]["containers"][0];
    container["resorces"] = container["resources"].take();
    write(&folder.path().join("wrong.yaml"), &[deployment]);
    let said = tool(folder.path(), "kubernetes_validate", &["-k", VERSIONS[1], "--strict", "wrong.yaml"]);
    assert!(said.unwrap_err().to_string().contains("resorces"));
}

/// Read as YAML 1.1 too, in which `no` and `22:22` are something else.
#[test]
fn readers_of_older_yaml_find_the_same_in_every_file() {
    let script = "import json, sys, yaml; print(json.dumps([list(yaml.safe_load_all(open(f))) for f in sys.argv[1:]]))";
    let mut files = Vec::new();
    collect(&root().join("k8s"), &mut files);
    files.push(root().join("docker-compose.yml").display().to_string());
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .args(&files)
        .env("PYTHONPATH", "/usr/local/lib/weft-tests/validators")
        .output()
        .unwrap();
    let (said, complaint) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    let older: Vec<Vec<Value>> =
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("run `make deps`: {complaint}"));
    for (file, older) in files.iter().zip(older) {
        assert_eq!(documents(Path::new(file)).unwrap(), older, "{file}");
    }
}

#[test]
fn docker_compose_takes_the_compose_file() {
    let arguments = ["--builtin-schema", "vendor.compose-spec", "docker-compose.yml"];
    tool(&root(), "check_jsonschema", &arguments).unwrap();
}

#[test]
fn the_image_is_built_as_hadolint_recommends() {
    tool(&root(), "hadolint", &["--no-fail", "deploy/Dockerfile"])
        .map(|said| assert_eq!(said, "", "hadolint"))
        .unwrap();
}

fn write(file: &Path, manifests: &[&Value]) {
    let texts = manifests.iter().map(|one| serde_json::to_string(one).unwrap());
    fs::write(file, texts.collect::<Vec<_>>().join("\n---\n")).unwrap();
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), found);
        } else {
            found.push(entry.path().display().to_string());
        }
    }
}
