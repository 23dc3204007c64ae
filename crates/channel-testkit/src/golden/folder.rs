use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Sign;
use crate::{account::Given, secrets::Secrets};

/// A folder with `account.json`, `receive/*.json` and `send/*.json`.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) defaults: Defaults,
    pub(super) sign: Sign,
    update: bool,
}

/// What cases share: `account.json`.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    #[serde(default)]
    pub(super) account: Given,
    /// The headers of every webhook.
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
}

pub(super) struct CaseFile {
    /// Like `receive/photo`.
    pub(super) name: String,
    path: PathBuf,
    pub(super) content: Map<String, Value>,
}

impl Folder {
    pub(super) fn open(path: &Path, sign: Sign) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a switch for whoever writes a case, not configuration"
        )]
        let update = std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1");
        Self { path: path.to_owned(), defaults: parse(&path.join("account.json")), sign, update }
    }

    pub(super) fn secrets(&self) -> Secrets {
        Secrets::of(&self.defaults.account.secrets)
    }

    /// The cases of one kind, by name.
    pub(super) fn cases(&self, kind: &str) -> Vec<CaseFile> {
        let folder = self.path.join(kind);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        assert!(!paths.is_empty(), "{} has no cases", folder.display());
        paths.into_iter().map(|path| CaseFile::read(kind, path)).collect()
    }

    /// Writes what a new case lacks; existing expectations are never changed.
    pub(super) fn complete(&self, file: &CaseFile, expected: Map<String, Value>) -> Result<(), String> {
        if !self.update {
            return Err(
                "it expects nothing yet; run once with UPDATE_GOLDEN=1 and read what it writes".to_owned()
            );
        }
        let mut content = file.content.clone();
        content.extend(expected);
        let text = serde_json::to_string_pretty(&content).map_err(|error| error.to_string())?;
        fs::write(&file.path, text + "\n").map_err(|error| error.to_string())
    }
}

impl CaseFile {
    fn read(kind: &str, path: PathBuf) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Self { name: format!("{kind}/{stem}"), content: parse(&path), path }
    }

    /// Reads the case's parts.
    pub(super) fn case<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_value(Value::Object(self.content.clone()))
            .map_err(|error| format!("the case: {error}"))
    }

    /// Whether the case expects something.
    pub(super) fn expects(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.content.contains_key(*part))
    }
}

fn parse<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
