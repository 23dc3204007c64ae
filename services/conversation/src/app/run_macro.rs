use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, ErrorCode, Result, conversation::AuthorKind};
use weft_proto::conversation::v1::{
    ConversationChange, MacroMessage, Message, RunMacroRequest, RunMacroResponse, SendMessageRequest,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    find_values, mark_read,
    send_message::{self, Draft},
    start_bulk_action,
    update_conversation::{self, Change},
};
use crate::{
    Context,
    actor::Writer,
    lookup,
    notify::Notices,
    show,
    store::{conversations, kinds::Kinds, macros},
    variables::{self, Values},
};

/// All that a macro does in a conversation.
struct Steps {
    conversation: Uuid,
    /// What is written, in its order.
    drafts: Vec<Draft>,
    /// What changes after that, as it is asked for and as it is read.
    change: Option<(ConversationChange, Change)>,
}

/// Does what a macro says, or nothing of it.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<RunMacroRequest>,
) -> Result<Once<RunMacroResponse>> {
    let principal = &call.principal;
    let id = lookup::saved_macro(&call.message.id)?;
    let conversation = lookup::conversation(&call.message.conversation_id)?;
    let prepared = match prepare(context, principal, id, conversation).await {
        Err(error) if error.code().is_ours() => return Err(error),
        // said once for each time it is tried
        prepared => prepared.map_err(weft_rpc::status),
    };
    let steps = &prepared;
    let kinds = &*context.kinds.all().await?;
    let (writer, user) = (&Writer::of(principal), principal.user().uuid());
    let run = |tx: Tx| async move {
        // only here: what was done is answered again, also when it could not be done any more
        let messages = carry_out(&tx, steps.as_ref().map_err(weft_rpc::error)?, writer, kinds).await?;
        let row = conversations::get(&tx, conversation).await?;
        let conversation = Some(show::conversation_for(&tx, &row, user).await?);
        Ok(RunMacroResponse { conversation, messages })
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, run).await
}

/// Reads a macro, and fills it in for a conversation.
async fn prepare(context: &Context, principal: &Principal, id: Uuid, conversation: Uuid) -> Result<Steps> {
    let (tenant, user) = (principal.tenant, principal.user());
    let find = |tx| async move {
        let row = macros::find(&tx, id, user.uuid()).await?.ok_or_else(|| Error::not_found("macro"))?;
        Ok((row, find_values::run(&tx, conversation, Some(user.uuid())).await?))
    };
    let (row, values) = context.store.tenant(tenant).read(find).await?;
    if row.reply.is_some() || row.note.is_some() {
        principal.require("message.send")?;
    }
    let mut drafts = Vec::new();
    for (step, message, internal) in [("reply", &row.reply, false), ("note", &row.note, true)] {
        let Some(message) = message else { continue };
        let request = written(conversation, &message.0.0, values.clone(), internal)?;
        let draft = send_message::draft(context, tenant, &request).await;
        drafts.push(draft.map_err(|error| outdated(step, "", error))?);
    }
    let Some(asked) = row.change.map(|change| change.0.0) else {
        return Ok(Steps { conversation, drafts, change: None });
    };
    let read = update_conversation::read(context, (tenant, user), &start_bulk_action::request(&asked)).await;
    let read = read.map_err(|error| unchangeable(&asked, error))?.by(Writer::of(principal));
    Ok(Steps { conversation, drafts, change: Some((asked, read)) })
}

/// A message of a macro as it is sent. Nothing goes to a contact with holes in its sentences; a note among ourselves may have some.
fn written(
    conversation: Uuid,
    message: &MacroMessage,
    values: Values,
    internal: bool,
) -> Result<SendMessageRequest> {
    let filled = variables::fill(&message.text, values)?;
    if !internal && !filled.missing.is_empty() {
        let words = format!(
            "the macro's reply would have holes: {} have no value here and no default; fill them in, or change the reply, like `{{{{ contact.name | default('there') }}}}`",
            filled.missing.join(", ")
        );
        return Err(Error::precondition("variables_not_filled", words).with_field("reply.text"));
    }
    Ok(SendMessageRequest {
        conversation_id: show::conversation_id(conversation),
        text: filled.text,
        attachments: message.attachments.clone(),
        internal,
        ..SendMessageRequest::default()
    })
}

async fn carry_out(tx: &Tx, steps: &Steps, writer: &Writer, kinds: &Kinds) -> Result<Vec<Message>> {
    let mut notices = Notices::default();
    let mut messages = Vec::with_capacity(steps.drafts.len());
    for draft in &steps.drafts {
        messages.push(send_message::write(tx, writer, draft, kinds, &mut notices).await?);
    }
    if let Some((asked, change)) = &steps.change {
        let changed = update_conversation::apply_noting(tx, steps.conversation, change, &mut notices).await;
        changed.map_err(|error| unchangeable(asked, error))?;
        if asked.mark_read {
            let reader = Some(writer.user).filter(|_| writer.kind == AuthorKind::Agent);
            mark_read::apply(tx, steps.conversation, None, reader, &mut notices).await?;
        }
    }
    notices.write(tx).await?;
    Ok(messages)
}

/// What a macro names may be there no longer.
fn unchangeable(asked: &ConversationChange, error: Error) -> Error {
    let named = match error.field() {
        Some("assignee") => asked.assignee.as_deref(),
        Some("team") => asked.team.as_deref(),
        _ => None,
    };
    let named = named.map(|id| format!(" ({id})")).unwrap_or_default();
    outdated("change", &named, error)
}

/// What is wrong in a step is wrong in the macro, not in what was asked for.
fn outdated(step: &str, named: &str, error: Error) -> Error {
    if error.code() != ErrorCode::Invalid {
        return error;
    }
    let field = error.field().map_or_else(|| step.to_owned(), |field| format!("{step}.{field}"));
    let words = format!("the macro cannot be carried out, change it: `{field}`{named}: {}", error.message());
    Error::precondition("macro_outdated", words).with_field(&field)
}
