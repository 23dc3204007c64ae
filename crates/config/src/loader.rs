use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use figment::{
    error::Kind,
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;

use crate::{
    Fault, Faults, Source, environment,
    known::{Known, leaves, look_up},
    layer,
    misfit::words,
    secret::Secrets,
};

/// Reads the layers, hands out sections, and collects every fault on the way.
#[derive(Debug)]
pub struct Loader {
    defaults: Dict,
    pub(crate) merged: Dict,
    from_file: Dict,
    file: PathBuf,
    variables: BTreeMap<Vec<String>, String>,
    pub(crate) secrets: Secrets,
    faults: Faults,
}

impl Loader {
    /// Reads defaults, file and environment. Without a path, `weft.toml` is read if it is there.
    ///
    /// `ignored` lists `WEFT_*` variables that do not configure; a name may end in `*`.
    ///
    /// # Errors
    /// When a document cannot be read at all; everything else waits for [`Loader::finish`].
    pub fn new(defaults: &[&str], file: Option<&Path>, ignored: &[&str]) -> Result<Self, Faults> {
        let path = file.unwrap_or(Path::new("weft.toml"));
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let source_of = Source::File(path.to_owned());
                return Err(Faults(vec![Fault {
                    key: String::new(),
                    source_of,
                    problem: error.to_string(),
                }]));
            }
        };
        Self::assemble(defaults, path, &text, environment::read(), ignored)
    }

    /// Takes the layers as they are given, for tests.
    ///
    /// # Errors
    /// When a document cannot be read at all.
    pub fn from_parts(
        defaults: &[&str],
        file: &str,
        environment: impl IntoIterator<Item = (String, String)>,
        ignored: &[&str],
    ) -> Result<Self, Faults> {
        Self::assemble(defaults, Path::new("weft.toml"), file, environment.into_iter(), ignored)
    }

    /// Reads one section. A faulty value is recorded, and its default stands in for it.
    ///
    /// # Errors
    /// When the section cannot be read even from its defaults alone: the defaults do not fit the type.
    pub fn section<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Faults> {
        loop {
            let section = self.merged.get(name).cloned().unwrap_or_else(|| Value::from(Dict::new()));
            let error = match section.deserialize::<T>() {
                Ok(read) => return Ok(read),
                Err(error) => error,
            };
            let mut path = vec![name.to_owned()];
            path.extend(error.path.iter().cloned());
            let fault = self.misfit(&path, error.kind);
            if !self.fall_back(path) {
                return Err(Faults(vec![fault]));
            }
            self.faults.0.push(fault);
        }
    }

    /// Records what a service's own validation found.
    pub fn fault(&mut self, key: &str, problem: impl Into<String>) {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        let source_of = self.source_of(&path);
        self.faults.0.push(Fault { key: key.to_owned(), source_of, problem: problem.into() });
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every fault found since the start.
    pub fn finish(&self) -> Result<(), Faults> {
        if self.faults.0.is_empty() { Ok(()) } else { Err(self.faults.clone()) }
    }

    pub(crate) fn source_of(&self, path: &[String]) -> Source {
        let depths = (1..=path.len()).rev().filter_map(|depth| path.get(..depth));
        if let Some(name) = depths.filter_map(|start| self.variables.get(start)).next() {
            return Source::Environment(name.clone());
        }
        if layer::find(&self.from_file, path).is_some() {
            return Source::File(self.file.clone());
        }
        Source::Default
    }

    fn assemble(
        documents: &[&str],
        file: &Path,
        text: &str,
        variables: impl Iterator<Item = (String, String)>,
        ignored: &[&str],
    ) -> Result<Self, Faults> {
        let mut secrets = Secrets::default();
        documents.iter().for_each(|document| secrets.mark(document));
        let parsed: Result<Vec<Dict>, Faults> =
            documents.iter().map(|document| layer::parse(document, Source::Default)).collect();
        let mut loader = Self {
            defaults: layer::merge(parsed?)?,
            merged: Dict::new(),
            from_file: Dict::new(),
            file: file.to_owned(),
            variables: BTreeMap::new(),
            secrets,
            faults: Faults::default(),
        };
        loader.from_file = loader.known_part(&layer::parse(text, Source::File(file.to_owned()))?);
        let from_environment = loader.read_variables(environment::select(variables, ignored));
        loader.merged = layer::merge([loader.defaults.clone(), loader.from_file.clone(), from_environment])?;
        Ok(loader)
    }

    fn known_part(&mut self, given: &Dict) -> Dict {
        let mut kept = Dict::new();
        for path in leaves(given) {
            let Some(value) = layer::find(given, &path) else { continue };
            let problem = match look_up(&self.defaults, &path) {
                Known::Yes(Value::Dict(..)) if value.as_dict().is_none() => "expected a table".to_owned(),
                Known::Yes(_) | Known::Free => {
                    layer::put(&mut kept, &path, value.clone());
                    continue;
                }
                Known::No { meant } => unknown(meant),
            };
            let source_of = Source::File(self.file.clone());
            self.faults.0.push(Fault { key: path.join("."), source_of, problem });
        }
        kept
    }

    fn read_variables(&mut self, variables: impl Iterator<Item = environment::Variable>) -> Dict {
        let mut kept = Dict::new();
        for variable in variables {
            let read = match look_up(&self.defaults, &variable.path) {
                Known::Yes(default) => environment::read_as(default, &variable.text)
                    .map_err(|expected| format!("expected {expected}")),
                Known::Free => Ok(Value::from(variable.text)),
                Known::No { meant } => Err(unknown(meant.map(|key| variable_name(&key)))),
            };
            match read {
                Ok(value) => {
                    layer::put(&mut kept, &variable.path, value);
                    self.variables.insert(variable.path, variable.name);
                }
                Err(problem) => {
                    let (key, source_of) = (variable.path.join("."), Source::Environment(variable.name));
                    self.faults.0.push(Fault { key, source_of, problem });
                }
            }
        }
        kept
    }

    fn misfit(&self, path: &[String], kind: Kind) -> Fault {
        let problem = words(kind, self.secrets.contains(path));
        Fault { key: path.join("."), source_of: self.source_of(path), problem }
    }

    /// Puts the default back at `path`, or at the nearest key above that has one; false when that changes nothing.
    fn fall_back(&mut self, mut path: Vec<String>) -> bool {
        while !path.is_empty() {
            if let Some(default) = layer::find(&self.defaults, &path) {
                let is_new = layer::find(&self.merged, &path) != Some(default);
                if is_new {
                    layer::put(&mut self.merged, &path, default.clone());
                    return true;
                }
            }
            path.pop();
        }
        false
    }
}

fn unknown(meant: Option<String>) -> String {
    match meant {
        Some(key) => format!("no such key; did you mean `{key}`?"),
        None => "no such key".to_owned(),
    }
}

fn variable_name(key: &str) -> String {
    format!("WEFT_{}", key.to_uppercase().replace('.', "__"))
}
