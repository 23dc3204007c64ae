//! What happened with a contact, the newest first. Each kind has an index in this order; a page is merged from the kinds' own.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value,
    sea_query::{Expr, SimpleExpr},
};
use strum::{EnumString, VariantNames};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::{
    contact_notes,
    entity::{contact, contact_merge, contact_note, conversation, conversation_change, message},
    messages,
};

/// So many conversations are looked into at first, and at most, at a time.
const CONVERSATIONS: (u64, u64) = (20, 200);
/// By how much the clocks of replicas may differ.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
/// So many contacts that became part of one are looked for.
const FAMILY: usize = 1_000;

/// What can be asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Kind {
    /// Messages of all conversations.
    Message,
    /// Notes on the contact.
    Note,
    /// Beginnings and ends of conversations.
    Conversation,
    /// Contacts that became part of this one.
    Merge,
}

/// A thing that happened.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A conversation began.
    Began(Box<conversation::Model>),
    /// Another contact became part of this one.
    Merged(contact_merge::Model),
    /// A conversation was resolved, opened again or closed.
    Changed(conversation_change::Model),
    /// A note was written.
    Noted(contact_note::Model),
    /// A message was written.
    Written(Box<message::Model>),
}

/// Where an entry stands: its time, and what decides between those of one moment.
pub(crate) type Key = (DateTime<Utc>, u8, Uuid);
/// The place before which the entries of one source are.
type Before = Option<(DateTime<Utc>, Uuid)>;

impl Entry {
    /// Where it stands.
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Began(row) => (row.created_at, 0, row.id),
            Self::Merged(row) => (row.created_at, 1, row.id),
            Self::Changed(row) => (row.created_at, 2, row.id),
            Self::Noted(row) => (row.created_at, 3, row.id),
            Self::Written(row) => (row.created_at, 4, row.id),
        }
    }
}

/// The place before which the entries of one source are, when a page ended at `key`.
fn before(key: Option<Key>, source: u8) -> Before {
    let (at, of, id) = key?;
    let id = match source.cmp(&of) {
        std::cmp::Ordering::Equal => id,
        std::cmp::Ordering::Less => Uuid::max(),
        std::cmp::Ordering::Greater => Uuid::nil(),
    };
    Some((at, id))
}

/// A page of what `user` may see.
pub(crate) async fn page(
    tx: &Tx,
    (contact, user): (Uuid, Uuid),
    only: Option<Kind>,
    after: Option<Key>,
    size: u64,
) -> Result<Vec<Entry>> {
    let wanted = |kind: Kind| only.is_none_or(|only| only == kind);
    let mut all: Vec<Entry> = Vec::new();
    if wanted(Kind::Conversation) {
        all.extend(
            began(tx, contact, before(after, 0), size)
                .await?
                .into_iter()
                .map(|row| Entry::Began(Box::new(row))),
        );
        all.extend(changed(tx, contact, before(after, 2), size).await?.into_iter().map(Entry::Changed));
    }
    if wanted(Kind::Merge) {
        all.extend(merged(tx, contact, before(after, 1), size).await?.into_iter().map(Entry::Merged));
    }
    if wanted(Kind::Note) {
        let notes = contact_notes::page(tx, contact, before(after, 3), size).await?;
        all.extend(notes.into_iter().map(Entry::Noted));
    }
    if wanted(Kind::Message) {
        let written = Box::pin(written(tx, (contact, user), before(after, 4), size)).await?;
        all.extend(written.into_iter().map(|row| Entry::Written(Box::new(row))));
    }
    all.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key()));
    all.truncate(usize::try_from(size + 1).unwrap_or(usize::MAX));
    Ok(all)
}

/// Whether a row stands before a place.
fn is_before<C: ColumnTrait>(at: C, id: C, before: Before) -> Option<SimpleExpr> {
    let (time, uuid) = before?;
    let key = Expr::tuple([Expr::col(at), Expr::col(id)]);
    Some(key.lt(Expr::tuple([Expr::value(time), Expr::value(uuid)])))
}

async fn began(tx: &Tx, contact: Uuid, before: Before, size: u64) -> Result<Vec<conversation::Model>> {
    use conversation::{Column, Entity};
    let mut find = Entity::find().filter(Column::ContactId.eq(contact));
    if let Some(before) = is_before(Column::CreatedAt, Column::Id, before) {
        find = find.filter(before);
    }
    let find = find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(size + 1);
    tx.all(find).await
}

