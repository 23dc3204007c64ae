//! Where on a channel somebody is written to.

use uuid::Uuid;
use weft_capabilities::FirstContact;
use weft_domain::{Error, Result};
use weft_proto::directory::v1::Capabilities;
use weft_store::{Scope, Tx};

use super::look_again;
use crate::{
    address, events, reply,
    show::{self, Surroundings},
    store::{
        addresses,
        contacts::{self, Newcomer},
        conversations::{self, Place},
        entity::{channel, contact, contact_identity, conversation},
        kinds::Kinds,
        messages, people, settings,
    },
};

/// A channel of the tenant.
pub(super) async fn channel(scope: &Scope, id: Uuid) -> Result<channel::Model> {
    let found = look_again::run(scope, |tx| async move { people::channel(&tx, id).await }).await?;
    found.ok_or_else(|| {
        Error::invalid_field("channel_id", "`channel_id` must be the id of a channel of this tenant")
    })
}

/// Where a contact is written to on a channel: under the address given, else where they were last seen there, else under their
/// own number or mail address.
pub(super) async fn of(
    tx: &Tx,
    channel: &channel::Model,
    contact: &contact::Model,
    address: Option<&str>,
    kinds: &Kinds,
) -> Result<Place> {
    let here = here(tx, channel, contact).await?;
    let known = match address {
        None => here.last(),
        Some(address) => here.iter().find(|identity| identity.external_id == address.trim()),
    };
    if let Some(identity) = known {
        return Ok(place(contact, identity));
    }
    let first = first_contact(channel, kinds.get(&channel.kind))?;
    let own = match first {
        FirstContact::Phone | FirstContact::PhoneDigits => contact.phone.as_deref(),
        FirstContact::Email => contact.email.as_deref(),
    };
    let given = address.or(own).ok_or_else(|| needs_address(first))?;
    let external_id = external_id(tx, first, given).await?;
    at(tx, channel, contact, first, external_id).await
}

/// The same for an address in the channel's own shape: who is known there under another one that means the same is meant.
async fn at(
    tx: &Tx,
    channel: &channel::Model,
    contact: &contact::Model,
    first: FirstContact,
    external_id: String,
) -> Result<Place> {
    let meant = Some(key(first, &external_id));
    let is_meant = |identity: &&contact_identity::Model| {
        identity.address == meant || Some(key(first, &identity.external_id)) == meant
    };
    if let Some(identity) = here(tx, channel, contact).await?.iter().rev().find(is_meant) {
        return Ok(place(contact, identity));
    }
    let found = contacts::identity_of_thread(tx, channel.id, &external_id).await?;
    let identity = match found {
        Some(found) if found.contact_id == contact.id => found,
        Some(_) => {
            let words = "`address` belongs to another contact: write to that one, or merge the two";
            return Err(Error::invalid_field("address", words));
        }
        None => contacts::add_identity(tx, contact, channel, external_id).await?,
    };
    Ok(place(contact, &identity))
}

/// What a channel calls a contact, the oldest first.
async fn here(
    tx: &Tx,
    channel: &channel::Model,
    contact: &contact::Model,
) -> Result<Vec<contact_identity::Model>> {
    let mut known = contacts::identities(tx, vec![contact.id]).await?;
    known.retain(|identity| identity.channel_id == channel.id);
    Ok(known)
}

/// What an address in a channel's own shape is compared by.
fn key(first: FirstContact, external_id: &str) -> String {
    match first {
        FirstContact::Email => address::email_key(external_id),
        FirstContact::Phone | FirstContact::PhoneDigits => address::phone_key(external_id),
    }
}

/// Where a conversation with a contact can go on, when no other is open with them there.
pub(crate) async fn elsewhere(
    tx: &Tx,
    conversation: &conversation::Model,
    channel: &channel::Model,
    contact: &contact::Model,
    address: Option<&str>,
    kinds: &Kinds,
) -> Result<Place> {
    if contact.is_group {
        return Err(Error::precondition("contact_is_group", "a group is on its own channel only"));
    }
    reply::may_go_to(contact)?;
    let place = of(tx, channel, contact, address, kinds).await?;
    match conversations::live_at(tx, &place).await? {
        Some(there) if there != conversation.id => {
            let there = show::conversation_id(there);
            let words = format!(
                "{there} is open with this contact there already: answer in that one, or close it first"
            );
            Err(Error::conflict("conversation_open_there", words))
        }
        _ => Ok(place),
    }
}

