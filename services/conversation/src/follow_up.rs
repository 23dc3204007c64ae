//! What a contact did not get on one channel goes over another one of theirs, and the conversation with it.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, delivery::State};
use weft_store::Tx;

use crate::{
    app::place,
    deliver,
    notify::Notices,
    reply,
    store::{
        contacts,
        conversations::Place,
        entity::{conversation, message},
        kinds::Kinds,
        messages, people,
        settings::{self, FollowUp},
    },
};

/// Until when a message that was sent on a channel waits to be delivered; none: nobody waits for it.
pub(crate) async fn due(tx: &Tx, channel_id: Uuid) -> Result<Option<DateTime<Utc>>> {
    let wait = |follow_up: FollowUp| tx.now() + TimeDelta::seconds(follow_up.after_seconds.into());
    Ok(settings::follow_up(tx, channel_id).await?.map(wait))
}

/// Sends what the contact has not got over the other channel, in its order. Where that cannot be, the message says why.
pub(crate) async fn run(
    tx: &Tx,
    conversation: &mut conversation::Model,
    mut message: message::Model,
    kinds: &Kinds,
    notices: &mut Notices,
) -> Result<()> {
    message.due_at = None;
    let Some(follow_up) = settings::follow_up(tx, message.channel_id).await? else {
        return messages::save(tx, &message).await;
    };
    let place = match target(tx, conversation, &follow_up, kinds).await {
        Ok(place) => place,
        Err(error) if can_not_be(&error) => {
            let reason =
                format!("not delivered yet, and it cannot go over another channel: {}", error.message());
            return deliver::end(tx, &mut message, State::Sent, Some(reason)).await;
        }
        Err(error) => return Err(error),
    };
    let undelivered = messages::undelivered(tx, conversation.id, follow_up.from, follow_up.to).await?;
    if undelivered.iter().all(|one| one.id != message.id) {
        messages::save(tx, &message).await?;
    }
    if let Some(place) = place.filter(|_| !undelivered.is_empty()) {
        place::go_over(tx, conversation, &place).await?;
    }
    for mut one in undelivered {
        one.expires_at = Some(tx.now() + deliver::WORTH_SENDING);
        deliver::bring_over(conversation, &mut one);
        deliver::again(tx, conversation, &mut one, (None, None), notices).await?;
    }
    Ok(())
}

/// Where the conversation goes; none: it is there already.
async fn target(
    tx: &Tx,
    conversation: &conversation::Model,
    follow_up: &FollowUp,
    kinds: &Kinds,
) -> Result<Option<Place>> {
    reply::may_go(tx, conversation).await?;
    if conversation.channel_id == follow_up.to {
        return Ok(None);
    }
    if conversation.channel_id != follow_up.from {
        return Err(Error::precondition("conversation_moved", "the conversation goes on elsewhere"));
    }
    let channel = people::channel(tx, follow_up.to).await?.ok_or_else(|| Error::not_found("channel"))?;
    let contact = contacts::get(tx, conversation.contact_id).await?;
    place::elsewhere(tx, conversation, &channel, &contact, None, kinds).await.map(Some)
}

/// What trying again does not change.
fn can_not_be(error: &Error) -> bool {
    use ErrorCode::{Conflict, Invalid, NotFound, Precondition};
    matches!(error.code(), Conflict | Invalid | NotFound | Precondition)
}
