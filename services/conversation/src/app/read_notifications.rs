use weft_domain::{Error, ErrorCode, Result, id};
use weft_proto::conversation::v1::{ReadNotificationsRequest, ReadNotificationsResponse};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::list_notifications::shown;
use crate::{
    Context, notify,
    store::{
        conversations,
        notifications::{self, Which},
    },
};

/// So many are named at once.
const MOST: usize = 200;

/// Marks one's own as read; what is read already, gone or somebody else's stays as it is.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ReadNotificationsRequest>,
) -> Result<Once<ReadNotificationsResponse>> {
    let which = &which(&call.message)?;
    let user = call.principal.user().uuid();
    let read = |tx: Tx| async move {
        if let Which::Conversation(id) = which {
            conversations::get(&tx, *id).await.map_err(unknown)?;
        }
        let left = match notify::mark_read(&tx, user, which).await? {
            Some(left) => left,
            None => notifications::unread(&tx, user).await?,
        };
        Ok(ReadNotificationsResponse { unread_count: shown(left) })
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, read).await
}

fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    let words = "`conversation_id` must be the id of a conversation of this tenant";
    Error::invalid("unknown_conversation", words).with_field("conversation_id")
}

fn which(request: &ReadNotificationsRequest) -> Result<Which> {
    if let Some(conversation) = &request.conversation_id {
        if !request.ids.is_empty() {
            return Err(Error::invalid_field(
                "ids",
                "name them by `ids` or by `conversation_id`, not by both",
            ));
        }
        return Ok(Which::Conversation(
            id::parse::<id::Conversation>("conversation_id", conversation)?.uuid(),
        ));
    }
    if request.ids.is_empty() {
        return Ok(Which::All);
    }
    if request.ids.len() > MOST {
        return Err(Error::invalid_field("ids", format!("`ids` names at most {MOST}")));
    }
    let one = |(index, text): (usize, &String)| {
        Ok(id::parse::<id::Notification>(&format!("ids[{index}]"), text)?.uuid())
    };
    request.ids.iter().enumerate().map(one).collect::<Result<_>>().map(Which::Ids)
}