/// Has a conversation, whose turn is taken, go on at a place.
pub(crate) async fn go_over(tx: &Tx, row: &mut conversation::Model, place: &Place) -> Result<Surroundings> {
    place.take_over(row);
    row.contact_wrote_at = messages::last_inbound(tx, row.contact_id, row.channel_id).await?;
    row.updated_at = tx.now();
    conversations::save(tx, row).await?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(row)).await?;
    events::conversation_updated(tx, row, &surroundings)?;
    Ok(surroundings)
}

/// Where an address is written to, and whose it is: somebody's a provider vouches for, or a new contact's.
pub(super) async fn of_address(
    tx: &Tx,
    channel: &channel::Model,
    address: &str,
    kinds: &Kinds,
) -> Result<(Place, Option<contact::Model>)> {
    let first = first_contact(channel, kinds.get(&channel.kind))?;
    let external_id = external_id(tx, first, address).await?;
    if let Some(owner) = addresses::owner(tx, &key(first, &external_id)).await? {
        let contact = contacts::take(tx, owner).await?;
        return Ok((at(tx, channel, &contact, first, external_id).await?, None));
    }
    let (email, phone) = match first {
        FirstContact::Email => (Some(external_id.clone()), None),
        FirstContact::Phone | FirstContact::PhoneDigits => (None, address::phone(&plus(&external_id), "")),
    };
    let newcomer = Newcomer {
        channel_id: channel.id,
        channel_kind: channel.kind.clone(),
        external_id: external_id.clone(),
        thread_id: None,
        address: None,
        name: address.trim().to_owned(),
        is_group: false,
        username: None,
        email,
        phone,
        language: None,
    };
    let (known, created) = contacts::find_or_create(tx, &[newcomer]).await?;
    let contact = known
        .get(&(channel.id, external_id.clone()))
        .ok_or_else(|| Error::internal("an identity has lost its contact"))?;
    let identity = contacts::identity_of_thread(tx, channel.id, &external_id)
        .await?
        .ok_or_else(|| Error::internal("an identity was not kept"))?;
    Ok((place(contact, &identity), created.into_iter().next()))
}

/// Where an identity of a contact is written to.
pub(super) fn place(contact: &contact::Model, identity: &contact_identity::Model) -> Place {
    Place {
        channel_id: identity.channel_id,
        channel_kind: identity.channel_kind.clone(),
        contact_id: contact.id,
        external_id: identity.external_id.clone(),
        thread_id: identity.thread_id.clone().unwrap_or_else(|| identity.external_id.clone()),
        title: None,
        alone: contact.is_group,
        unheard: contact.blocked_at.is_some(),
    }
}

fn first_contact(channel: &channel::Model, can: Option<&Capabilities>) -> Result<FirstContact> {
    can.and_then(|can| can.first_contact.parse().ok()).ok_or_else(|| {
        let words = format!("on “{}” the contact has to write first: they are not known there", channel.name);
        Error::precondition("contact_must_begin", words)
    })
}

fn needs_address(first: FirstContact) -> Error {
    let what = match first {
        FirstContact::Phone | FirstContact::PhoneDigits => "telephone number",
        FirstContact::Email => "e-mail address",
    };
    Error::invalid_field("address", format!("the contact has no {what} yet: give one as `address`"))
}

async fn external_id(tx: &Tx, first: FirstContact, given: &str) -> Result<String> {
    let country = settings::get(tx).await?.country;
    Ok(match first {
        FirstContact::Email => address::read_email("address", given)?,
        FirstContact::Phone => address::read_phone("address", given, &country)?,
        FirstContact::PhoneDigits => {
            address::read_phone("address", given, &country)?.trim_start_matches('+').to_owned()
        }
    })
}

fn plus(digits: &str) -> String {
    format!("+{}", digits.trim_start_matches('+'))
}
