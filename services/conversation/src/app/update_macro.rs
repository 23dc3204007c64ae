use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{ConversationChange, Macro, MacroMessage, UpdateMacroRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    create_canned_reply::seen_by,
    create_canned_reply::shared,
    create_macro::{change, does_something, fits_fields, limited, message, require, told},
    create_view::named,
};
use crate::{
    Context, events, lookup,
    search::fold_words,
    show,
    store::{entity::saved_macro, macros},
};

/// What is to change; of each step, what is there in its place.
struct Update {
    name: Option<String>,
    description: Option<String>,
    is_shared: Option<bool>,
    reply: Option<Option<MacroMessage>>,
    note: Option<Option<MacroMessage>>,
    change: Option<Option<ConversationChange>>,
}

/// Changes a macro.
pub(crate) async fn run(context: &Context, call: Accepted<UpdateMacroRequest>) -> Result<Once<Macro>> {
    let (request, principal) = (&call.message, &call.principal);
    let id = lookup::saved_macro(&request.id)?;
    let reply = message(context, principal, request.reply.as_ref(), "reply").await?;
    let note = message(context, principal, request.note.as_ref(), "note").await?;
    let change = change(context, principal, request.change.as_ref()).await?;
    let update = &Update {
        name: request.name.as_deref().map(named).transpose()?,
        description: request.description.as_deref().map(|text| text.trim().to_owned()),
        is_shared: shared(request.visibility.as_deref())?,
        reply: request.reply.is_some().then_some(reply),
        note: request.note.is_some().then_some(note),
        change: request.change.is_some().then_some(change),
    };
    let apply = |tx: Tx| async move { apply(&tx, id, update, principal).await };
    context.store.tenant(principal.tenant).write_once(&call.intent, apply).await
}

async fn apply(tx: &Tx, id: Uuid, update: &Update, principal: &Principal) -> Result<Macro> {
    let before = taken(tx, id, principal).await?;
    let mut row = before.clone();
    if let Some(is_shared) = update.is_shared {
        require(principal, is_shared)?;
        row.seen_by = seen_by(row.owner, is_shared);
    }
    if let Some(name) = &update.name {
        row.name.clone_from(name);
        row.name_key = fold_words(name);
    }
    if let Some(description) = &update.description {
        row.description.clone_from(description);
    }
    if let Some(reply) = &update.reply {
        row.reply = reply.clone().map(Into::into);
    }
    if let Some(note) = &update.note {
        row.note = note.clone().map(Into::into);
    }
    if let Some(change) = &update.change {
        fits_fields(tx, change.as_ref()).await?;
        row.change = change.clone().map(Into::into);
    }
    if row == before {
        return Ok(show::saved_macro(&row));
    }
    does_something(&row)?;
    if row.seen_by != before.seen_by {
        limited(tx, &row).await?;
    }
    row.updated_at = tx.now();
    macros::save(tx, &row).await?;
    if before.is_shared() && !row.is_shared() {
        // for all but its owner it is gone
        events::macro_updated(tx, &before, true)?;
    }
    told(tx, &row)
}

/// A macro that somebody may change, its turn taken.
pub(super) async fn taken(tx: &Tx, id: Uuid, principal: &Principal) -> Result<saved_macro::Model> {
    let row = macros::take(tx, id).await?;
    let user = principal.user().uuid();
    let row = row.filter(|row| row.is_shared() || row.seen_by == user);
    let row = row.ok_or_else(|| Error::not_found("macro"))?;
    require(principal, row.is_shared())?;
    Ok(row)
}
