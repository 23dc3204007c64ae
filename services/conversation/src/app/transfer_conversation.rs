use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{
    Conversation, SendMessageRequest, TransferConversationRequest, UpdateConversationRequest, holder::Cause,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    send_message::{self, Draft},
    update_conversation::{self, Change, Handover},
};
use crate::{
    Context,
    actor::Writer,
    lookup,
    notify::{About, Notices},
    show,
    store::{entity::conversation, kinds::Kinds},
};

/// Gives a conversation on. What is said of that is a note in it, written with the change or not at all.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<TransferConversationRequest>,
) -> Result<Once<Conversation>> {
    let request = &call.message;
    let id = lookup::conversation(&request.id)?;
    if request.assignee.is_none() && request.team.is_none() {
        return Err(Error::invalid_field("assignee", "say to whom: give `assignee`, `team` or both"));
    }
    let principal = &call.principal;
    let writer = Writer::of(principal);
    let caller = (principal.tenant, principal.user());
    let change = &update_conversation::read(context, caller, &wanted(request)).await?.by(writer);
    let note = request.note.trim();
    let draft = match note.is_empty() {
        true => None,
        false => Some(send_message::draft(context, principal.tenant, &said(request)).await?),
    };
    let (draft, kinds) = (draft.as_ref(), &*context.kinds.all().await?);
    let transfer = |tx: Tx| async move {
        let row = apply(&tx, id, change, (note, draft, &writer), kinds).await?;
        show::conversation_for(&tx, &row, writer.user).await
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, transfer).await
}

/// Who is to have it. Whoever of a team it was with takes it no further where only another team is named.
fn wanted(request: &TransferConversationRequest) -> UpdateConversationRequest {
    UpdateConversationRequest {
        id: request.id.clone(),
        assignee: Some(request.assignee.clone().unwrap_or_default()),
        team: request.team.clone(),
        ..UpdateConversationRequest::default()
    }
}

fn said(request: &TransferConversationRequest) -> SendMessageRequest {
    SendMessageRequest {
        conversation_id: request.id.clone(),
        text: request.note.trim().to_owned(),
        internal: true,
        ..SendMessageRequest::default()
    }
}

async fn apply(
    tx: &Tx,
    id: Uuid,
    change: &Change,
    (note, draft, writer): (&str, Option<&Draft>, &Writer),
    kinds: &Kinds,
) -> Result<conversation::Model> {
    let mut notices = Notices::default();
    let about = match draft {
        Some(draft) => {
            Some(About::shown(&send_message::write(tx, writer, draft, kinds, &mut notices).await?)?)
        }
        None => None,
    };
    let handover = Handover { cause: Cause::Transferred, note, about };
    let row = update_conversation::hand_over(tx, id, change, &handover, &mut notices).await?;
    notices.write(tx).await?;
    Ok(row)
}
