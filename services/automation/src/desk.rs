//! A tenant's desk: what waits, who is free, who gets what. Whoever sits at it has the tenant's turn, so that no two
//! decide at once, on however many replicas.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{Result, Role};
use weft_store::Tx;

use crate::{
    balance,
    known::Seen,
    store::{agents, conversations, settings},
};

/// What one transaction does at a tenant's desk. Nothing is written before [`Desk::close`].
pub(crate) struct Desk {
    pub(crate) tx: Tx,
    usual_capacity: i32,
    enabled: bool,
    known: HashMap<Uuid, conversations::Model>,
    changed: BTreeMap<Uuid, conversations::Model>,
    loads: BTreeMap<Uuid, Load>,
    /// Whether somebody may be free now for something that waits.
    look: bool,
}

/// What changes about somebody's load.
#[derive(Default)]
struct Load {
    open: i32,
    assigned_at: Option<DateTime<Utc>>,
}

/// What became of a decision that was told to the conversation service.
pub(crate) enum Answer {
    /// It answered, and this is the conversation now.
    Shown(Seen),
    /// There is no such conversation.
    Gone,
    /// It could not be told, or not believed; it is to be told again then.
    Again(DateTime<Utc>),
}

impl Desk {
    /// Takes the tenant's turn.
    pub(crate) async fn open(tx: Tx, usual_capacity: u32) -> Result<Self> {
        let enabled = settings::take_turn(&tx).await?;
        Ok(Self {
            tx,
            usual_capacity: i32::try_from(usual_capacity).unwrap_or(i32::MAX),
            enabled,
            known: HashMap::new(),
            changed: BTreeMap::new(),
            loads: BTreeMap::new(),
            look: false,
        })
    }

    /// Loads what is known of these conversations, for [`Desk::learn`] and [`Desk::settle`].
    pub(crate) async fn recall_known(&mut self, ids: Vec<Uuid>) -> Result<()> {
        let rows = conversations::of_ids(&self.tx, ids).await?;
        self.known.extend(rows.into_iter().map(|row| (row.id, row)));
        Ok(())
    }

    /// Takes note of a conversation as it was shown; what is older than what is known changes nothing.
    pub(crate) fn learn(&mut self, seen: &Seen) {
        let tenant = self.tx.tenant().uuid();
        if let Some(after) = seen.after(tenant, self.known.get(&seen.id)) {
            self.put(after);
        }
    }

    /// Takes note of what became of a decision; one that was taken back meanwhile says only how the conversation is.
    pub(crate) fn settle(&mut self, id: Uuid, decision: Option<Uuid>, answer: &Answer) {
        let Some(before) = self.known.get(&id) else { return };
        let stands = decision.is_some() && before.decision == decision;
        let mut row = before.clone();
        match answer {
            // It is the answer to what we wait for, whatever the clocks say.
            Answer::Shown(seen) if stands => row = seen.over(row.tenant_id, Some(before)),
            Answer::Shown(seen) => return self.learn(seen),
            Answer::Gone => row.vanish(),
            Answer::Again(at) if stands => row.due_at = Some(*at),
            Answer::Again(_) => return,
        }
        self.put(row);
    }

    /// Takes back what was decided for somebody and is not known to be carried out.
    pub(crate) async fn take_back(&mut self, user: Uuid) -> Result<()> {
        for mut row in conversations::chosen_for(&self.tx, user).await? {
            self.known.insert(row.id, row.clone());
            row.forget_choice();
            self.put(row);
        }
        Ok(())
    }

    /// Gives out what waits when the desk is closed: somebody may be free.
    pub(crate) fn look_for_work(&mut self) {
        self.look = true;
    }

    /// Switches assignment on or off.
    pub(crate) async fn set_enabled(&mut self, enabled: bool) -> Result<()> {
        if enabled == self.enabled {
            return Ok(());
        }
        self.enabled = enabled;
        self.look_for_work();
        settings::set_enabled(&self.tx, enabled).await
    }

    /// Writes all of it, and gives what waits to those who are free.
    pub(crate) async fn close(mut self) -> Result<()> {
        let changed = std::mem::take(&mut self.changed);
        conversations::save(&self.tx, changed.into_values().collect()).await?;
        self.write_loads().await?;
        if self.look && self.enabled { self.give_out().await } else { Ok(()) }
    }

    fn put(&mut self, after: conversations::Model) {
        let before = self.known.get(&after.id);
        let (was, is) = (before.and_then(conversations::Model::holder), after.holder());
        let given_by_hand = after
            .assignee
            .filter(|user| before.is_none_or(|before| before.assignee.or(before.chosen) != Some(*user)));
        self.look |= after.waiting && before.is_none_or(|before| !before.waiting);
        if was != is {
            self.look |= was.is_some();
            was.into_iter().for_each(|user| self.loads.entry(user).or_default().open -= 1);
            is.into_iter().for_each(|user| self.loads.entry(user).or_default().open += 1);
        }
        if let Some(user) = given_by_hand {
            self.loads.entry(user).or_default().assigned_at = Some(after.changed_at);
        }
        self.known.insert(after.id, after.clone());
        self.changed.insert(after.id, after);
    }

    async fn write_loads(&mut self) -> Result<()> {
        let loads = std::mem::take(&mut self.loads);
        let mut rows = agents::of_ids(&self.tx, loads.keys().copied().collect()).await?;
        for row in &mut rows {
            let Some(load) = loads.get(&row.id) else { continue };
            row.open += load.open;
            row.last_assigned_at = row.last_assigned_at.max(load.assigned_at);
        }
        agents::save(&self.tx, rows).await
    }

    async fn give_out(&self) -> Result<()> {
        let mut free = agents::available(&self.tx).await?;
        free.retain(may_be_given_conversations);
        let room: i64 = free.iter().map(|agent| i64::from(balance::room(agent, self.usual_capacity))).sum();
        let Some(room) = u64::try_from(room).ok().filter(|room| *room > 0) else { return Ok(()) };
        let mut given = conversations::waiting(&self.tx, room).await?;
        let now = self.tx.now();
        for conversation in &mut given {
            let Some(agent) = balance::next(&mut free, self.usual_capacity) else { break };
            conversation.choose(agent.id, now);
            agent.open += 1;
            agent.last_assigned_at = Some(now);
        }
        if given.is_empty() {
            return Ok(());
        }
        conversations::save(&self.tx, given).await?;
        agents::save(&self.tx, free).await
    }
}

/// Conversations are for those who may answer them.
pub(crate) fn may_be_given_conversations(agent: &agents::Model) -> bool {
    agent.role.parse().is_ok_and(|role: Role| role.allows("message.send"))
}
