use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{CannedReply, UpdateCannedReplyRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    create_canned_reply::shared,
    create_canned_reply::{
        category, files, limited, require, says_something, seen_by, shortcut, shortcut_taken, told,
    },
    create_view::named,
};
use crate::{
    Context, events, lookup,
    search::fold_words,
    show,
    store::{
        canned_replies::{self, Files},
        entity::canned_reply,
    },
    variables,
};

/// What is to change.
struct Change {
    name: Option<String>,
    shortcut: Option<String>,
    text: Option<String>,
    files: Option<Files>,
    category: Option<String>,
    is_shared: Option<bool>,
}

/// Changes a reply.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateCannedReplyRequest>,
) -> Result<Once<CannedReply>> {
    let (request, principal) = (&call.message, &call.principal);
    let id = lookup::canned_reply(&request.id)?;
    if let Some(text) = &request.text {
        variables::check(text, "text")?;
    }
    let files = match &request.attachments {
        Some(given) => Some(files(context, principal.tenant, &given.items, "attachments.items").await?),
        None => None,
    };
    let change = &Change {
        name: request.name.as_deref().map(named).transpose()?,
        shortcut: request.shortcut.as_deref().map(shortcut).transpose()?,
        text: request.text.clone(),
        files,
        category: request.category.as_deref().map(category),
        is_shared: shared(request.visibility.as_deref())?,
    };
    let update = |tx: Tx| async move { apply(&tx, id, change, principal).await };
    context.store.tenant(principal.tenant).write_once(&call.intent, update).await
}

async fn apply(tx: &Tx, id: Uuid, change: &Change, principal: &Principal) -> Result<CannedReply> {
    let before = taken(tx, id, principal).await?;
    let mut row = before.clone();
    if let Some(is_shared) = change.is_shared {
        require(principal, is_shared)?;
        row.seen_by = seen_by(row.owner, is_shared);
    }
    if let Some(name) = &change.name {
        row.name.clone_from(name);
        row.name_key = fold_words(name);
    }
    let put = |kept: &mut String, new: &Option<String>| {
        if let Some(new) = new {
            kept.clone_from(new);
        }
    };
    put(&mut row.shortcut, &change.shortcut);
    put(&mut row.text, &change.text);
    put(&mut row.category, &change.category);
    if let Some(files) = &change.files {
        row.attachments.clone_from(files);
    }
    if row == before {
        return Ok(show::canned_reply(&row));
    }
    says_something(&row)?;
    if row.seen_by != before.seen_by {
        limited(tx, &row).await?;
    }
    if canned_replies::is_taken(tx, &row).await? {
        return Err(shortcut_taken(&row));
    }
    row.updated_at = tx.now();
    // somebody may have been faster
    let saved = canned_replies::save(tx, &row).await;
    saved.map_err(|error| if error.reason() == "already_exists" { shortcut_taken(&row) } else { error })?;
    if before.is_shared() && !row.is_shared() {
        // for all but its owner it is gone
        events::canned_reply_updated(tx, &before, true)?;
    }
    told(tx, &row)
}

/// A reply that somebody may change, its turn taken.
pub(super) async fn taken(tx: &Tx, id: Uuid, principal: &Principal) -> Result<canned_reply::Model> {
    let row = canned_replies::take(tx, id).await?;
    let user = principal.user().uuid();
    let row = row.filter(|row| row.is_shared() || row.seen_by == user);
    let row = row.ok_or_else(|| Error::not_found("canned_reply"))?;
    require(principal, row.is_shared())?;
    Ok(row)
}
