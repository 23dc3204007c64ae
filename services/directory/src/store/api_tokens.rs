use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use weft_domain::{Error, Result, id, id::ApiTokenId};
use weft_proto::{convert::timestamp, directory::v1::ApiToken, events::v1::TokenRevoked};
use weft_store::{Purpose, Store, Tx};

use super::entity::api_token::{ActiveModel, Column, Entity};

pub(crate) use super::entity::api_token::Model;

/// A token to be made.
pub(crate) struct NewApiToken<'a> {
    pub(crate) id: ApiTokenId,
    pub(crate) name: &'a str,
    pub(crate) hash: [u8; 32],
    pub(crate) permissions: &'a [String],
    pub(crate) created_by: Uuid,
    pub(crate) expires_at: DateTime<Utc>,
}

pub(crate) async fn insert(tx: &Tx, new: &NewApiToken<'_>) -> Result<ApiToken> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(new.id.uuid()),
        name: Set(new.name.to_owned()),
        hash: Set(new.hash.to_vec()),
        permissions: Set(new.permissions.join(" ")),
        created_by: Set(new.created_by),
        created_at: Set(tx.now()),
        expires_at: Set(new.expires_at),
        used_at: Set(None),
        revoked_at: Set(None),
    };
    tx.insert(row).await.map(ApiToken::from)
}

pub(crate) async fn page(tx: &Tx, after: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    let select =
        Entity::find().filter(Column::Id.gt(after.unwrap_or_default())).order_by_asc(Column::Id).limit(limit);
    tx.all(select).await
}

/// Revokes a token and tells everybody; a second time nothing happens.
pub(crate) async fn revoke(tx: &Tx, token: Uuid) -> Result<()> {
    let row = tx.get("token", Entity::find().filter(Column::Id.eq(token)).lock_exclusive()).await?;
    if row.revoked_at.is_some() {
        return Ok(());
    }
    let revoked = ActiveModel { revoked_at: Set(Some(tx.now())), ..Default::default() };
    tx.update(Entity::update_many().set(revoked).filter(Column::Id.eq(token))).await?;
    let token_id = row.token_id().to_string();
    tx.emit_event(&token_id, &TokenRevoked { token_id: token_id.clone(), at: Some(timestamp(tx.now())) })
}

/// The tokens of this name that still work.
pub(crate) async fn live_named(tx: &Tx, name: &str) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Name.eq(name)).filter(Column::RevokedAt.is_null())).await
}

/// An API token names its owner: whose is it?
pub(crate) async fn resolve(store: &Store, hash: [u8; 32]) -> Result<Option<Model>> {
    let select = Entity::find().filter(Column::Hash.eq(hash.to_vec()));
    store.system(Purpose::ResolveToken).await?.one(select).await
}

pub(crate) async fn note_use(tx: &Tx, token: Uuid, at: DateTime<Utc>) -> Result<()> {
    let earlier = Condition::any().add(Column::UsedAt.is_null()).add(Column::UsedAt.lt(at));
    let update = Entity::update_many()
        .set(ActiveModel { used_at: Set(Some(at)), ..Default::default() })
        .filter(Column::Id.eq(token))
        .filter(earlier);
    tx.update(update).await.map(drop)
}

/// The tokens that were revoked after `since`.
pub(crate) async fn revoked_since(store: &Store, since: DateTime<Utc>) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::RevokedAt.gt(since));
    store.system(Purpose::ResolveToken).await?.all(select).await
}

impl Model {
    pub(crate) fn token_id(&self) -> ApiTokenId {
        id::from_uuid(self.id)
    }

    pub(crate) fn permissions(&self) -> Vec<String> {
        self.permissions.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// An error unless the token works at `now`.
    pub(crate) fn require_live(&self, now: DateTime<Utc>) -> Result<()> {
        if self.revoked_at.is_some() {
            return Err(Error::unauthenticated("invalid_token", "the API token was revoked"));
        }
        if self.expires_at <= now {
            return Err(Error::unauthenticated(
                "token_expired",
                "the API token has expired; create a new one",
            ));
        }
        Ok(())
    }
}

impl From<Model> for ApiToken {
    fn from(row: Model) -> Self {
        Self {
            id: row.token_id().to_string(),
            permissions: row.permissions(),
            name: row.name,
            token: None,
            expires_at: Some(timestamp(row.expires_at)),
            last_used_at: row.used_at.map(timestamp),
            revoked_at: row.revoked_at.map(timestamp),
            created_by: id::from_uuid::<id::User>(row.created_by).to_string(),
            created_at: Some(timestamp(row.created_at)),
        }
    }
}
