use weft_domain::Result;
use weft_proto::conversation::v1::{Conversation, GetConversationRequest};
use weft_rpc::Accepted;

use crate::{
    Context, lookup, reply, show,
    store::{contact_lists, contacts, conversations},
};

/// Shows a conversation, with what can be written in it now.
pub(crate) async fn run(context: &Context, call: Accepted<GetConversationRequest>) -> Result<Conversation> {
    let id = lookup::conversation(&call.message.id)?;
    let scope = context.store.tenant(call.principal.tenant);
    let user = call.principal.user().uuid();
    let kinds = &context.kinds.all().await?;
    let get = |tx| async move {
        let row = conversations::get(&tx, id).await?;
        let identity = contacts::identity_of_thread(&tx, row.channel_id, row.party_id()).await?;
        let reachable = identity.is_none_or(|identity| identity.reachable);
        let is_blocked = contact_lists::is_blocked(&tx, row.contact_id).await?;
        let can = kinds.get(&row.channel_kind);
        let reply = reply::show(&row, can, (reachable, is_blocked), tx.now());
        Ok(Conversation { reply: Some(reply), ..show::conversation_for(&tx, &row, user).await? })
    };
    scope.read(get).await
}
