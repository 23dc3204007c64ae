//! Who has a conversation, and had it: a chain without holes, each link begun by whoever gave it on.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{Result, conversation::AuthorKind};
use weft_proto::conversation::v1::holder::Cause;
use weft_store::Tx;

use crate::{
    actor::Actor,
    store::{
        entity::{conversation, conversation_holder},
        holders,
    },
};

/// Ends the time of whoever had a conversation, and begins that of whoever has it now. Nothing, where those are the same. The
/// conversation's turn has been taken.
pub(crate) async fn follow(
    tx: &Tx,
    before: &conversation::Model,
    after: &conversation::Model,
    (cause, by, note_id): (Cause, &Actor, Option<Uuid>),
) -> Result<()> {
    if (before.assignee, before.team) == (after.assignee, after.team) {
        return Ok(());
    }
    let last = holders::last(tx, after.id).await?;
    // another replica's clock may have been ahead
    let now = last.as_ref().map_or_else(|| tx.now(), |last| tx.now().max(last.from_at));
    let before_that = last.is_none().then(|| known_from(before, now)).flatten();
    let number = last.as_ref().or(before_that.as_ref()).map_or(1, |last| last.number + 1);
    let is_nobodys = after.assignee.is_none() && after.team.is_none();
    let cause = if is_nobodys { Cause::Unassigned } else { cause };
    let next = conversation_holder::Model {
        tenant_id: after.tenant_id,
        conversation_id: after.id,
        number,
        user_id: after.assignee,
        team_id: after.team,
        cause: cause.as_str_name().to_owned(),
        by_kind: by.kind.to_string(),
        by_id: by.id,
        by_name: by.name.clone(),
        note_id,
        from_at: now,
        until_at: None,
    };
    let ended = last.map(|last| conversation_holder::Model { until_at: Some(now), ..last });
    holders::save(tx, ended.into_iter().chain(before_that).chain([next]).collect()).await
}

/// Whoever had it when nobody wrote that down yet.
fn known_from(before: &conversation::Model, until: DateTime<Utc>) -> Option<conversation_holder::Model> {
    (before.assignee.is_some() || before.team.is_some()).then(|| conversation_holder::Model {
        tenant_id: before.tenant_id,
        conversation_id: before.id,
        number: 1,
        user_id: before.assignee,
        team_id: before.team,
        cause: Cause::Assigned.as_str_name().to_owned(),
        by_kind: AuthorKind::System.to_string(),
        by_id: None,
        by_name: String::new(),
        note_id: None,
        from_at: before.created_at,
        until_at: Some(until),
    })
}
