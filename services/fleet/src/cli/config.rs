use std::path::PathBuf;

use serde_json::json;

use super::{Common, print};

pub(crate) fn run(common: &Common) -> anyhow::Result<()> {
    let here = PathBuf::from("weft.toml");
    let file = common.config.clone().or_else(|| here.exists().then_some(here));
    let (_, entries) = weft_fleet::Settings::load_described(file.as_deref())?;
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| json!({"key": entry.key, "value": entry.value, "from": entry.source.to_string()}))
        .collect();
    print::rows(common.json, &rows, &["key", "value", "from"]);
    Ok(())
}
