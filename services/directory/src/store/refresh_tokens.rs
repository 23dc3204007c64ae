use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use weft_crypto::{SecretString, token};
use weft_domain::Result;
use weft_store::{Purpose, Store, Tx};

use super::entity::refresh_token::{ActiveModel, Column, Entity};

pub(crate) use super::entity::refresh_token::Model;

pub(crate) async fn insert(
    tx: &Tx,
    session: Uuid,
    secret: &SecretString,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(Uuid::now_v7()),
        session_id: Set(session),
        hash: Set(token::hash(secret).to_vec()),
        created_at: Set(tx.now()),
        expires_at: Set(expires_at),
        used_at: Set(None),
        used_from: Set(None),
        salt: Set(None),
    };
    tx.insert(row).await.map(drop)
}

/// A refresh token names its owner: whose is it?
pub(crate) async fn resolve(store: &Store, secret: &SecretString) -> Result<Option<Model>> {
    store.system(Purpose::ResolveToken).await?.one(by_hash(secret)).await
}

pub(crate) async fn find(tx: &Tx, secret: &SecretString) -> Result<Option<Model>> {
    tx.one(by_hash(secret)).await
}

/// Notes that a token was traded, by whom, and with which salt.
pub(crate) async fn use_up(tx: &Tx, id: Uuid, from: Option<&str>, salt: &str) -> Result<()> {
    let used = ActiveModel {
        used_at: Set(Some(tx.now())),
        used_from: Set(from.map(str::to_owned)),
        salt: Set(Some(salt.to_owned())),
        ..Default::default()
    };
    tx.update(Entity::update_many().set(used).filter(Column::Id.eq(id))).await.map(drop)
}

/// Some of the tokens that expired before `before`.
pub(crate) async fn expired_before(store: &Store, before: DateTime<Utc>, limit: u64) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::ExpiresAt.lt(before)).limit(limit);
    store.system(Purpose::FindLapsed).await?.all(select).await
}

pub(crate) async fn delete(tx: &Tx, tokens: &[Uuid]) -> Result<u64> {
    tx.delete(Entity::delete_many().filter(Column::Id.is_in(tokens.iter().copied()))).await
}

fn by_hash(secret: &SecretString) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Hash.eq(token::hash(secret).to_vec()))
}
