use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;
use weft_auth::{PublicKey, Signer};
use weft_crypto::{ExposeSecret, SecretBytes};
use weft_domain::Result;
use weft_proto::{convert::timestamp, events::v1::SecurityRaised};
use weft_store::{Store, Tx, installation, vault::Cell};

use super::entity::signing_key::{ActiveModel, Column, Entity};

pub(crate) use super::entity::signing_key::Model;

/// Longer than an access token and its leeway can live: so long a key is published after it signed the last one.
const PUBLISHED_AFTER: TimeDelta = TimeDelta::minutes(15);

/// All keys, in the order in which they sign.
pub(crate) async fn all(tx: &Tx) -> Result<Vec<Model>> {
    tx.all(Entity::find().order_by_asc(Column::Generation)).await
}

/// Makes the key that takes over after `lead`, unless one is on its way already; the first one signs at once. Of many replicas
/// that do this at once, one makes the key.
pub(crate) async fn rotate(tx: &Tx, lead: TimeDelta) -> Result<()> {
    let Some(newest) = all(tx).await?.pop() else { return insert(tx, 1, tx.now()).await };
    if newest.signs_from > tx.now() {
        return Ok(());
    }
    insert(tx, newest.generation + 1, tx.now() + lead).await
}

async fn insert(tx: &Tx, generation: i32, signs_from: DateTime<Utc>) -> Result<()> {
    let id = Uuid::now_v7();
    let private = Signer::generate()?;
    let public = Signer::new(&kid(id), &private)?.public().clone();
    let row = ActiveModel {
        tenant_id: Set(installation().uuid()),
        id: Set(id),
        generation: Set(generation),
        public_key: Set(public.x),
        private_key: Set(tx.vault().seal(tx, cell(id), private.expose_secret()).await?),
        created_at: Set(tx.now()),
        signs_from: Set(signs_from),
    };
    let known = OnConflict::columns([Column::TenantId, Column::Generation]).do_nothing().to_owned();
    if tx.insert_new(vec![row], known).await?.is_empty() {
        return Ok(());
    }
    let event = SecurityRaised {
        kind: "signing_key_made".to_owned(),
        subject: kid(id),
        detail: format!("signs access tokens from {}", signs_from.to_rfc3339()),
        at: Some(timestamp(tx.now())),
    };
    tx.emit_event("signing_key", &event)
}

pub(crate) async fn open(tx: &Tx, key: &Model) -> Result<SecretBytes> {
    tx.vault().open(tx, cell(key.id), &key.private_key).await
}

/// Deletes keys that no valid token was signed with.
pub(crate) async fn delete_spent(store: &Store, now: DateTime<Utc>) -> Result<()> {
    let scope = store.tenant(installation());
    let keys = scope.read(|tx| async move { all(&tx).await }).await?;
    let spent: Vec<Uuid> = spent(&keys, now).map(|key| key.id).collect();
    if spent.is_empty() {
        return Ok(());
    }
    let ids = &spent;
    scope
        .write(|tx| async move {
            tx.delete(Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied()))).await
        })
        .await
        .map(drop)
}

/// The keys to publish: the next one, the active one, and those that signed tokens which may still be valid.
pub(crate) fn published(keys: &[Model], now: DateTime<Utc>) -> Vec<PublicKey> {
    let gone: Vec<Uuid> = spent(keys, now).map(|key| key.id).collect();
    let kept = keys.iter().filter(|key| !gone.contains(&key.id));
    kept.map(|key| PublicKey { kid: kid(key.id), x: key.public_key.clone() }).collect()
}

fn spent(keys: &[Model], now: DateTime<Utc>) -> impl Iterator<Item = &Model> {
    let followed = keys.iter().zip(keys.iter().skip(1));
    followed.filter(move |(_, next)| next.signs_from + PUBLISHED_AFTER < now).map(|(key, _)| key)
}

pub(crate) fn kid(id: Uuid) -> String {
    id.simple().to_string()
}

fn cell(id: Uuid) -> Cell<'static> {
    Cell { table: "signing_key", column: "private_key", row: id }
}
