use crate::{
    Loader, Source,
    known::leaves,
    layer,
    secret::{MASK, show},
};

/// One key as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As in `gateway.listen`.
    pub key: String,
    /// Its value for people; `***` when it is secret.
    pub value: String,
    /// Where the value came from.
    pub source: Source,
}

impl Loader {
    /// Every key in force, in order, with secrets masked: what `weft config` prints.
    pub fn describe(&self) -> Vec<Entry> {
        let each = leaves(&self.merged).into_iter().filter_map(|path| {
            let value = layer::find(&self.merged, &path)?;
            let is_unset = value.as_str().is_some_and(str::is_empty);
            let hidden = self.secrets.contains(&path) && !is_unset;
            Some(Entry {
                key: path.join("."),
                value: if hidden { MASK.to_owned() } else { show(value) },
                source: self.source_of(&path),
            })
        });
        each.collect()
    }
}
