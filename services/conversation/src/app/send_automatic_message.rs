use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Idempotency, Result, id};
use weft_proto::{
    Intent,
    conversation::v1::{Message, SendAutomaticMessageRequest, SendAutomaticMessageResponse},
};
use weft_store::Tx;

use super::{
    assign_conversation::both,
    find_values,
    send_message::{self, Draft},
};
use crate::{
    Context,
    actor::Writer,
    lookup,
    notify::Notices,
    store::{contacts, conversations, kinds::Kinds, messages},
    variables,
};

/// Answers a contact, as a service of the fleet decided. A decision has one answer, however often it is told.
pub(crate) async fn run(
    context: &Context,
    service: &str,
    request: SendAutomaticMessageRequest,
) -> Result<SendAutomaticMessageResponse> {
    let tenant = id::parse::<id::Tenant>("tenant_id", &request.tenant_id)?;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let mut intent = Intent::default();
    intent.idempotency = Some(Idempotency {
        principal: service.to_owned(),
        method: "AutomaticMessages/SendAutomaticMessage".to_owned(),
        key: request.decision_id.clone(),
        digest: both(conversation, Uuid::from_u128(request.answers_seq.into())),
    });
    let kinds = &*context.kinds.all().await?;
    let (scope, request) = (context.store.tenant(tenant), &request);
    let send = |tx| async move { answer(&tx, conversation, request, kinds).await };
    scope.write_once(&intent, send).await.map(|answer| answer.value)
}

async fn answer(
    tx: &Tx,
    conversation: Uuid,
    request: &SendAutomaticMessageRequest,
    kinds: &Kinds,
) -> Result<SendAutomaticMessageResponse> {
    let refused = |reason: &str| SendAutomaticMessageResponse { refused: reason.to_owned(), message: None };
    let seq = i64::try_from(request.answers_seq).map_err(Error::internal)?;
    // whoever answers at this moment comes before or after, never between
    conversations::advance(tx, conversation, 0).await?;
    if messages::answered_after(tx, conversation, seq).await? {
        return Ok(refused("answered"));
    }
    match write(tx, conversation, &request.text, kinds).await {
        Ok(message) => Ok(SendAutomaticMessageResponse { refused: String::new(), message: Some(message) }),
        // it will not go later either
        Err(error) if error.code() == ErrorCode::Precondition => Ok(refused(error.reason())),
        Err(error) => Err(error),
    }
}

/// Fills a text in, and writes it in nobody's name.
pub(crate) async fn write(tx: &Tx, conversation: Uuid, text: &str, kinds: &Kinds) -> Result<Message> {
    let row = conversations::get(tx, conversation).await?;
    let contact = contacts::get(tx, row.contact_id).await?;
    if contact.is_group {
        return Err(Error::precondition("contact_is_group", "nothing is said by itself in a group"));
    }
    if kinds.get(&row.channel_kind).is_some_and(|can| can.calls) {
        return Err(Error::precondition("channel_calls", "nobody is called by itself"));
    }
    if !contacts::is_reachable(tx, &row).await? {
        return Err(Error::precondition(
            "contact_unreachable",
            "the contact cannot be reached on this channel, or wants nothing",
        ));
    }
    let filled = variables::fill(text, find_values::run(tx, conversation, None).await?)?.text;
    if filled.trim().is_empty() {
        return Err(Error::precondition(
            "variables_not_filled",
            "filled in for this conversation nothing is left of the text",
        ));
    }
    let draft = Draft::of_words(conversation, &filled);
    let mut notices = Notices::default();
    let message = send_message::write(tx, &Writer::nobody(), &draft, kinds, &mut notices).await?;
    notices.write(tx).await?;
    Ok(message)
}
