use figment::value::{Dict, Value};

use crate::layer;

/// What the defaults say about a key.
pub(crate) enum Known<'a> {
    /// They document it; this is its default.
    Yes(&'a Value),
    /// It is inside an empty table, whose keys are free.
    Free,
    /// They do not know it; perhaps this was meant.
    No { meant: Option<String> },
}

/// Looks a key up in the defaults.
pub(crate) fn look_up<'a>(defaults: &'a Dict, path: &[String]) -> Known<'a> {
    if let Some(value) = layer::find(defaults, path) {
        return Known::Yes(value);
    }
    let mut table = defaults;
    for (depth, name) in path.iter().enumerate() {
        match table.get(name) {
            Some(Value::Dict(_tag, below)) if below.is_empty() => return Known::Free,
            Some(Value::Dict(_tag, below)) => table = below,
            Some(_) => return Known::No { meant: None },
            None => return Known::No { meant: nearest(table, path, depth) },
        }
    }
    Known::No { meant: None }
}

/// The paths of all leaves; an empty table, and what is not a table, is a leaf.
pub(crate) fn leaves(dict: &Dict) -> Vec<Vec<String>> {
    let each = dict.iter().flat_map(|(name, value)| match value {
        Value::Dict(_tag, below) if !below.is_empty() => {
            let prefixed = leaves(below).into_iter().map(|mut path| {
                path.insert(0, name.clone());
                path
            });
            prefixed.collect()
        }
        _ => vec![vec![name.clone()]],
    });
    each.collect()
}

fn nearest(table: &Dict, path: &[String], depth: usize) -> Option<String> {
    const ALIKE: f64 = 0.8;
    let wrong = path.get(depth)?;
    let scored = table.keys().map(|name| (strsim::jaro_winkler(name, wrong), name));
    let (score, name) = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    let mut meant = path.to_vec();
    name.clone_into(meant.get_mut(depth)?);
    (score >= ALIKE).then(|| meant.join("."))
}
