use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_proto::{
    channel::v1::Noted,
    convert::{time, timestamp},
    directory::v1::{
        ChannelLogEntry,
        channel_log_entry::{Direction, Outcome},
    },
};
use weft_store::{Purpose, Store, Tx};

use super::entity::channel_log::{ActiveModel, Column, Entity};

pub(crate) use super::entity::channel_log::Model;

/// The most characters of a word, and of an explanation.
const WORD: usize = 64;
const DETAIL: usize = 500;

/// Which lines to list.
pub(crate) struct Which {
    pub(crate) channel: Uuid,
    pub(crate) direction: Option<Direction>,
    pub(crate) outcome: Option<Outcome>,
}

/// What happened since a time, in numbers.
#[derive(Debug, Default, FromQueryResult)]
pub(crate) struct Sums {
    pub(crate) calls: i64,
    pub(crate) calls_failed: i64,
    pub(crate) webhooks_refused: i64,
}

/// A line as an adapter noted it; none when it is not readable.
pub(crate) fn row(tx: &Tx, noted: &Noted) -> Option<Model> {
    let entry = noted.entry.as_ref()?;
    Some(Model {
        tenant_id: tx.tenant().uuid(),
        id: id::parse_lookup::<id::LogEntry>(&entry.id).ok()?.uuid(),
        channel_id: id::parse_lookup::<id::Channel>(&noted.channel_id).ok()?.uuid(),
        at: entry.at.as_ref().and_then(time)?,
        direction: entry.direction().as_str_name().to_owned(),
        operation: cut(&entry.operation, WORD),
        outcome: entry.outcome().as_str_name().to_owned(),
        code: cut(&entry.code, WORD),
        detail: cut(&entry.detail, DETAIL),
        duration_ms: entry.duration_ms.into(),
        bytes: i64::try_from(entry.bytes).unwrap_or(i64::MAX),
        events: entry.events.into(),
        attempt: i32::try_from(entry.attempt).unwrap_or(i32::MAX),
        times: entry.count.max(1).into(),
        message_id: cut(&entry.message_id, WORD),
    })
}

/// Adds lines; those that are there already stay as they are.
pub(crate) async fn add(tx: &Tx, lines: Vec<Model>) -> Result<()> {
    let rows: Vec<ActiveModel> = lines.into_iter().map(IntoActiveModel::into_active_model).collect();
    let keys = OnConflict::columns([Column::TenantId, Column::Id]).do_nothing().to_owned();
    tx.insert_new(rows, keys).await.map(drop)
}

/// Some lines before `before`, the newest first.
pub(crate) async fn page(tx: &Tx, which: &Which, before: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    let mut select = Entity::find()
        .filter(Column::ChannelId.eq(which.channel))
        .filter(Column::Id.lt(before.unwrap_or(Uuid::max())))
        .order_by_desc(Column::Id)
        .limit(limit);
    if let Some(direction) = which.direction {
        select = select.filter(Column::Direction.eq(direction.as_str_name()));
    }
    if let Some(outcome) = which.outcome {
        select = select.filter(Column::Outcome.eq(outcome.as_str_name()));
    }
    tx.all(select).await
}

/// What a channel did since then.
pub(crate) async fn sums(tx: &Tx, channel: Uuid, since: DateTime<Utc>) -> Result<Sums> {
    let sql = "SELECT \
        CAST(COALESCE(SUM(CASE WHEN direction = 'outbound' AND outcome IN ('ok', 'failed') THEN times ELSE 0 END), 0) AS BIGINT) AS calls, \
        CAST(COALESCE(SUM(CASE WHEN direction = 'outbound' AND outcome = 'failed' THEN times ELSE 0 END), 0) AS BIGINT) AS calls_failed, \
        CAST(COALESCE(SUM(CASE WHEN direction = 'inbound' AND outcome = 'refused' THEN times ELSE 0 END), 0) AS BIGINT) AS webhooks_refused \
        FROM channel_log WHERE tenant_id = $1 AND channel_id = $2 AND id >= $3";
    let rows = tx.query(sql, vec![channel.into(), first_id_at(since).into()]).await?;
    Ok(rows.into_iter().next().unwrap_or_default())
}

/// Some of the lines that are older than `before`, the oldest first.
pub(crate) async fn older_than(store: &Store, before: DateTime<Utc>, limit: u64) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::At.lt(before)).order_by_asc(Column::At).limit(limit);
    store.system(Purpose::FindLapsed).await?.all(select).await
}

/// Forgets lines.
pub(crate) async fn delete(tx: &Tx, lines: &[Uuid]) -> Result<u64> {
    tx.delete(Entity::delete_many().filter(tx.is_any_of(Column::Id, lines.iter().copied()))).await
}

/// Where ids of this time begin: they rise with it.
fn first_id_at(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

fn cut(text: &str, most: usize) -> String {
    // PostgreSQL takes no NUL characters
    text.chars().filter(|letter| *letter != '\0').take(most).collect()
}

impl Model {
    pub(crate) fn shown(&self) -> ChannelLogEntry {
        ChannelLogEntry {
            id: id::from_uuid::<id::LogEntry>(self.id).to_string(),
            at: Some(timestamp(self.at)),
            direction: Direction::from_str_name(&self.direction).unwrap_or_default().into(),
            operation: self.operation.clone(),
            outcome: Outcome::from_str_name(&self.outcome).unwrap_or_default().into(),
            code: self.code.clone(),
            detail: self.detail.clone(),
            duration_ms: u32::try_from(self.duration_ms).unwrap_or(u32::MAX),
            bytes: u64::try_from(self.bytes).unwrap_or_default(),
            events: u32::try_from(self.events).unwrap_or(u32::MAX),
            attempt: u32::try_from(self.attempt).unwrap_or_default(),
            count: u32::try_from(self.times).unwrap_or(u32::MAX),
            message_id: self.message_id.clone(),
        }
    }
}
