use std::collections::HashSet;

use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, id};
use weft_proto::conversation::v1::{self as api, ContactSettings, UpdateContactSettingsRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Scope, Tx};

use super::place;
use crate::{
    Context, address, show,
    store::{
        entity::{channel, contact_settings},
        kinds::Kinds,
        settings::{self, FollowUp, FollowUps},
    },
};

const MAX_FOLLOW_UPS: usize = 100;
const USUAL_WAIT_SECONDS: u32 = 300;
const MIN_WAIT_SECONDS: u32 = 30;
/// Half of the time that a message is worth sending.
const MAX_WAIT_SECONDS: u32 = 12 * 3600;

/// Changes how contacts' channels are joined, from the next message on.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateContactSettingsRequest>,
) -> Result<Once<ContactSettings>> {
    let country = call.message.country.as_deref();
    let country = &country.map(|country| address::read_country("country", country)).transpose()?;
    let join_channels = call.message.join_channels;
    let scope = context.store.tenant(call.principal.tenant);
    let kinds = context.kinds.all().await?;
    let follow_ups = match &call.message.follow_ups {
        Some(given) => Some(read(&scope, &given.items, &kinds).await?),
        None => None,
    };
    let follow_ups = &follow_ups;
    let change = |tx: Tx| async move {
        let before = settings::get(&tx).await?;
        let after = contact_settings::Model {
            join_channels: join_channels.unwrap_or(before.join_channels),
            country: country.clone().unwrap_or(before.country),
            follow_ups: follow_ups.clone().or(before.follow_ups),
            ..before
        };
        settings::put(&tx, &after).await?;
        Ok(show::contact_settings(&after))
    };
    scope.write_once(&call.intent, change).await
}

async fn read(scope: &Scope, given: &[api::FollowUp], kinds: &Kinds) -> Result<FollowUps> {
    if given.len() > MAX_FOLLOW_UPS {
        let words = format!("there are at most {MAX_FOLLOW_UPS} of them");
        return Err(Error::invalid_field("follow_ups.items", words));
    }
    let (mut all, mut begun) = (Vec::with_capacity(given.len()), HashSet::new());
    for (index, one) in given.iter().enumerate() {
        let wrong = |field: &str, words: &str| {
            Error::invalid_field(&format!("follow_ups.items[{index}].{field}"), words)
        };
        let after_seconds = Some(one.after_seconds).filter(|given| *given > 0).unwrap_or(USUAL_WAIT_SECONDS);
        if !(MIN_WAIT_SECONDS..=MAX_WAIT_SECONDS).contains(&after_seconds) {
            return Err(wrong("after_seconds", "it must be from 30 to 43200"));
        }
        let known = |field: &str, found: Result<channel::Model>| match found {
            Err(error) if error.code() == ErrorCode::Invalid => {
                Err(wrong(field, "it must be the id of a channel of this tenant"))
            }
            other => other,
        };
        let from = known("from_channel_id", channel(scope, &one.from_channel_id).await)?;
        let to = known("to_channel_id", channel(scope, &one.to_channel_id).await)?;
        if kinds.get(&from.kind).is_some_and(|can| !can.delivered_receipts) {
            return Err(wrong("from_channel_id", "this channel does not tell what has been delivered"));
        }
        if kinds.get(&to.kind).is_some_and(|can| can.first_contact.is_empty()) {
            return Err(wrong("to_channel_id", "on this channel the contact has to write first"));
        }
        if from.id == to.id {
            return Err(wrong("to_channel_id", "it must be another channel"));
        }
        if !begun.insert(from.id) {
            return Err(wrong("from_channel_id", "another one begins at this channel"));
        }
        all.push(FollowUp { from: from.id, to: to.id, after_seconds });
    }
    Ok(FollowUps(all))
}

async fn channel(scope: &Scope, id: &str) -> Result<channel::Model> {
    let id: Uuid = id::parse::<id::Channel>("channel_id", id)?.uuid();
    place::channel(scope, id).await
}
