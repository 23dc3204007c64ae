use weft_domain::Result;
use weft_proto::{automation::v1::Agent, events::v1::AgentAvailabilityUpdated};

use crate::{
    availability::{Change, Status},
    desk::Desk,
    show,
    store::agents::{self, Model},
};

/// Changes somebody's availability, and gives what waits to whoever is free then.
pub(super) async fn run(
    mut desk: Desk,
    before: Model,
    change: &Change,
    usual_capacity: u32,
) -> Result<Agent> {
    let mut row = before.clone();
    if let Some(status) = change.status {
        row.status = status.to_string();
    }
    row.capacity = change.capacity.or(row.capacity);
    if let Some(note) = &change.note {
        row.note.clone_from(note);
    }
    if row != before {
        row.updated_at = desk.tx.now();
        agents::save(&desk.tx, vec![row.clone()]).await?;
        tell(&desk, &row, usual_capacity)?;
    }
    if row.status != Status::Available.to_string() {
        desk.take_back(row.id).await?;
    }
    desk.look_for_work();
    let (tx, id) = (desk.tx.clone(), row.id);
    desk.close().await?;
    let now = agents::find(&tx, id).await?;
    Ok(show::agent(&now.unwrap_or(row), usual_capacity))
}

/// Tells everybody.
pub(super) fn tell(desk: &Desk, row: &Model, usual_capacity: u32) -> Result<()> {
    let agent = show::agent(row, usual_capacity);
    desk.tx.emit_event(&agent.user_id.clone(), &AgentAvailabilityUpdated { agent: Some(agent) })
}
