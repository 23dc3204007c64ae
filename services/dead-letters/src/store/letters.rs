use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_bus::{DeadLetter, Stream};
use weft_domain::{Error, Result, TenantId};
use weft_store::Tx;

use crate::desk::no_such_tenant;

use super::{
    entity::dead_letter::{ActiveModel, Column, Entity},
    sealed,
    state::State,
};

pub(crate) use super::entity::dead_letter::Model;

/// Which letters are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) state: Option<State>,
    pub(crate) source: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only those whose event can be published again.
    pub(crate) replayable: bool,
}

/// Keeps letters as the bus has them; those whose name is known stay as they are. How many are new.
pub(crate) async fn keep(tx: &Tx, letters: &[&DeadLetter]) -> Result<u64> {
    let rows = letters.iter().map(|letter| row(tx, letter)).collect::<Result<Vec<_>>>()?;
    let conflict = OnConflict::columns([Column::TenantId, Column::Name]).do_nothing().to_owned();
    let new: HashMap<String, Uuid> =
        tx.insert_new(rows, conflict).await?.into_iter().map(|row| (row.name, row.id)).collect();
    let body = |letter: &&DeadLetter| new.get(&storable(&letter.name)).copied();
    let events = letters.iter().filter_map(|letter| Some((body(letter)?, &letter.letter.event)));
    sealed::insert(tx, events.collect()).await?;
    u64::try_from(new.len()).map_err(Error::internal)
}

fn row(tx: &Tx, kept: &DeadLetter) -> Result<ActiveModel> {
    let letter = &kept.letter;
    let event = &letter.event;
    Ok(ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(Uuid::now_v7()),
        name: Set(storable(&kept.name)),
        state: Set(State::Kept.as_str_name().to_owned()),
        source: Set(storable(&letter.source)),
        stream: Set(letter.stream.map(|stream| stream.name().to_owned())),
        subject: Set(storable(&event.subject)),
        event_id: Set(storable(&event.id)),
        event_type: Set(storable(&event.kind)),
        event_source: Set(storable(&event.source)),
        event_tenant: Set(event.tenant.as_deref().map(storable)),
        traceparent: Set(event.traceparent.as_deref().map(storable)),
        tracestate: Set(event.tracestate.as_deref().map(storable)),
        reason: Set(storable(&letter.reason)),
        words: Set(storable(&letter.words)),
        attempts: Set(letter.attempts.into()),
        first_at: Set(event.time.trunc_subsecs(6)),
        last_at: Set(kept.at.trunc_subsecs(6)),
        body_bytes: Set(i64::try_from(event.data.len()).map_err(Error::internal)?),
        ended_at: Set(None),
        ended_by: Set(None),
        why: Set(None),
    })
}

/// PostgreSQL has no text with a zero in it, and a letter that cannot be stored would come for ever.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Another tenant that is named has to have had letters: else it is a slip, and "none" would not tell.
pub(crate) async fn check_tenant(tx: &Tx, own: TenantId) -> Result<()> {
    let is_known = tx.tenant() == own || tx.one(Entity::find().limit(1)).await?.is_some();
    if is_known { Ok(()) } else { Err(no_such_tenant()) }
}

/// The letter of this id.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("dead letter", Entity::find().filter(Column::Id.eq(id))).await
}

/// Letters that fit, the latest given up first, from the one after `before`.
pub(crate) async fn latest(
    tx: &Tx,
    filter: &Filter<'_>,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut wanted = filter.condition();
    if let Some((at, id)) = before {
        let same_moment = Condition::all().add(Column::LastAt.eq(at)).add(Column::Id.lt(id));
        // The first part lets the index begin where the page does.
        wanted = wanted
            .add(Column::LastAt.lte(at))
            .add(Condition::any().add(Column::LastAt.lt(at)).add(same_moment));
    }
    let select = Entity::find().filter(wanted).order_by_desc(Column::LastAt).order_by_desc(Column::Id);
    tx.all(select.limit(limit)).await
}

/// Letters that fit, the first given up first.
pub(crate) async fn oldest(tx: &Tx, filter: &Filter<'_>, limit: u64) -> Result<Vec<Model>> {
    let select = Entity::find().filter(filter.condition());
    tx.all(select.order_by_asc(Column::LastAt).order_by_asc(Column::Id).limit(limit)).await
}

