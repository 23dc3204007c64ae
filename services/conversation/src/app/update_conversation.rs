use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{
    Error, Result,
    conversation::{Priority, Status},
    id, parse_word,
};
use weft_proto::conversation::v1::{Conversation, UpdateConversationRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Scope, Tx};

use super::time_to_come::time_to_come;
use crate::{
    Context, events, lookup,
    show::{self, Surroundings},
    store::{conversations, people},
};

/// What is to change.
struct Change {
    status: Option<Status>,
    snoozed_until: Option<DateTime<Utc>>,
    priority: Option<Priority>,
    assignee: Option<Option<Uuid>>,
}

/// Changes status, priority or assignee.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateConversationRequest>,
) -> Result<Once<Conversation>> {
    let request = &call.message;
    let id = lookup::conversation(&request.id)?;
    let scope = context.store.tenant(call.principal.tenant);
    let (status, snoozed_until) = status(request, context.store.clock().now())?;
    let change = &Change {
        status,
        snoozed_until,
        priority: request.priority.as_deref().map(|word| parse_word("priority", word)).transpose()?,
        assignee: match request.assignee.as_deref() {
            None => None,
            Some("") => Some(None),
            Some("me") => Some(Some(call.principal.user().uuid())),
            Some(user) => Some(Some(known_user(&scope, user).await?)),
        },
    };
    scope.write_once(&call.intent, |tx| async move { apply(&tx, id, change).await }).await
}

/// The status that is asked for, and until when it is put away.
fn status(
    request: &UpdateConversationRequest,
    now: DateTime<Utc>,
) -> Result<(Option<Status>, Option<DateTime<Utc>>)> {
    let status = request.status.as_deref().map(|word| parse_word("status", word)).transpose()?;
    let Some(until) = &request.snoozed_until else { return Ok((status, None)) };
    if status.is_some_and(|status| status != Status::Snoozed) {
        let words = "`snoozed_until` goes with the status `snoozed` alone";
        return Err(Error::invalid_field("snoozed_until", words));
    }
    let until = time_to_come("snoozed_until", Some(until), now)?;
    Ok((Some(Status::Snoozed), Some(until)))
}

async fn apply(tx: &Tx, id: Uuid, change: &Change) -> Result<Conversation> {
    let before = conversations::advance(tx, id, 0).await?;
    let mut row = before.clone();
    if let Some(status) = change.status {
        let was: Status = show::stored(&row.status)?;
        if !was.is_live() && status.is_live() {
            return Err(Error::precondition(
                "conversation_closed",
                "a closed conversation stays closed; the contact's next message opens a new one",
            ));
        }
        row.become_status(status);
        row.snoozed_until = change.snoozed_until;
        if matches!(status, Status::Resolved | Status::Closed) {
            row.waiting_since = None;
        }
    }
    if let Some(priority) = change.priority {
        row.priority = priority.to_string();
    }
    if let Some(assignee) = change.assignee {
        row.assignee = assignee;
    }
    if row != before {
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)?;
    }
    show::conversation(tx, &row).await
}

/// A user who may be assigned. One created this very moment may not have reached us yet, so the look is repeated for a second.
async fn known_user(scope: &Scope, text: &str) -> Result<Uuid> {
    let unknown =
        || Error::invalid_field("assignee", "`assignee` must be the id of a user of this tenant, or null");
    let id = id::parse::<id::User>("assignee", text).map_err(|_| unknown())?.uuid();
    for _ in 0..10 {
        match scope.read(|tx| async move { people::person(&tx, id).await }).await? {
            Some(person) if person.disabled => {
                return Err(Error::invalid_field("assignee", "this user is disabled; choose another"));
            }
            Some(_) => return Ok(id),
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    Err(unknown())
}
