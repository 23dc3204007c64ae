//! What messages and contacts are found by follows them.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_bus::{Delivery, Outcome};
use weft_domain::{Result, TenantId, id};
use weft_proto::{
    events::v1::{ContactCreated, MessageCreated},
    json,
};

use crate::{Context, index, lookup, store::search::Kind};

/// What changed: whose, and what.
type About = (TenantId, Vec<(Kind, Uuid)>);

/// Reads the things of each tenant as they are now, so that a repeated event changes nothing.
pub(crate) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let about: Vec<Result<About>> = batch.iter().map(about).collect();
    let mut by_tenant: HashMap<TenantId, HashMap<bool, HashSet<Uuid>>> = HashMap::new();
    for (tenant, things) in about.iter().flatten() {
        for (kind, id) in things {
            by_tenant.entry(*tenant).or_default().entry(*kind == Kind::Message).or_default().insert(*id);
        }
    }
    let mut failed = HashMap::new();
    for (tenant, kinds) in &by_tenant {
        for (is_message, ids) in kinds {
            let kind = if *is_message { Kind::Message } else { Kind::Contact };
            if let Err(error) = index::follow(context, *tenant, kind, ids, false).await {
                failed.insert(*tenant, error);
            }
        }
    }
    let ended = |(delivery, about): (&Delivery, &Result<About>)| match about {
        Ok((tenant, _)) => match failed.get(tenant) {
            Some(error) => super::weigh(delivery.attempts, error),
            None => Outcome::Done,
        },
        Err(error) => super::weigh(delivery.attempts, error),
    };
    batch.iter().zip(&about).map(ended).collect()
}

/// Created and updated carry the same thing in the same field.
fn about(delivery: &Delivery) -> Result<About> {
    let tenant = id::parse("tenant", delivery.event.tenant.as_deref().unwrap_or_default())?;
    if delivery.event.kind.starts_with("weft.v1.message.") {
        let event: MessageCreated = json::decode(&delivery.event.data)?;
        let things = event.message.iter().map(|message| Ok((Kind::Message, lookup::message(&message.id)?)));
        return Ok((tenant, things.collect::<Result<_>>()?));
    }
    let event: ContactCreated = json::decode(&delivery.event.data)?;
    let contacts = event.contact.iter();
    let things = contacts
        .map(|contact| Ok((Kind::Contact, id::parse::<id::Contact>("contact.id", &contact.id)?.uuid())));
    Ok((tenant, things.collect::<Result<_>>()?))
}
