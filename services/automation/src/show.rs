//! Rows as the API shows them.

use weft_domain::id;
use weft_proto::{
    automation::v1::{Agent, agent::Status},
    convert::timestamp,
};

use crate::{balance, store::agents::Model};

/// Somebody with availability and load.
pub(crate) fn agent(row: &Model, usual_capacity: u32) -> Agent {
    let usual = i32::try_from(usual_capacity).unwrap_or(i32::MAX);
    Agent {
        user_id: id::from_uuid::<id::User>(row.id).to_string(),
        name: row.name.clone(),
        status: Status::from_str_name(&row.status).unwrap_or_default().into(),
        capacity: u32::try_from(balance::capacity(row, usual)).unwrap_or_default(),
        note: row.note.clone(),
        open: u32::try_from(row.open).unwrap_or_default(),
        last_assigned_at: row.last_assigned_at.map(timestamp),
        updated_at: Some(timestamp(row.updated_at)),
    }
}
