//! What happens by itself.

use std::collections::HashMap;

use uuid::Uuid;

pub(crate) mod keep_signing_keys;
pub(crate) mod note_token_use;
pub(crate) mod prune_channel_log;
pub(crate) mod prune_sessions;
pub(crate) mod recall_revocations;

fn by_tenant(rows: impl Iterator<Item = (Uuid, Uuid)>) -> HashMap<Uuid, Vec<Uuid>> {
    let mut grouped: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (tenant, row) in rows {
        grouped.entry(tenant).or_default().push(row);
    }
    grouped
}
