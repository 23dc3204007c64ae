use weft_domain::{Result, id};
use weft_proto::conversation::v1::{Conversation, GetConversationRequest};
use weft_rpc::Accepted;

use crate::{Context, show, store::conversations};

/// Shows a conversation.
pub(crate) async fn run(context: &Context, call: Accepted<GetConversationRequest>) -> Result<Conversation> {
    let id = id::parse_lookup::<id::Conversation>(&call.message.id)?.uuid();
    let scope = context.store.tenant(call.principal.tenant);
    scope.read(|tx| async move { show::conversation(&tx, &conversations::get(&tx, id).await?).await }).await
}
