use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{ConversationChange, CreateMacroRequest, Macro, MacroMessage};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    create_canned_reply::shared,
    create_canned_reply::{files, seen_by},
    create_view::named,
    start_bulk_action, update_conversation,
};
use crate::{
    Context,
    custom_fields::{self, Of},
    events,
    search::fold_words,
    show,
    store::{custom_fields::Values, entity::saved_macro, macros},
    variables,
};

/// What changes and deletes macros that everybody sees.
const SHARE: &str = "macro.share";
/// So many macros there are for everybody.
const MOST: u64 = 1_000;
/// So many macros one person has.
const MOST_OF_ONE: u64 = 500;

/// Saves a macro.
pub(crate) async fn run(context: &Context, call: Accepted<CreateMacroRequest>) -> Result<Once<Macro>> {
    let (request, principal) = (&call.message, &call.principal);
    let name = &named(&request.name)?;
    let is_shared = shared(request.visibility.as_deref())?.unwrap_or_default();
    require(principal, is_shared)?;
    let reply = &message(context, principal, request.reply.as_ref(), "reply").await?;
    let note = &message(context, principal, request.note.as_ref(), "note").await?;
    let change = &change(context, principal, request.change.as_ref()).await?;
    let owner = principal.user().uuid();
    let create = |tx: Tx| async move {
        let row = saved_macro::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            owner,
            seen_by: seen_by(owner, is_shared),
            name: name.clone(),
            name_key: fold_words(name),
            description: request.description.trim().to_owned(),
            reply: reply.clone().map(Into::into),
            note: note.clone().map(Into::into),
            change: change.clone().map(Into::into),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        does_something(&row)?;
        limited(&tx, &row).await?;
        fits_fields(&tx, change.as_ref()).await?;
        macros::insert(&tx, &row).await?;
        told(&tx, &row)
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, create).await
}

/// What everybody sees needs a permission.
pub(super) fn require(principal: &Principal, is_shared: bool) -> Result<()> {
    if is_shared { principal.require(SHARE) } else { Ok(()) }
}

/// Words that can be filled in, and files that are there; none without either.
pub(super) async fn message(
    context: &Context,
    principal: &Principal,
    given: Option<&MacroMessage>,
    field: &str,
) -> Result<Option<MacroMessage>> {
    let Some(given) = given else { return Ok(None) };
    if given.text.trim().is_empty() && given.attachments.is_empty() {
        return Ok(None);
    }
    variables::check(&given.text, &format!("{field}.text"))?;
    files(context, principal.tenant, &given.attachments, &format!("{field}.attachments")).await?;
    Ok(Some(given.clone()))
}

/// A change that could be made now; none that changes nothing.
pub(super) async fn change(
    context: &Context,
    principal: &Principal,
    given: Option<&ConversationChange>,
) -> Result<Option<ConversationChange>> {
    let given = given.filter(|given| **given != ConversationChange::default());
    let Some(given) = given else { return Ok(None) };
    let whose = (principal.tenant, principal.user());
    let read = update_conversation::read(context, whose, &start_bulk_action::request(given)).await;
    read.map_err(below_change)?;
    Ok(Some(given.clone()))
}

/// There are fields for all values of a change, and they take them.
pub(super) async fn fits_fields(tx: &Tx, change: Option<&ConversationChange>) -> Result<()> {
    let given = change.and_then(|change| change.fields.as_ref());
    let mut none_yet = Values::default();
    custom_fields::put(tx, Of::Conversation, &mut none_yet, given).await.map_err(below_change)
}

fn below_change(error: Error) -> Error {
    match error.field().map(|field| format!("change.{field}")) {
        Some(field) => error.with_field(&field),
        None => error,
    }
}

/// At least one step.
pub(super) fn does_something(row: &saved_macro::Model) -> Result<()> {
    if row.reply.is_none() && row.note.is_none() && row.change.is_none() {
        let words = "a macro does something: give `reply`, `note` or `change`";
        return Err(Error::invalid_field("reply", words));
    }
    Ok(())
}

/// There is room for another one.
pub(super) async fn limited(tx: &Tx, row: &saved_macro::Model) -> Result<()> {
    let (most, whose) = if row.is_shared() { (MOST, "for everyone") } else { (MOST_OF_ONE, "of your own") };
    if macros::count(tx, row.seen_by).await? < most {
        return Ok(());
    }
    let words = format!("there are {most} macros {whose} already; delete some of them first");
    Err(Error::precondition("too_many_macros", words))
}

/// The macro as it is shown, everybody who may see it being told.
pub(super) fn told(tx: &Tx, row: &saved_macro::Model) -> Result<Macro> {
    events::macro_updated(tx, row, false)?;
    Ok(show::saved_macro(row))
}
