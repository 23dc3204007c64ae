use std::{fs, path::Path};

use anyhow::Context;
use serde_json::Value;

/// A file that is written from the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it belongs, below the folder that is written to.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), text }
    }
}

/// Writes files below `folder`.
pub fn write_all(files: &[File], folder: &Path) -> anyhow::Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// A YAML file of one document.
pub(crate) fn configuration(path: &str, head: &str, value: &Value) -> anyhow::Result<File> {
    Ok(File::new(path, format!("{head}{}", yaml(value)?)))
}

/// A YAML file of several documents.
pub(crate) fn documents(path: &str, head: &str, values: &[Value]) -> anyhow::Result<File> {
    let texts = values.iter().map(yaml).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(File::new(path, format!("{head}{}", texts.join("---\n"))))
}

/// Sets a field of an object.
pub(crate) fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn yaml(value: &Value) -> anyhow::Result<String> {
    // Readers of YAML 1.1 are about: what they would take for a number or a truth value is quoted by default.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(value, options).context("a value cannot be written as YAML")
}
