use uuid::Uuid;
use weft_domain::{Error, Result, delivery::State, id};
use weft_proto::conversation::v1::{Message, ResolveMessageRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, deliver, events, show,
    store::{conversations, messages},
};

#[derive(Clone, Copy)]
enum Decision {
    SendAgain,
    Leave,
}

/// A person decides about a message whose delivery is unclear or failed.
pub(crate) async fn run(context: &Context, call: Accepted<ResolveMessageRequest>) -> Result<Once<Message>> {
    let request = &call.message;
    let conversation = id::parse_lookup::<id::Conversation>(&request.conversation_id)?.uuid();
    let decision = match request.action.as_str() {
        "send_again" => Decision::SendAgain,
        "leave" => Decision::Leave,
        _ => return Err(Error::invalid_field("action", "`action` must be `send_again` or `leave`")),
    };
    let scope = context.store.tenant(call.principal.tenant);
    let decide = |tx| async move { apply(&tx, conversation, &request.id, decision).await };
    scope.write_once(call.idempotency.as_ref(), decide).await
}

async fn apply(tx: &Tx, conversation_id: Uuid, message_id: &str, decision: Decision) -> Result<Message> {
    let (mut conversation, mut message) = deliver::take(tx, message_id).await?;
    if conversation.id != conversation_id {
        return Err(Error::not_found("message"));
    }
    let state: State = show::stored(&message.state)?;
    match (state, decision) {
        (State::Unclear | State::Failed, Decision::SendAgain) => {
            message.state = State::Queued.to_string();
            message.attempt += 1;
            message.state_reason = None;
            message.due_at = None;
            messages::save(tx, &message).await?;
            events::message_updated(tx, &message)?;
            deliver::release_next(tx, &mut conversation).await?;
            conversations::save(tx, &conversation).await?;
        }
        (State::Unclear, Decision::Leave) => {
            let reason = Some("left as it is: it may or may not have reached the contact".to_owned());
            deliver::end(tx, &mut message, State::Failed, reason).await?;
        }
        (State::Failed, Decision::Leave) => {}
        _ => {
            return Err(Error::precondition(
                "nothing_to_decide",
                format!("only messages that failed or are unclear can be decided about; this one is {state}"),
            ));
        }
    }
    show::message(&message)
}
