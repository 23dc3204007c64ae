//! What contacts write may be answered at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::{StreamExt, stream};
use uuid::Uuid;
use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, Result, TenantId};
use weft_proto::{events::v1::MessageCreated, json};
use weft_store::Tx;

use super::{missing, set, tenant, weigh};
use crate::{
    Context,
    auto_reply::{Situation, Written},
    desk::may_be_given_conversations,
    store::{agents, auto_answers, auto_replies, business_hours},
};

/// Tenants that are looked at at the same time.
const TENANTS_AT_ONCE: usize = 4;

/// Decides on a batch: a look for each tenant, and a transaction where something is said.
pub(super) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = batch.iter().map(|_| Outcome::Done).collect();
    let mut by_tenant: HashMap<TenantId, Vec<(usize, Written)>> = HashMap::new();
    let now = context.store.clock().now();
    for (index, delivery) in batch.iter().enumerate() {
        match read(delivery) {
            // old ones, of an outage or from before we were there, need no look at the database
            Ok((tenant, Some(written))) if written.is_fresh(now) => {
                by_tenant.entry(tenant).or_default().push((index, written));
            }
            Ok(_) => {}
            Err(error) => set(&mut outcomes, index, weigh(delivery.attempts, &error)),
        }
    }
    let decided = by_tenant.into_iter().map(|(tenant, written)| async move {
        let decided = decide(context, tenant, &written).await;
        decided.err().map(|error| (tenant, written, error))
    });
    let failed: Vec<_> = stream::iter(decided).buffer_unordered(TENANTS_AT_ONCE).collect().await;
    for (tenant, written, error) in failed.into_iter().flatten() {
        tracing::warn!(tenant.id = %tenant, error = %error, "automatic replies wait");
        for (index, _) in written {
            let attempts = batch.get(index).map_or(1, |delivery| delivery.attempts);
            set(&mut outcomes, index, weigh(attempts, &error));
        }
    }
    outcomes
}

fn read(delivery: &Delivery) -> Result<(TenantId, Option<Written>)> {
    let event: MessageCreated = json::decode(&delivery.event.data)?;
    let message = event.message.ok_or_else(|| missing("message"))?;
    Ok((tenant(delivery)?, Written::read(&message)?))
}

async fn decide(context: &Context, tenant: TenantId, written: &[(usize, Written)]) -> Result<()> {
    let scope = context.store.tenant(tenant);
    // most of what contacts write is answered by nobody at once
    if scope.read(|tx| async move { Answers::to(&tx, written).await }).await?.is_none() {
        return Ok(());
    }
    // somebody else may have decided meanwhile
    let apply = |tx: Tx| async move {
        match Answers::to(&tx, written).await? {
            Some(answers) => answers.keep(&tx).await,
            None => Ok(()),
        }
    };
    scope.write(apply).await
}

/// What is said to a batch.
struct Answers {
    /// What is said besides.
    new: Vec<auto_answers::Model>,
    /// What was to be said already, with a message that is newer.
    waiting: Vec<auto_answers::Model>,
}

impl Answers {
    /// None: nothing is.
    async fn to(tx: &Tx, written: &[(usize, Written)]) -> Result<Option<Self>> {
        let replies = auto_replies::enabled(tx).await?;
        if replies.is_empty() {
            return Ok(None);
        }
        let situation = situation(tx, replies).await?;
        let conversations: HashSet<Uuid> = written.iter().map(|(_, one)| one.conversation).collect();
        let known = auto_answers::in_conversations(tx, conversations.into_iter().collect()).await?;
        let stored: HashSet<Uuid> = known.iter().map(|one| one.id).collect();
        let mut said: HashMap<Uuid, Vec<auto_answers::Model>> = HashMap::new();
        for one in known {
            said.entry(one.conversation_id).or_default().push(one);
        }
        // in one order, so that two replicas never wait for each other in a circle
        let mut changed: BTreeMap<Uuid, auto_answers::Model> = BTreeMap::new();
        for (_, one) in written {
            let there = said.entry(one.conversation).or_default();
            if let Some(answer) = situation.answer(one, there, tx.now()) {
                there.retain(|before| before.reply_id != answer.reply_id);
                there.push(answer.clone());
                changed.insert(answer.id, answer);
            }
        }
        if changed.is_empty() {
            return Ok(None);
        }
        let (waiting, new) = changed.into_values().partition(|one| stored.contains(&one.id));
        Ok(Some(Self { new, waiting }))
    }

    async fn keep(self, tx: &Tx) -> Result<()> {
        for one in &self.waiting {
            if !auto_answers::note_newer(tx, one).await? {
                return Err(Error::conflict("conflict", "what was to be said was told at this very moment"));
            }
        }
        auto_answers::save(tx, self.new).await
    }
}

async fn situation(tx: &Tx, replies: Vec<auto_replies::Model>) -> Result<Situation> {
    let hours =
        business_hours::of_ids(tx, replies.iter().filter_map(|reply| reply.hours_id).collect()).await?;
    let available = agents::available(tx).await?;
    Ok(Situation {
        replies,
        hours: hours.into_iter().map(|one| (one.id, one)).collect(),
        is_staffed: available.iter().any(may_be_given_conversations),
    })
}