/// The ids of letters that fit, the first given up first.
pub(crate) async fn oldest_ids(tx: &Tx, filter: &Filter<'_>, limit: u64) -> Result<Vec<Uuid>> {
    Ok(oldest(tx, filter, limit).await?.into_iter().map(|letter| letter.id).collect())
}

/// How many fit.
pub(crate) async fn count(tx: &Tx, filter: &Filter<'_>) -> Result<u64> {
    tx.count(Entity::find().filter(filter.condition())).await
}

/// Has those of the letters that are still kept replayed; how many.
pub(crate) async fn want_replayed(tx: &Tx, ids: &[Uuid], by: &str) -> Result<u64> {
    let update = Entity::update_many()
        .col_expr(Column::State, State::Replaying.as_str_name().into())
        .col_expr(Column::EndedBy, by.into())
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(State::Kept.as_str_name()));
    tx.update(update).await
}

/// Puts a letter back that the bus would not take, with what it said.
pub(crate) async fn keep_again(tx: &Tx, id: Uuid, why: &str) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::State, State::Kept.as_str_name().into())
        .col_expr(Column::EndedBy, Expr::value(None::<String>))
        .col_expr(Column::Why, why.into())
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Replaying.as_str_name()));
    tx.update(update).await.map(drop)
}

/// Notes that letters' events were published; how many were not noted yet. Without `by` it stays who asked for it.
pub(crate) async fn note_replayed(tx: &Tx, ids: &[Uuid], by: Option<&str>) -> Result<u64> {
    let mut update = Entity::update_many()
        .col_expr(Column::Why, Expr::value(None::<String>))
        .filter(Column::State.ne(State::Replayed.as_str_name()));
    if let Some(by) = by {
        update = update.col_expr(Column::EndedBy, by.into());
    }
    end(tx, update, State::Replayed, ids).await
}

/// Discards those of the letters that have not ended; how many.
pub(crate) async fn discard(tx: &Tx, ids: &[Uuid], by: &str, why: &str) -> Result<u64> {
    let undecided = [State::Kept, State::Replaying].map(|state| state.as_str_name());
    let update = Entity::update_many()
        .col_expr(Column::EndedBy, by.into())
        .col_expr(Column::Why, why.into())
        .filter(Column::State.is_in(undecided));
    end(tx, update, State::Discarded, ids).await
}

async fn end(tx: &Tx, update: UpdateMany<Entity>, state: State, ids: &[Uuid]) -> Result<u64> {
    let update = update
        .col_expr(Column::State, state.as_str_name().into())
        .col_expr(Column::EndedAt, Expr::value(tx.now()))
        .filter(Column::Id.is_in(ids.iter().copied()));
    let ended: Vec<Uuid> = tx.update_returning(update).await?.into_iter().map(|row| row.id).collect();
    sealed::delete(tx, &ended).await?;
    u64::try_from(ended.len()).map_err(Error::internal)
}

/// Forgets letters that ended before a moment.
pub(crate) async fn forget(tx: &Tx, before: DateTime<Utc>) -> Result<u64> {
    tx.delete(Entity::delete_many().filter(Column::EndedAt.lt(before))).await
}

/// The stream a letter's event came from.
pub(crate) fn stream(letter: &Model) -> Result<Stream> {
    let named = |stream: &Stream| letter.stream.as_deref() == Some(stream.name());
    Stream::ALL.into_iter().find(named).ok_or_else(|| {
        Error::precondition(
            "not_replayable",
            "this letter was never an event on the bus: there is nothing to replay",
        )
    })
}

impl Filter<'_> {
    fn condition(&self) -> Condition {
        let mut wanted = Condition::all();
        if let Some(state) = self.state {
            wanted = wanted.add(Column::State.eq(state.as_str_name()));
        }
        if let Some(source) = self.source {
            wanted = wanted.add(Column::Source.eq(source));
        }
        if let Some(reason) = self.reason {
            wanted = wanted.add(Column::Reason.eq(reason));
        }
        if let Some(since) = self.since {
            wanted = wanted.add(Column::LastAt.gte(since));
        }
        if let Some(until) = self.until {
            wanted = wanted.add(Column::LastAt.lt(until));
        }
        if self.replayable {
            wanted = wanted.add(Column::Stream.is_not_null());
        }
        wanted
    }
}
