//! Who there is, and who may not sign in any more, comes from the directory.

use weft_bus::{Delivery, Outcome};
use weft_domain::Result;
use weft_proto::{events::v1::UserCreated, json};

use super::{missing, tenant, weigh};
use crate::{Context, app::note_user};

/// Notes each person; what is older than what is known changes nothing.
pub(super) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(batch.len());
    for delivery in batch {
        outcomes.push(match apply(context, &delivery).await {
            Ok(()) => Outcome::Done,
            Err(error) => weigh(delivery.attempts, &error),
        });
    }
    outcomes
}

async fn apply(context: &Context, delivery: &Delivery) -> Result<()> {
    // Created and updated carry the same thing in the same field.
    let event: UserCreated = json::decode(&delivery.event.data)?;
    let user = event.user.ok_or_else(|| missing("user"))?;
    note_user::run(context, tenant(delivery)?, &user, delivery.event.time).await
}
