use weft_domain::Result;
use weft_proto::conversation::v1::{Draft, GetDraftRequest};
use weft_rpc::Accepted;

use crate::{
    Context, lookup, show,
    store::{conversations, drafts},
};

/// Shows one's own draft in a conversation.
pub(crate) async fn run(context: &Context, call: Accepted<GetDraftRequest>) -> Result<Draft> {
    let id = lookup::conversation(&call.message.conversation_id)?;
    let user = call.principal.user().uuid();
    let get = |tx| async move {
        conversations::get(&tx, id).await?;
        let row = drafts::get(&tx, user, id).await?;
        Ok(row.as_ref().map_or_else(|| show::empty_draft(id), show::draft))
    };
    context.store.tenant(call.principal.tenant).read(get).await
}
