use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format as _, Toml},
    value::{Dict, Map, Value},
};

use crate::{Fault, Faults, Source};

/// Reads one TOML document.
pub(crate) fn parse(text: &str, source_of: Source) -> Result<Dict, Faults> {
    let profiles = Toml::string(text).data().map_err(|error| {
        Faults(vec![Fault { key: String::new(), source_of, problem: error.to_string().trim().to_owned() }])
    })?;
    Ok(profiles.into_values().next().unwrap_or_default())
}

/// Lays one over another: tables are joined, everything else is replaced.
pub(crate) fn merge(layers: impl IntoIterator<Item = Dict>) -> Result<Dict, Faults> {
    let merged = layers.into_iter().fold(Figment::new(), |below, dict| below.merge(Layer(dict)));
    merged.extract::<Value>().map(Value::into_dict).map(Option::unwrap_or_default).map_err(|error| {
        Faults(vec![Fault { key: String::new(), source_of: Source::Default, problem: error.to_string() }])
    })
}

/// The value at a path, if it is there.
pub(crate) fn find<'a>(dict: &'a Dict, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = dict.get(first)?;
    if rest.is_empty() { Some(value) } else { find(value.as_dict()?, rest) }
}

/// Puts a value at a path, making tables on the way.
pub(crate) fn put(dict: &mut Dict, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        dict.insert(first.clone(), value);
        return;
    }
    let below = dict.entry(first.clone()).or_insert_with(|| Value::from(Dict::new()));
    if let Value::Dict(_tag, table) = below {
        put(table, rest, value);
    }
}

struct Layer(Dict);

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named("layer")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}
