//! When conversations were resolved, opened again or closed.

use std::collections::HashMap;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use uuid::Uuid;
use weft_domain::{Result, conversation::Status};
use weft_store::Tx;

use super::entity::{
    conversation,
    conversation_change::{Column, Entity, Model},
};

/// What is told of a conversation that had one status and has another now.
fn change(before: &str, now: &str) -> Option<&'static str> {
    let (before, now): (Status, Status) = (before.parse().ok()?, now.parse().ok()?);
    match (before, now) {
        (before, now) if before == now => None,
        (_, Status::Resolved) => Some("resolved"),
        (_, Status::Closed) => Some("closed"),
        (Status::Resolved | Status::Closed, _) => Some("reopened"),
        _ => None,
    }
}

/// Notes what became of conversations that had these statuses before.
pub(crate) async fn note(
    tx: &Tx,
    before: &HashMap<Uuid, String>,
    rows: &[conversation::Model],
) -> Result<()> {
    let changed = rows.iter().filter_map(|row| {
        let change = change(before.get(&row.id)?, &row.status)?;
        Some(Model {
            tenant_id: row.tenant_id,
            id: Uuid::now_v7(),
            contact_id: row.contact_id,
            conversation_id: row.id,
            change: change.to_owned(),
            created_at: tx.now(),
        })
    });
    tx.insert_all(changed.map(|row| row.into_active_model().reset_all()).collect()).await
}

/// The same of one conversation.
pub(crate) async fn note_one(tx: &Tx, before: &str, row: &conversation::Model) -> Result<()> {
    note(tx, &HashMap::from([(row.id, before.to_owned())]), std::slice::from_ref(row)).await
}

/// What is told of conversations is told of the contact they belong to now.
pub(crate) async fn hand_over(tx: &Tx, rows: &[conversation::Model], to: Uuid) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let update = Entity::update_many()
        .col_expr(Column::ContactId, Expr::value(to))
        .filter(tx.is_any_of(Column::ConversationId, rows.iter().map(|row| row.id)));
    tx.update(update).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn only_ends_and_new_beginnings_are_told() {
        for (before, now, told) in [
            ("open", "resolved", Some("resolved")),
            ("resolved", "open", Some("reopened")),
            ("resolved", "closed", Some("closed")),
            ("snoozed", "open", None),
            ("open", "pending", None),
            ("resolved", "resolved", None),
        ] {
            assert_eq!(change(before, now), told, "{before} -> {now}");
        }
    }
}
