use weft_domain::{Error, ErrorCode, Result};
use weft_proto::conversation::v1::{RenderCannedReplyRequest, RenderedReply};
use weft_rpc::Accepted;

use super::find_values;
use crate::{Context, lookup, show, store::canned_replies, variables};

/// Fills a reply in for a conversation, and writes nothing.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<RenderCannedReplyRequest>,
) -> Result<RenderedReply> {
    let id = lookup::canned_reply(&call.message.id)?;
    let conversation = lookup::conversation(&call.message.conversation_id).map_err(unknown)?;
    let user = call.principal.user().uuid();
    let find = |tx| async move {
        let row = canned_replies::find(&tx, id, user).await?;
        let row = row.ok_or_else(|| Error::not_found("canned_reply"))?;
        Ok((row, find_values::run(&tx, conversation, Some(user)).await.map_err(unknown)?))
    };
    let (row, values) = context.store.tenant(call.principal.tenant).read(find).await?;
    let filled = variables::fill(&row.text, values)?;
    Ok(RenderedReply {
        text: filled.text,
        attachments: row.attachments.0.iter().map(show::attachment).collect(),
        missing: filled.missing,
    })
}

/// A conversation that is named beside what is asked for is a field.
fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    let words = "`conversation_id` must be the id of a conversation of this tenant";
    Error::invalid_field("conversation_id", words)
}