async fn changed(
    tx: &Tx,
    contact: Uuid,
    before: Before,
    size: u64,
) -> Result<Vec<conversation_change::Model>> {
    use conversation_change::{Column, Entity};
    let mut find = Entity::find().filter(Column::ContactId.eq(contact));
    if let Some(before) = is_before(Column::CreatedAt, Column::Id, before) {
        find = find.filter(before);
    }
    let find = find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(size + 1);
    tx.all(find).await
}

async fn merged(tx: &Tx, contact: Uuid, before: Before, size: u64) -> Result<Vec<contact_merge::Model>> {
    use contact_merge::{Column, Entity};
    let family = family(tx, contact).await?;
    let mut find = Entity::find().filter(tx.is_any_of(Column::ContactId, family));
    if let Some(before) = is_before(Column::CreatedAt, Column::Id, before) {
        find = find.filter(before);
    }
    let find = find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(size + 1);
    tx.all(find).await
}

/// The contact, and those that became part of it.
async fn family(tx: &Tx, contact: Uuid) -> Result<Vec<Uuid>> {
    use contact::{Column, Entity};
    let (mut all, mut latest) = (vec![contact], vec![contact]);
    while !latest.is_empty() && all.len() < FAMILY {
        let find = Entity::find()
            .filter(Column::MergedInto.is_not_null())
            .filter(tx.is_any_of(Column::MergedInto, latest));
        latest = tx.all(find).await?.into_iter().map(|row| row.id).collect();
        all.extend(&latest);
    }
    Ok(all)
}

/// Messages of all conversations. They are looked into in the order of their latest activity, until all others have been quiet for
/// longer than the page goes back.
async fn written(
    tx: &Tx,
    (contact, user): (Uuid, Uuid),
    before: Before,
    size: u64,
) -> Result<Vec<message::Model>> {
    let most = usize::try_from(size + 1).unwrap_or(usize::MAX);
    let (mut count, mut after) = (CONVERSATIONS.0, None);
    let mut found: Vec<message::Model> = Vec::new();
    loop {
        let conversations = latest(tx, contact, after, count).await?;
        let ids: Vec<Uuid> = conversations.iter().map(|row| row.id).collect();
        found.extend(written_in(tx, &ids, user, before, size).await?);
        found.sort_unstable_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
        found.truncate(most);
        let Some(last) = conversations.last() else { return Ok(found) };
        let are_more = u64::try_from(conversations.len()).is_ok_and(|had| had == count);
        let is_full = found.len() == most
            && found.last().is_some_and(|oldest| oldest.created_at > last.active_at + CLOCKS);
        if !are_more || is_full {
            return Ok(found);
        }
        after = Some((last.active_at, last.id));
        count = Ord::min(count * 2, CONVERSATIONS.1);
    }
}

/// Conversations of a contact, the latest activity first.
async fn latest(tx: &Tx, contact: Uuid, after: Before, count: u64) -> Result<Vec<conversation::Model>> {
    use conversation::{Column, Entity};
    let mut find = Entity::find().filter(Column::ContactId.eq(contact));
    if let Some(before) = is_before(Column::ActiveAt, Column::Id, after) {
        find = find.filter(before);
    }
    tx.all(find.order_by_desc(Column::ActiveAt).order_by_desc(Column::Id).limit(count)).await
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// The newest messages of these conversations that somebody sees: of each as many as fit, by its own index.
async fn written_in(
    tx: &Tx,
    conversations: &[Uuid],
    user: Uuid,
    before: Before,
    size: u64,
) -> Result<Vec<message::Model>> {
    if conversations.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![user.into()];
    let earlier = if before.is_some() { "AND (m.created_at, m.id) < ($3, $4)" } else { "" };
    values.extend(before.into_iter().flat_map(|(at, id)| [Value::from(at), Value::from(id)]));
    let most = size + 1;
    let mut parts = Vec::with_capacity(conversations.len());
    for conversation in conversations {
        values.push((*conversation).into());
        let place = values.len() + 1;
        parts.push(format!(
            "SELECT id, created_at FROM (SELECT m.id, m.created_at FROM message m \
             WHERE m.tenant_id = $1 AND m.conversation_id = ${place} {earlier} \
             AND NOT EXISTS (SELECT 1 FROM message_hidden h WHERE h.tenant_id = $1 AND h.user_id = $2 \
             AND h.message_id = m.id) ORDER BY m.created_at DESC, m.id DESC LIMIT {most}) c{place}"
        ));
    }
    let sql = format!(
        "SELECT id FROM ({}) written ORDER BY created_at DESC, id DESC LIMIT {most}",
        parts.join(" UNION ALL ")
    );
    let found: Vec<Found> = tx.query(&sql, values).await?;
    let rows = messages::by_ids(tx, found.into_iter().map(|found| found.id).collect()).await?;
    Ok(rows.into_values().collect())
}
