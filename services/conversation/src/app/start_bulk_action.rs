use std::collections::HashSet;

use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{
    BulkAction, ConversationChange, StartBulkActionRequest, UpdateConversationRequest,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    list_conversations::{narrowed, view_id},
    update_conversation,
};
use crate::{
    Context,
    actor::Writer,
    events, filter, show,
    store::{
        bulk_actions,
        conversations::{self, Filter},
        entity::{bulk_action, bulk_action_item},
    },
};

/// So many conversations one action changes.
const MOST: u64 = 1_000;
/// So many of one person's actions go on at the same time.
const MOST_RUNNING: u64 = 10;

/// Which conversations.
enum Which {
    Named(Vec<Uuid>),
    Found(Box<Filter>, Option<Uuid>),
}

/// Begins to change many conversations.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<StartBulkActionRequest>,
) -> Result<Once<BulkAction>> {
    let principal = &call.principal;
    let which = &which(&call.message, principal)?;
    let change = &resolved(context, principal, call.message.change.clone().unwrap_or_default()).await?;
    let start = |tx: Tx| async move { apply(&tx, which, change, &Writer::of(principal)).await };
    context.store.tenant(principal.tenant).write_once(&call.intent, start).await
}

fn which(request: &StartBulkActionRequest, principal: &Principal) -> Result<Which> {
    let given = [!request.conversation_ids.is_empty(), request.filter.is_some(), request.view.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        let words = "say which conversations: by `conversation_ids`, `filter` or `view`, one of these";
        return Err(Error::invalid_field("conversation_ids", words));
    }
    if request.conversation_ids.is_empty() {
        let me = principal.user().uuid();
        let rules =
            request.filter.iter().map(|given| filter::read(given, "filter")).collect::<Result<_>>()?;
        let view = request.view.as_deref().map(view_id).transpose()?;
        return Ok(Which::Found(Box::new(Filter { rules, me, ..Filter::default() }), view));
    }
    if u64::try_from(request.conversation_ids.len()).is_ok_and(|count| count > MOST) {
        let words = format!("`conversation_ids` names at most {MOST}; begin another action for the rest");
        return Err(Error::invalid_field("conversation_ids", words));
    }
    let mut ids = Vec::new();
    let mut known = HashSet::new();
    for (index, text) in request.conversation_ids.iter().enumerate() {
        let field = format!("conversation_ids[{index}]");
        let id = weft_domain::id::parse::<weft_domain::id::Conversation>(&field, text)?.uuid();
        if known.insert(id) {
            ids.push(id);
        }
    }
    Ok(Which::Named(ids))
}

/// The change with whoever is meant by `me`, once it is one that could be made.
async fn resolved(
    context: &Context,
    principal: &Principal,
    mut change: ConversationChange,
) -> Result<ConversationChange> {
    if change == ConversationChange::default() {
        return Err(Error::invalid_field("change", "`change` changes nothing; say what is to change"));
    }
    if change.assignee.as_deref() == Some("me") {
        change.assignee = Some(principal.user().to_string());
    }
    update_conversation::read(context, (principal.tenant, principal.user()), &request(&change)).await?;
    Ok(change)
}

/// The same change as one asks for it of one conversation.
pub(crate) fn request(change: &ConversationChange) -> UpdateConversationRequest {
    let change = change.clone();
    UpdateConversationRequest {
        status: change.status,
        priority: change.priority,
        assignee: change.assignee,
        snoozed_until: change.snoozed_until,
        add_tags: change.add_tags,
        remove_tags: change.remove_tags,
        archived: change.archived,
        fields: change.fields,
        team: change.team,
        ..UpdateConversationRequest::default()
    }
}

async fn apply(tx: &Tx, which: &Which, change: &ConversationChange, by: &Writer) -> Result<BulkAction> {
    if bulk_actions::count_running(tx, by.user).await? >= MOST_RUNNING {
        let words = format!("{MOST_RUNNING} of your bulk actions go on already; wait for one of them");
        return Err(Error::precondition("too_many_bulk_actions", words));
    }
    let ids = match which {
        Which::Named(ids) => ids.clone(),
        Which::Found(filter, view) => {
            let filter = narrowed(tx, (**filter).clone(), *view).await?;
            let mut rows = conversations::page(tx, &filter, None, MOST).await?;
            rows.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
            rows.into_iter().map(|row| row.id).collect()
        }
    };
    let id = Uuid::now_v7();
    let count = |count: usize| i32::try_from(count).map_err(Error::internal);
    let row = bulk_action::Model {
        tenant_id: tx.tenant().uuid(),
        id,
        user_id: by.user,
        author_kind: by.kind.to_string(),
        state: if ids.is_empty() { "done" } else { "running" }.to_owned(),
        change: change.clone().into(),
        total: count(ids.len())?,
        done_count: 0,
        failed_count: 0,
        created_at: tx.now(),
        ended_at: ids.is_empty().then(|| tx.now()),
    };
    let mut items = Vec::with_capacity(ids.len());
    for (position, conversation) in ids.into_iter().enumerate() {
        items.push(bulk_action_item::Model {
            tenant_id: tx.tenant().uuid(),
            action_id: id,
            position: count(position)?,
            conversation_id: conversation,
            state: "waiting".to_owned(),
            reason: String::new(),
            message: String::new(),
        });
    }
    bulk_actions::insert(tx, &row, items).await?;
    events::bulk_action_updated(tx, &row)?;
    Ok(show::bulk_action(&row))
}
