use std::collections::HashMap;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel as _, QueryFilter,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use weft_domain::Result;
use weft_store::Tx;

use super::{
    Records,
    entity::{mail_seen, mail_thread},
};
use crate::account::Owner;

/// So many of the ids before a mail go along with an answer: the first, and the newest.
const CHAIN: usize = 20;

/// Somebody with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    pub(crate) name: String,
    pub(crate) address: String,
}

/// What is needed to answer in a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) subject: String,
    /// Whom we write to.
    pub(crate) contact: Mailbox,
    /// Who else reads along.
    pub(crate) others: Vec<Mailbox>,
    /// The newest mail.
    pub(crate) last_id: String,
    /// The ids before it, the oldest first.
    pub(crate) chain: Vec<String>,
    /// A program wrote the newest mail of the other side.
    pub(crate) automatic: bool,
}

/// How an id came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody's mail.
    Received,
    /// Our own.
    Sent,
    /// Another mail names it.
    Named,
}

/// A known id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) kind: Kind,
    pub(crate) digest: String,
    pub(crate) automatic: bool,
}

impl Records {
    /// Those of these ids that are known.
    pub(crate) async fn seen(&self, owner: Owner, ids: &[String]) -> Result<HashMap<String, Seen>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let read = |tx: Tx| async move {
            let find = mail_seen::Entity::find()
                .filter(mail_seen::Column::ChannelId.eq(owner.channel.uuid()))
                .filter(tx.is_any_of(mail_seen::Column::Id, ids.to_vec()));
            tx.all(find).await
        };
        let rows = self.0.tenant(owner.tenant).read(read).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Seen::from(row))).collect())
    }

    /// A thread.
    pub(crate) async fn thread(&self, owner: Owner, id: &str) -> Result<Option<Thread>> {
        let find = mail_thread::Entity::find()
            .filter(mail_thread::Column::ChannelId.eq(owner.channel.uuid()))
            .filter(mail_thread::Column::Id.eq(id));
        let row = self.0.tenant(owner.tenant).read(|tx| async move { tx.one(find).await }).await?;
        Ok(row.map(Thread::from))
    }

    /// Notes a thread as it is now, and the ids of one of its mails; what is known of an id stays.
    pub(crate) async fn note(&self, owner: Owner, thread: &Thread, seen: &[Seen]) -> Result<()> {
        let write = |tx: Tx| async move {
            let now = tx.now().trunc_subsecs(6);
            tx.save_all(vec![thread.row(owner, now).into_active_model().reset_all()]).await?;
            insert(&tx, seen.iter().map(|one| one.row(owner, now)).collect()).await?;
            // an id that was only named before has now been seen itself
            for one in seen.iter().filter(|one| one.kind != Kind::Named) {
                let known = mail_seen::Entity::update_many()
                    .col_expr(mail_seen::Column::Kind, one.kind.word().into())
                    .col_expr(mail_seen::Column::Digest, one.digest.clone().into())
                    .col_expr(mail_seen::Column::Automatic, one.automatic.into())
                    .filter(mail_seen::Column::ChannelId.eq(owner.channel.uuid()))
                    .filter(mail_seen::Column::Kind.eq(Kind::Named.word()))
                    .filter(mail_seen::Column::Id.eq(one.id.as_str()));
                tx.update(known).await?;
            }
            Ok(())
        };
        self.0.tenant(owner.tenant).write(write).await
    }

    /// Notes the id of a mail that is about to go into a thread, and the thread if it is new.
    pub(crate) async fn note_id(&self, owner: Owner, thread: &Thread, own: Seen) -> Result<()> {
        let own = &own;
        let write = |tx: Tx| async move {
            let now = tx.now().trunc_subsecs(6);
            let keys =
                [mail_thread::Column::TenantId, mail_thread::Column::ChannelId, mail_thread::Column::Id];
            let row = thread.row(owner, now).into_active_model().reset_all();
            tx.insert_new(vec![row], OnConflict::columns(keys).do_nothing().to_owned()).await?;
            insert(&tx, vec![own.row(owner, now)]).await
        };
        self.0.tenant(owner.tenant).write(write).await
    }

    /// Notes that a mail of ours went into a thread.
    pub(crate) async fn sent(&self, owner: Owner, thread: &str, id: &str) -> Result<()> {
        let write = |tx: Tx| async move {
            let find = mail_thread::Entity::find()
                .filter(mail_thread::Column::ChannelId.eq(owner.channel.uuid()))
                .filter(mail_thread::Column::Id.eq(thread));
            let Some(row) = tx.one(find).await? else { return Ok(()) };
            let mut thread = Thread::from(row);
            thread.append(id, &[]);
            let row = thread.row(owner, tx.now().trunc_subsecs(6));
            tx.save_all(vec![row.into_active_model().reset_all()]).await
        };
        self.0.tenant(owner.tenant).write(write).await
    }

    /// How many automatic mails of ours went into a thread within a day, and whether this one is among them.
    pub(crate) async fn automatic_today(&self, owner: Owner, thread: &str, but: &str) -> Result<u64> {
        let read = |tx: Tx| async move {
            let find = mail_seen::Entity::find()
                .filter(mail_seen::Column::ChannelId.eq(owner.channel.uuid()))
                .filter(mail_seen::Column::ThreadId.eq(thread))
                .filter(mail_seen::Column::Kind.eq(Kind::Sent.word()))
                .filter(mail_seen::Column::Automatic.eq(true))
                .filter(mail_seen::Column::Id.ne(but))
                .filter(mail_seen::Column::At.gte(tx.now() - TimeDelta::days(1)));
            tx.count(find).await
        };
        self.0.tenant(owner.tenant).read(read).await
    }
}

