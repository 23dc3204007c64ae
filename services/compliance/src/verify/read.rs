use std::path::Path;

use serde_json::Value;
use weft_proto::{
    compliance::v1::{AuditEntry, Checkpoint},
    json,
};

use super::Fault;

/// The entries of an export: JSON Lines, or pages as the API gives them.
pub fn entries_in(text: &[u8]) -> Result<Vec<AuditEntry>, Fault> {
    let mut entries = Vec::new();
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let value = value.map_err(|error| unreadable(entries.len(), &error))?;
        let items = match value.get("items") {
            Some(Value::Array(items)) => items.clone(),
            _ => vec![value],
        };
        for item in items {
            let read = json::decode(item.to_string().as_bytes());
            entries.push(read.map_err(|error| unreadable(entries.len(), &error))?);
        }
    }
    Ok(entries)
}

/// The checkpoints of a file, or of all files of a folder. Half a line at the end, as a power cut leaves it, is passed over.
pub fn checkpoints_in(path: &Path) -> Result<Vec<Checkpoint>, Fault> {
    let failed = |error: std::io::Error| Fault::Unreadable(format!("{}: {error}", path.display()));
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let listed: Result<Vec<_>, _> =
            std::fs::read_dir(path).map_err(failed)?.map(|entry| entry.map(|entry| entry.path())).collect();
        files = listed.map_err(failed)?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    }
    let mut checkpoints = Vec::new();
    for file in files {
        let text = std::fs::read(&file).map_err(failed)?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        checkpoints.extend(lines.filter_map(|line| json::decode::<Checkpoint>(line).ok()));
    }
    Ok(checkpoints)
}

fn unreadable(before: usize, error: &dyn std::error::Error) -> Fault {
    Fault::Unreadable(format!("the export cannot be read after entry {before}: {error}"))
}
