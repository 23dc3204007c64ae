//! Contacts' voice messages are written down when their file is there, and answers are spoken where a contact spoke.

use futures::future::join_all;
use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, Result, id};
use weft_proto::{
    conversation::v1::{Message, message::Direction},
    events::v1::MessageCreated,
    json,
};

use super::weigh;
use crate::{
    Context,
    app::{hear_attachment, speak_answer},
};

/// Listens to each; the bus keeps those of one conversation in order.
pub(super) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    join_all(batch.iter().map(|delivery| apply(context, delivery))).await
}

async fn apply(context: &Context, delivery: &Delivery) -> Outcome {
    match listen(context, delivery).await {
        Ok(()) => Outcome::Done,
        Err(error) => weigh(delivery.attempts, &error),
    }
}

async fn listen(context: &Context, delivery: &Delivery) -> Result<()> {
    // Created and updated carry the same thing in the same field.
    let event: MessageCreated = json::decode(&delivery.event.data)?;
    let message =
        event.message.ok_or_else(|| Error::invalid("unreadable_event", "the event has no `message`"))?;
    let tenant = id::parse("tenant", delivery.event.tenant.as_deref().unwrap_or_default())?;
    match message.direction() {
        Direction::Inbound => hear_attachment::run(context, tenant, &message, delivery.attempts).await,
        Direction::Outbound if is_new(delivery, &message) => {
            speak_answer::run(context, tenant, &message, delivery.attempts).await
        }
        _ => Ok(()),
    }
}

fn is_new(delivery: &Delivery, message: &Message) -> bool {
    delivery.event.kind.ends_with(".created") && message.deleted_at.is_none()
}
