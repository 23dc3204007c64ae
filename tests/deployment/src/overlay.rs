use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

/// A folder with a `kustomization.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Overlay {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    namespace: String,
    #[serde(default)]
    resources: Vec<PathBuf>,
    #[serde(default)]
    patches: Vec<Patch>,
    #[serde(default)]
    config_map_generator: Vec<Variables>,
    #[serde(default, rename = "images")]
    _images: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    path: PathBuf,
    target: Target,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    kind: String,
    /// One name, or several with bars between them.
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variables {
    name: String,
    behavior: Option<String>,
    literals: Vec<String>,
}

impl Overlay {
    /// All manifests that kustomize would give out, except that ConfigMaps keep their plain names.
    pub fn render(folder: &Path) -> Result<Vec<Value>> {
        let file = folder.join("kustomization.yaml");
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let overlay: Self = serde_saphyr::from_str(&text).with_context(|| file.display().to_string())?;
        let mut manifests = Vec::new();
        for resource in &overlay.resources {
            let path = folder.join(resource);
            manifests.extend(if path.is_dir() { Self::render(&path)? } else { documents(&path)? });
        }
        for variables in &overlay.config_map_generator {
            variables.apply(&mut manifests)?;
        }
        for patch in &overlay.patches {
            patch.apply(folder, &mut manifests)?;
        }
        for manifest in &mut manifests {
            if manifest.get("kind").is_some_and(|kind| kind != "Namespace")
                && let Some(metadata) = manifest.get_mut("metadata").and_then(Value::as_object_mut)
            {
                metadata.insert("namespace".to_owned(), json!(overlay.namespace));
            }
        }
        Ok(manifests)
    }
}

impl Patch {
    fn apply(&self, folder: &Path, manifests: &mut [Value]) -> Result<()> {
        let path = folder.join(&self.path);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let patch: json_patch::Patch = serde_saphyr::from_str(&text)?;
        let mut used = false;
        for manifest in manifests.iter_mut().filter(|manifest| self.target.is(manifest)) {
            json_patch::patch(manifest, &patch).with_context(|| path.display().to_string())?;
            used = true;
        }
        ensure!(used, "{} has nothing to change", path.display());
        Ok(())
    }
}

impl Target {
    fn is(&self, manifest: &Value) -> bool {
        let text = |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let named = self
            .name
            .as_ref()
            .is_none_or(|names| names.split('|').any(|name| name == text("/metadata/name")));
        self.kind == text("/kind") && named
    }
}

impl Variables {
    fn apply(&self, manifests: &mut Vec<Value>) -> Result<()> {
        let pairs = self
            .literals
            .iter()
            .map(|pair| pair.split_once('=').with_context(|| format!("`{pair}` has no `=`")));
        let pairs = pairs.collect::<Result<BTreeMap<_, _>>>()?;
        let target = Target { kind: "ConfigMap".to_owned(), name: Some(self.name.clone()) };
        let found = manifests.iter_mut().find(|manifest| target.is(manifest));
        match (self.behavior.as_deref(), found) {
            (None, None) => manifests.push(json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": pairs,
            })),
            (Some("merge"), Some(found)) => {
                let data = found
                    .get_mut("data")
                    .and_then(Value::as_object_mut)
                    .context("a ConfigMap without data")?;
                data.extend(pairs.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
            }
            (behavior, found) => bail!("{}: {behavior:?}, there: {}", self.name, found.is_some()),
        }
        Ok(())
    }
}

/// The documents of a YAML file.
pub fn documents(file: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_saphyr::from_multiple(&text).with_context(|| file.display().to_string())
}