impl Thread {
    /// Puts a mail behind the newest; `references` is what it says itself came before.
    pub(crate) fn append(&mut self, id: &str, references: &[String]) {
        let before = if references.is_empty() { self.before(id) } else { references.to_vec() };
        self.chain = shortened(before.into_iter().filter(|known| known != id).collect());
        id.clone_into(&mut self.last_id);
    }

    /// All mails before this one, the oldest first.
    pub(crate) fn before(&self, id: &str) -> Vec<String> {
        let all = self.chain.iter().chain(std::iter::once(&self.last_id));
        shortened(all.filter(|known| !known.is_empty() && *known != id).cloned().collect())
    }

    fn row(&self, owner: Owner, now: DateTime<Utc>) -> mail_thread::Model {
        mail_thread::Model {
            tenant_id: owner.tenant.uuid(),
            channel_id: owner.channel.uuid(),
            id: self.id.clone(),
            subject: storable(&self.subject),
            contact: storable(&self.contact.address),
            contact_name: storable(&self.contact.name),
            others: storable(&serde_json::to_string(&self.others).unwrap_or_default()),
            last_id: storable(&self.last_id),
            chain: storable(&self.chain.join(" ")),
            automatic: self.automatic,
            updated_at: now,
        }
    }
}

/// Notes ids; what is known of one stays.
async fn insert(tx: &Tx, rows: Vec<mail_seen::ActiveModel>) -> Result<()> {
    let keys = [mail_seen::Column::TenantId, mail_seen::Column::ChannelId, mail_seen::Column::Id];
    tx.insert_new(rows, OnConflict::columns(keys).do_nothing().to_owned()).await.map(drop)
}

/// The first id and the newest ones.
fn shortened(mut ids: Vec<String>) -> Vec<String> {
    if ids.len() > CHAIN {
        let newest = ids.split_off(ids.len() - (CHAIN - 1));
        ids.truncate(1);
        ids.extend(newest);
    }
    ids
}

/// PostgreSQL has no text with a zero in it.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

impl From<mail_thread::Model> for Thread {
    fn from(row: mail_thread::Model) -> Self {
        Self {
            id: row.id,
            subject: row.subject,
            contact: Mailbox { name: row.contact_name, address: row.contact },
            others: serde_json::from_str(&row.others).unwrap_or_default(),
            last_id: row.last_id,
            chain: row.chain.split_whitespace().map(str::to_owned).collect(),
            automatic: row.automatic,
        }
    }
}

impl Seen {
    fn row(&self, owner: Owner, now: DateTime<Utc>) -> mail_seen::ActiveModel {
        mail_seen::ActiveModel {
            tenant_id: Set(owner.tenant.uuid()),
            channel_id: Set(owner.channel.uuid()),
            id: Set(storable(&self.id)),
            thread_id: Set(self.thread.clone()),
            kind: Set(self.kind.word().to_owned()),
            digest: Set(self.digest.clone()),
            automatic: Set(self.automatic),
            at: Set(now),
        }
    }
}

impl From<mail_seen::Model> for Seen {
    fn from(row: mail_seen::Model) -> Self {
        Self {
            id: row.id,
            thread: row.thread_id,
            kind: Kind::of(&row.kind),
            digest: row.digest,
            automatic: row.automatic,
        }
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Named => "named",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "received" => Self::Received,
            "sent" => Self::Sent,
            _ => Self::Named,
        }
    }
}
