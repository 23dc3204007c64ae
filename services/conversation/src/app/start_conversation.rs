use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, id};
use weft_proto::conversation::v1::{Conversation, StartConversationRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{place, update_contact::merged};
use crate::{
    Context, events, lookup, reply,
    show::Surroundings,
    store::{
        contacts,
        conversations::{self, Place},
        entity::{channel, conversation},
        kinds::Kinds,
        messages,
    },
};

/// Opens a conversation with somebody who has not written, or gives the one that is open there.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<StartConversationRequest>,
) -> Result<Once<Conversation>> {
    let request = &call.message;
    let scope = context.store.tenant(call.principal.tenant);
    let contact =
        request.contact_id.as_deref().map(lookup::contact).transpose().map_err(|_| unknown_contact())?;
    let address = request.address.as_deref().filter(|address| !address.trim().is_empty());
    if contact.is_none() && address.is_none() {
        return Err(Error::invalid_field("contact_id", "give `contact_id` or `address`"));
    }
    let kinds = &context.kinds.all().await?;
    let channel = id::parse::<id::Channel>("channel_id", &request.channel_id)?.uuid();
    let channel = &place::channel(&scope, channel).await?;
    let start = |tx: Tx| async move {
        let place = whereto(&tx, channel, contact, address, kinds).await?;
        reply::may_go_to(&contacts::get(&tx, place.contact_id).await?)?;
        let (row, surroundings) = open(&tx, &place).await?;
        surroundings.conversation(&row)
    };
    scope.write_once(&call.intent, start).await
}

/// The conversation that is open at a place, or a new one.
pub(super) async fn open(tx: &Tx, place: &Place) -> Result<(conversation::Model, Surroundings)> {
    let (mut live, opened) = conversations::find_or_open(tx, vec![place.clone()]).await?;
    let row =
        live.at(place).ok_or_else(|| Error::conflict("conversation_closed", "it was closed just now"))?;
    let mut row = row.clone();
    let (is_new, is_joined) = (opened.contains(&row.id), live.is_joined(row.id));
    if is_new || is_joined {
        row.contact_wrote_at = messages::last_inbound(tx, row.contact_id, row.channel_id).await?;
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
    }
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
    if is_new {
        events::conversation_created(tx, &row, &surroundings)?;
    } else if is_joined {
        events::conversation_updated(tx, &row, &surroundings)?;
    }
    Ok((row, surroundings))
}

fn unknown_contact() -> Error {
    Error::invalid_field("contact_id", "`contact_id` must be the id of a contact of this tenant")
}

/// Where somebody is written to on a channel, whoever it is.
pub(super) async fn whereto(
    tx: &Tx,
    channel: &channel::Model,
    contact: Option<Uuid>,
    address: Option<&str>,
    kinds: &Kinds,
) -> Result<Place> {
    if let Some(contact) = contact {
        let contact = contacts::take(tx, contact).await.map_err(|error| match error.code() {
            ErrorCode::NotFound => unknown_contact(),
            _ => error,
        })?;
        if let Some(into) = contact.merged_into {
            return Err(merged(into));
        }
        return place::of(tx, channel, &contact, address, kinds).await;
    }
    let (place, met) = place::of_address(tx, channel, address.unwrap_or_default(), kinds).await?;
    if let Some(met) = met {
        let identities = contacts::identities(tx, vec![met.id]).await?;
        events::contact_created(tx, &met, &identities)?;
    }
    Ok(place)
}
