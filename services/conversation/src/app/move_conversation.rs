use weft_domain::{Result, conversation::Status, id};
use weft_proto::conversation::v1::{Conversation, MoveConversationRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::place;
use crate::{
    Context, lookup, reply, show,
    store::{contacts, conversations},
};

/// Goes on over another channel of the same contact. What waits to go out goes there, too; what is on its way stays.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<MoveConversationRequest>,
) -> Result<Once<Conversation>> {
    let request = &call.message;
    let id = lookup::conversation(&request.id)?;
    let address = request.address.as_deref().filter(|address| !address.trim().is_empty());
    let scope = context.store.tenant(call.principal.tenant);
    let kinds = &context.kinds.all().await?;
    let channel = id::parse::<id::Channel>("channel_id", &request.channel_id)?.uuid();
    let channel = &place::channel(&scope, channel).await?;
    let go = |tx: Tx| async move {
        let mut row = conversations::advance(&tx, id, 0).await?;
        let status: Status = show::stored(&row.status)?;
        if !status.is_live() {
            return Err(reply::ended(&row));
        }
        let contact = contacts::get(&tx, row.contact_id).await?;
        let place = place::elsewhere(&tx, &row, channel, &contact, address, kinds).await?;
        if (place.channel_id, &place.thread_id) == (row.channel_id, &row.thread_id) {
            return show::conversation(&tx, &row).await;
        }
        place::go_over(&tx, &mut row, &place).await?.conversation(&row)
    };
    scope.write_once(&call.intent, go).await
}
