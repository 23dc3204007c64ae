use prost::Message;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, sea_query::OnConflict};
use weft_domain::{Error, Idempotency, Result};

use crate::{Tx, migration::idempotency as entity};

/// An answer, and whether it is the one of an earlier call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once<T> {
    /// The answer.
    pub value: T,
    /// Whether an earlier call with the same key gave it.
    pub replayed: bool,
}

/// Takes the key for this transaction, or gives the answer of the call that took it before.
pub(crate) async fn claim<T: Message + Default>(tx: &Tx, idempotency: &Idempotency) -> Result<Option<T>> {
    let row = entity::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        principal: Set(idempotency.principal.clone()),
        method: Set(idempotency.method.clone()),
        key: Set(idempotency.key.clone()),
        digest: Set(idempotency.digest.to_vec()),
        answer: Set(None),
        created_at: Set(tx.now()),
    };
    let keys =
        [entity::Column::TenantId, entity::Column::Principal, entity::Column::Method, entity::Column::Key];
    let inserted = tx.insert_new(vec![row], OnConflict::columns(keys).do_nothing().to_owned()).await?;
    if !inserted.is_empty() {
        return Ok(None);
    }
    let stored = tx.get("idempotency key", find(idempotency)).await?;
    if stored.digest != idempotency.digest {
        return Err(Error::precondition(
            "idempotency_key_reused",
            "this `Idempotency-Key` was used for another request; use a new key for a new request",
        ));
    }
    let answer = stored.answer.ok_or_else(|| {
        Error::conflict(
            "idempotency_in_progress",
            "the first request with this `Idempotency-Key` is still running; try again",
        )
    })?;
    T::decode(answer.as_slice()).map(Some).map_err(Error::internal)
}

/// Keeps the answer in the effect's own transaction.
pub(crate) async fn store<T: Message>(tx: &Tx, idempotency: &Idempotency, answer: &T) -> Result<()> {
    use sea_orm::sea_query::Expr;
    let update = entity::Entity::update_many()
        .col_expr(entity::Column::Answer, Expr::value(answer.encode_to_vec()))
        .filter(matches(idempotency));
    tx.update(update).await.map(|_| ())
}

fn find(idempotency: &Idempotency) -> sea_orm::Select<entity::Entity> {
    entity::Entity::find().filter(matches(idempotency))
}

fn matches(idempotency: &Idempotency) -> sea_orm::Condition {
    use sea_orm::ColumnTrait;
    sea_orm::Condition::all()
        .add(entity::Column::Principal.eq(&idempotency.principal))
        .add(entity::Column::Method.eq(&idempotency.method))
        .add(entity::Column::Key.eq(&idempotency.key))
}
