use chrono::TimeDelta;
use uuid::Uuid;
use weft_domain::{Error, Idempotency, Result, conversation::Status, id};
use weft_proto::{
    Intent,
    conversation::v1::{AssignRequest, AssignResponse, holder::Cause},
};
use weft_store::Tx;

use crate::{
    Context,
    actor::Actor,
    events, holders, lookup,
    notify::Notices,
    show::{self, Surroundings},
    store::{conversations, people},
};

/// Assigns a conversation that nobody has, as a service of the fleet decided. A decision has one answer, however often
/// it is told: a person who took the conversation away meanwhile is not overruled by a repeated call.
pub(crate) async fn run(context: &Context, service: &str, request: AssignRequest) -> Result<AssignResponse> {
    let tenant = id::parse::<id::Tenant>("tenant_id", &request.tenant_id)?;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let user = id::parse::<id::User>("user_id", &request.user_id)?.uuid();
    let mut intent = Intent::default();
    intent.idempotency = Some(Idempotency {
        principal: service.to_owned(),
        method: "Assignments/Assign".to_owned(),
        key: request.decision_id,
        digest: both(conversation, user),
    });
    let intent = &intent;
    let scope = context.store.tenant(tenant);
    let assign = |tx| async move { apply(&tx, conversation, user).await };
    scope.write_once(intent, assign).await.map(|answer| answer.value)
}

async fn apply(tx: &Tx, id: Uuid, user: Uuid) -> Result<AssignResponse> {
    let mut row = conversations::advance(tx, id, 0).await?;
    let status: Status = show::stored(&row.status)?;
    if row.assignee.is_some() || matches!(status, Status::Resolved | Status::Closed) {
        let conversation = Some(show::conversation(tx, &row).await?);
        return Ok(AssignResponse { assigned: false, conversation });
    }
    if people::person(tx, user).await?.is_none_or(|person| person.disabled) {
        return Err(Error::invalid_field("user_id", "`user_id` must be the id of a user who may sign in"));
    }
    let before = row.clone();
    row.assignee = Some(user);
    // Later than what it was, also when another replica's clock is ahead: who decided compares the two.
    row.updated_at = tx.now().max(row.updated_at + TimeDelta::microseconds(1));
    conversations::save(tx, &row).await?;
    let by = Actor::system();
    holders::follow(tx, &before, &row, (Cause::Routed, &by, None)).await?;
    let mut notices = Notices::default();
    notices.assigned(&before, &row, &by, ("", None));
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
    events::conversation_updated(tx, &row, &surroundings)?;
    notices.write(tx).await?;
    Ok(AssignResponse { assigned: true, conversation: Some(surroundings.conversation(&row)?) })
}

/// What a decision is about is as long as a digest, and needs none.
pub(super) fn both(conversation: Uuid, user: Uuid) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (first, second) = bytes.split_at_mut(16);
    first.copy_from_slice(conversation.as_bytes());
    second.copy_from_slice(user.as_bytes());
    bytes
}
