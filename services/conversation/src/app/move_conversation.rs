use weft_domain::{Error, Result, conversation::Status, id};
use weft_proto::conversation::v1::{Conversation, MoveConversationRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::place;
use crate::{
    Context, events, lookup, reply, show,
    show::Surroundings,
    store::{contacts, conversations, messages},
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
            return Err(reply::closed());
        }
        let contact = contacts::get(&tx, row.contact_id).await?;
        if contact.is_group {
            return Err(Error::precondition("contact_is_group", "a group is on its own channel only"));
        }
        let place = place::of(&tx, channel, &contact, address, kinds).await?;
        if (place.channel_id, &place.thread_id) == (row.channel_id, &row.thread_id) {
            return show::conversation(&tx, &row).await;
        }
        if let Some(there) = conversations::live_at(&tx, &place).await? {
            let there = show::conversation_id(there);
            let words = format!(
                "{there} is open with this contact there already: answer in that one, or close it first"
            );
            return Err(Error::conflict("conversation_open_there", words));
        }
        place.take_over(&mut row);
        row.contact_wrote_at = messages::last_inbound(&tx, row.contact_id, row.channel_id).await?;
        row.updated_at = tx.now();
        conversations::save(&tx, &row).await?;
        let surroundings = Surroundings::load(&tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(&tx, &row, &surroundings)?;
        surroundings.conversation(&row)
    };
    scope.write_once(&call.intent, go).await
}
