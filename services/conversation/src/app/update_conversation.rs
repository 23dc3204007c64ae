use chrono::{DateTime, Utc};
use prost_types::Struct;
use uuid::Uuid;
use weft_domain::{
    Error, Result, TenantId,
    conversation::{AuthorKind, Priority, Status},
    id::{self, UserId},
    parse_word,
};
use weft_proto::conversation::v1::{Conversation, UpdateConversationRequest, holder::Cause};
use weft_rpc::Accepted;
use weft_store::{Once, Scope, Tx};

use super::{look_again, time_to_come::time_to_come};
use crate::{
    Context,
    actor::{Actor, Writer},
    custom_fields::{self, Of},
    events, holders, lookup,
    notify::{About, Notices},
    reply,
    show::{self, Surroundings},
    store::{conversation_changes, conversations, entity::conversation, people, teams},
    tags,
};

/// What is to change.
#[derive(Clone)]
pub(crate) struct Change {
    status: Option<Status>,
    snoozed_until: Option<DateTime<Utc>>,
    priority: Option<Priority>,
    assignee: Option<Option<Uuid>>,
    team: Option<Option<Uuid>>,
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
    archived: Option<bool>,
    fields: Option<Struct>,
    by: Writer,
}

impl Change {
    /// The same, made by this one.
    pub(crate) fn by(self, writer: Writer) -> Self {
        Self { by: writer, ..self }
    }
}

/// How a conversation comes to whoever has it then.
pub(crate) struct Handover<'a> {
    /// Why.
    pub(crate) cause: Cause,
    /// What was said of it.
    pub(crate) note: &'a str,
    /// The note that says so.
    pub(crate) about: Option<About>,
}

impl Handover<'_> {
    /// Without a word.
    const PLAIN: Self = Self { cause: Cause::Assigned, note: "", about: None };
}

/// Changes status, priority, assignee, team, tags or fields, snoozes or archives it.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateConversationRequest>,
) -> Result<Once<Conversation>> {
    let request = &call.message;
    let id = lookup::conversation(&request.id)?;
    let change = read(context, (call.principal.tenant, call.principal.user()), request).await?;
    let change = &change.by(Writer::of(&call.principal));
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
        team: match request.team.as_deref() {
            None => None,
            Some("" | "none") => Some(None),
            Some(other) => Some(Some(known_team(&context.store.tenant(tenant), other).await?)),
        },
        add_tags: tags::read_all(&request.add_tags, "add_tags")?,
        remove_tags: tags::read_all(&request.remove_tags, "remove_tags")?,
        archived: request.archived,
        fields: request.fields.clone(),
        by: Writer::before(user.uuid(), AuthorKind::Agent),
    })
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
    let mut notices = Notices::default();
    let row = apply_noting(tx, id, change, &mut notices).await?;
    notices.write(tx).await?;
    Ok(row)
}

/// The same, as one of several changes: whom it concerns is told at the end.
pub(crate) async fn apply_noting(
    tx: &Tx,
    id: Uuid,
    change: &Change,
    notices: &mut Notices,
) -> Result<conversation::Model> {
    hand_over(tx, id, change, &Handover::PLAIN, notices).await
}

/// The same, as it is given to somebody for a reason.
pub(super) async fn hand_over(
    tx: &Tx,
    id: Uuid,
    change: &Change,
    handover: &Handover<'_>,
    notices: &mut Notices,
) -> Result<conversation::Model> {
    let before = conversations::advance(tx, id, 0).await?;
    let mut row = before.clone();
    if let Some(status) = change.status {
        let was: Status = show::stored(&row.status)?;
        if !was.is_live() && status.is_live() {
            reply::not_merged(&row)?;
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
    if let Some(team) = change.team.filter(|team| *team != row.team) {
        row.team = team;
        if let Some(team) = team {
            // it is there until this is done
            teams::hold(tx, team).await?.ok_or_else(unknown_team)?;
        }
    }
    if let Some(archived) = change.archived {
        row.archived_at = archived.then(|| row.archived_at.unwrap_or_else(|| tx.now()));
    }
    row.tags = tags::changed(&row.tags, &change.add_tags, &change.remove_tags, "a conversation")?;
    custom_fields::put(tx, Of::Conversation, &mut row.fields, change.fields.as_ref()).await?;
    if row != before {
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        conversation_changes::note_one(tx, &before.status, &row).await?;
        if row.tags != before.tags {
            crate::store::tags::follow(tx, id, &before.tags, &row.tags).await?;
        }
        if (row.assignee, row.team) != (before.assignee, before.team) {
            let by = Actor::of(tx, &change.by).await?;
            holders::follow(tx, &before, &row, (handover.cause, &by, handover.about.map(About::id))).await?;
            notices.assigned(&before, &row, &by, (handover.note, handover.about));
        }
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)?;
    }
    Ok(row)
}

/// Takes a conversation from a team that is no more.
pub(crate) async fn leave_team(tx: &Tx, id: Uuid, team: Uuid) -> Result<()> {
    let before = conversations::advance(tx, id, 0).await?;
    if before.team != Some(team) {
        return Ok(());
    }
    let row = conversation::Model { team: None, updated_at: tx.now(), ..before.clone() };
    conversations::save(tx, &row).await?;
    holders::follow(tx, &before, &row, (Cause::Assigned, &Actor::system(), None)).await?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
    events::conversation_updated(tx, &row, &surroundings)
}

/// A team that there is.
async fn known_team(scope: &Scope, text: &str) -> Result<Uuid> {
    let id = id::parse::<id::Team>("team", text).map_err(|_| unknown_team())?.uuid();
    let found = look_again::run(scope, |tx| async move { teams::find(&tx, id).await }).await?;
    found.map(|_| id).ok_or_else(unknown_team)
}

fn unknown_team() -> Error {
    Error::invalid_field("team", "`team` must be the id of a team of this tenant, or null")
}

/// A user who may be assigned.
async fn known_user(scope: &Scope, text: &str) -> Result<Uuid> {
    let unknown =
        || Error::invalid_field("assignee", "`assignee` must be the id of a user of this tenant, or null");
    let id = id::parse::<id::User>("assignee", text).map_err(|_| unknown())?.uuid();
    let found = look_again::run(scope, |tx| async move { people::person(&tx, id).await }).await?;
    if found.ok_or_else(unknown)?.disabled {
        return Err(Error::invalid_field("assignee", "this user is disabled; choose another"));
    }
    Ok(id)
}
