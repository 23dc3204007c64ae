use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use prost_types::Struct;
use uuid::Uuid;
use weft_domain::{
    Error, Result, TenantId,
    conversation::{Priority, Status},
    id::{self, UserId},
    parse_word,
};
use weft_proto::conversation::v1::{Conversation, UpdateConversationRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Scope, Tx};

use super::time_to_come::time_to_come;
use crate::{
    Context,
    custom_fields::{self, Of},
    events, lookup,
    show::{self, Surroundings},
    store::{conversations, entity::conversation, people, tags::Words},
    tags,
};

/// What is to change.
#[derive(Clone)]
pub(crate) struct Change {
    status: Option<Status>,
    snoozed_until: Option<DateTime<Utc>>,
    priority: Option<Priority>,
    assignee: Option<Option<Uuid>>,
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
    archived: Option<bool>,
    fields: Option<Struct>,
}

/// Changes status, priority, assignee, tags or fields, snoozes or archives it.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateConversationRequest>,
) -> Result<Once<Conversation>> {
    let request = &call.message;
    let id = lookup::conversation(&request.id)?;
    let change = &read(context, (call.principal.tenant, call.principal.user()), request).await?;
    let user = call.principal.user().uuid();
    let update = |tx| async move {
        let row = apply(&tx, id, change).await?;
        show::conversation_for(&tx, &row, user).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, update).await
}

/// What is asked for, checked as far as that goes without the conversation.
pub(crate) async fn read(
    context: &Context,
    (tenant, user): (TenantId, UserId),
    request: &UpdateConversationRequest,
) -> Result<Change> {
    let (status, snoozed_until) = status(request, context.store.clock().now())?;
    Ok(Change {
        status,
        snoozed_until,
        priority: request.priority.as_deref().map(|word| parse_word("priority", word)).transpose()?,
        assignee: match request.assignee.as_deref() {
            None => None,
            Some("" | "none") => Some(None),
            Some("me") => Some(Some(user.uuid())),
            Some(other) => Some(Some(known_user(&context.store.tenant(tenant), other).await?)),
        },
        add_tags: tags_of(&request.add_tags, "add_tags")?,
        remove_tags: tags_of(&request.remove_tags, "remove_tags")?,
        archived: request.archived,
        fields: request.fields.clone(),
    })
}

fn tags_of(given: &[String], field: &str) -> Result<Vec<String>> {
    if given.len() > tags::MOST {
        return Err(Error::invalid_field(field, format!("`{field}` may name {} tags", tags::MOST)));
    }
    given.iter().enumerate().map(|(index, tag)| tags::read(tag, &format!("{field}[{index}]"))).collect()
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

/// Changes a conversation, and tells everybody if that made a difference.
pub(crate) async fn apply(tx: &Tx, id: Uuid, change: &Change) -> Result<conversation::Model> {
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
    if let Some(archived) = change.archived {
        row.archived_at = archived.then(|| row.archived_at.unwrap_or_else(|| tx.now()));
    }
    row.tags = tagged(&row.tags, change)?;
    custom_fields::put(tx, Of::Conversation, &mut row.fields, change.fields.as_ref()).await?;
    if row != before {
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        if row.tags != before.tags {
            crate::store::tags::follow(tx, id, &before.tags, &row.tags).await?;
        }
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)?;
    }
    Ok(row)
}

/// Its tags then, in the order of the alphabet.
fn tagged(before: &Words, change: &Change) -> Result<Words> {
    let mut all: BTreeSet<&String> = before.0.iter().chain(&change.add_tags).collect();
    all.retain(|tag| !change.remove_tags.contains(tag));
    if all.len() > tags::MOST && !change.add_tags.is_empty() {
        let words = format!("a conversation has at most {} tags; remove some of them first", tags::MOST);
        return Err(Error::precondition("too_many_tags", words).with_field("add_tags"));
    }
    Ok(Words(all.into_iter().cloned().collect()))
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
