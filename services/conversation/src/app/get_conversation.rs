use weft_domain::Result;
use weft_proto::conversation::v1::{Conversation, GetConversationRequest};
use weft_rpc::Accepted;

use crate::{Context, lookup, show, store::conversations};

/// Shows a conversation.
pub(crate) async fn run(context: &Context, call: Accepted<GetConversationRequest>) -> Result<Conversation> {
    let id = lookup::conversation(&call.message.id)?;
    let scope = context.store.tenant(call.principal.tenant);
    scope.read(|tx| async move { show::conversation(&tx, &conversations::get(&tx, id).await?).await }).await
}
