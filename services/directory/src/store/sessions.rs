use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use weft_domain::{
    Result, id,
    id::{SessionId, UserId},
};
use weft_proto::{convert::timestamp, events::v1::SessionRevoked};
use weft_store::{Purpose, Store, Tx};

use super::entity::session::{ActiveModel, Column, Entity, Model};

pub(crate) async fn insert(
    tx: &Tx,
    session: SessionId,
    person: Uuid,
    expires_at: DateTime<Utc>,
) -> Result<Model> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(session.uuid()),
        person_id: Set(person),
        created_at: Set(tx.now()),
        used_at: Set(tx.now()),
        expires_at: Set(expires_at),
        ended_at: Set(None),
        end_reason: Set(None),
    };
    tx.insert(row).await
}

/// The session, if it is this person's.
pub(crate) async fn find_of(tx: &Tx, session: Uuid, person: UserId) -> Result<Option<Model>> {
    let select = Entity::find().filter(Column::Id.eq(session)).filter(Column::PersonId.eq(person.uuid()));
    tx.one(select).await
}

/// Notes that a session is used; none when it is over. Holds the row: renewals of one session come one after the other.
pub(crate) async fn touch(tx: &Tx, session: Uuid) -> Result<Option<Model>> {
    let update = Entity::update_many()
        .set(ActiveModel { used_at: Set(tx.now()), ..Default::default() })
        .filter(Column::Id.eq(session))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()));
    Ok(tx.update_returning(update).await?.pop())
}

/// Ends a session and tells everybody; nothing happens when it is over already.
pub(crate) async fn end(tx: &Tx, session: SessionId, person: UserId, reason: &str) -> Result<()> {
    let update =
        ending(tx, reason).filter(Column::Id.eq(session.uuid())).filter(Column::PersonId.eq(person.uuid()));
    if tx.update(update).await? == 0 {
        return Ok(());
    }
    let event = SessionRevoked {
        session_id: session.to_string(),
        user_id: person.to_string(),
        at: Some(timestamp(tx.now())),
        reason: reason.to_owned(),
    };
    tx.emit_event(&person.to_string(), &event)
}

/// Ends all sessions of somebody; the caller tells everybody, in one event.
pub(crate) async fn end_all(tx: &Tx, person: Uuid, reason: &str) -> Result<()> {
    tx.update(ending(tx, reason).filter(Column::PersonId.eq(person))).await.map(drop)
}

fn ending(tx: &Tx, reason: &str) -> sea_orm::UpdateMany<Entity> {
    let ended = ActiveModel {
        ended_at: Set(Some(tx.now())),
        end_reason: Set(Some(reason.to_owned())),
        ..Default::default()
    };
    Entity::update_many().set(ended).filter(Column::EndedAt.is_null())
}

/// The sessions that ended after `since`.
pub(crate) async fn ended_since(store: &Store, since: DateTime<Utc>) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::EndedAt.gt(since));
    store.system(Purpose::ResolveToken).await?.all(select).await
}

/// Some of the sessions that were over before `before`.
pub(crate) async fn over_before(store: &Store, before: DateTime<Utc>, limit: u64) -> Result<Vec<Model>> {
    let over = Condition::any().add(Column::ExpiresAt.lt(before)).add(Column::EndedAt.lt(before));
    store.system(Purpose::FindLapsed).await?.all(Entity::find().filter(over).limit(limit)).await
}

/// Forgets sessions, and with them their refresh tokens.
pub(crate) async fn delete(tx: &Tx, sessions: &[Uuid]) -> Result<u64> {
    tx.delete(Entity::delete_many().filter(Column::Id.is_in(sessions.iter().copied()))).await
}

impl Model {
    pub(crate) fn session_id(&self) -> SessionId {
        id::from_uuid(self.id)
    }
}
