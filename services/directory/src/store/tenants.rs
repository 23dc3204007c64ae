use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use weft_domain::{Error, Result, id};
use weft_proto::{convert::timestamp, directory::v1::Tenant};
use weft_store::{Purpose, Store, Tx};

use super::entity::tenant::{ActiveModel, Column, Entity, Model};

/// Makes the tenant that this transaction is of.
pub(crate) async fn insert(tx: &Tx, slug: &str, name: &str) -> Result<Model> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(tx.tenant().uuid()),
        slug: Set(slug.to_owned()),
        name: Set(name.to_owned()),
        created_at: Set(tx.now()),
    };
    tx.insert(row).await.map_err(|error| match error.reason() {
        "already_exists" => Error::conflict("slug_taken", "another tenant has this slug")
            .with_field("slug")
            .with_source(error),
        _ => error,
    })
}

/// The tenant that this transaction is of.
pub(crate) async fn own(tx: &Tx) -> Result<Model> {
    tx.get("tenant", Entity::find()).await
}

pub(crate) async fn rename(tx: &Tx, name: &str) -> Result<Model> {
    let update = Entity::update_many().set(ActiveModel { name: Set(name.to_owned()), ..Default::default() });
    tx.update_returning(update).await?.pop().ok_or_else(|| Error::not_found("tenant"))
}

/// The tenant that somebody names at sign-in, by slug or id.
pub(crate) async fn find_named(store: &Store, slug_or_id: &str) -> Result<Option<Model>> {
    let select = match id::parse::<id::Tenant>("tenant", slug_or_id) {
        Ok(tenant) => Entity::find().filter(Column::Id.eq(tenant.uuid())),
        Err(_) => Entity::find().filter(Column::Slug.eq(slug_or_id.trim().to_lowercase())),
    };
    store.system(Purpose::SignIn).await?.one(select).await
}

/// All tenants after the id `after`, oldest first; for operators.
pub(crate) async fn page(store: &Store, after: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    let select =
        Entity::find().filter(Column::Id.gt(after.unwrap_or_default())).order_by_asc(Column::Id).limit(limit);
    store.system(Purpose::ManageTenants).await?.all(select).await
}

/// The tenant that was made first.
pub(crate) async fn first(store: &Store) -> Result<Option<Model>> {
    let select = Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(1);
    store.system(Purpose::ManageTenants).await?.one(select).await
}

impl From<Model> for Tenant {
    fn from(row: Model) -> Self {
        Self {
            id: id::from_uuid::<id::Tenant>(row.id).to_string(),
            slug: row.slug,
            name: row.name,
            created_at: Some(timestamp(row.created_at)),
        }
    }
}
