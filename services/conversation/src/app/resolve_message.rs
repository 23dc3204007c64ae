use uuid::Uuid;
use weft_domain::{Error, Result, conversation::Status, delivery::State};
use weft_proto::conversation::v1::{Message, ResolveMessageRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, deliver, lookup,
    notify::Notices,
    reply, show,
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
    let conversation = lookup::conversation(&request.conversation_id)?;
    let decision = match request.action.as_str() {
        "send_again" => Decision::SendAgain,
        "leave" => Decision::Leave,
        _ => return Err(Error::invalid_field("action", "`action` must be `send_again` or `leave`")),
    };
    let scope = context.store.tenant(call.principal.tenant);
    let message = lookup::message(&request.id)?;
    let decide = |tx| async move { apply(&tx, conversation, message, decision).await };
    scope.write_once(&call.intent, decide).await
}

async fn apply(tx: &Tx, conversation_id: Uuid, message_id: Uuid, decision: Decision) -> Result<Message> {
    let mut conversation = conversations::advance(tx, conversation_id, 0).await?;
    let mut message = messages::of_conversation(tx, conversation_id, message_id).await?;
    let state: State = show::stored(&message.state)?;
    match (state, decision) {
        (State::Unclear | State::Failed, Decision::SendAgain) => {
            let status: Status = show::stored(&conversation.status)?;
            if !status.is_live() {
                return Err(reply::ended(&conversation));
            }
            reply::may_go(tx, &conversation).await?;
            // Whoever says "again" finds it still worth sending.
            message.expires_at = Some(tx.now() + deliver::WORTH_SENDING);
            deliver::bring_over(&conversation, &mut message);
            let mut notices = Notices::default();
            deliver::again(tx, &mut conversation, &mut message, (None, None), &mut notices).await?;
            notices.write(tx).await?;
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
