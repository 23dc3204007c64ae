//! What contacts are sorted by.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::OnConflict};
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{
    contact,
    contact_tag::{ActiveModel, Column, Entity},
};

/// Makes the index of these contacts' tags what their rows say now. Who became part of another contact is found by none.
pub(crate) async fn follow(tx: &Tx, rows: &[&contact::Model]) -> Result<()> {
    let mut kept = Vec::new();
    for row in rows {
        let tags = if row.merged_into.is_some() { &[][..] } else { row.tags.0.as_slice() };
        let gone = Entity::delete_many()
            .filter(Column::ContactId.eq(row.id))
            .filter(tx.is_any_of(Column::Tag, tags.iter().cloned()).not());
        tx.delete(gone).await?;
        kept.extend(tags.iter().map(|tag| ActiveModel {
            tenant_id: Set(row.tenant_id),
            tag: Set(tag.clone()),
            contact_id: Set(row.id),
            created_at: Set(row.created_at),
        }));
    }
    tx.insert_new(kept, OnConflict::new().do_nothing().to_owned()).await.map(drop)
}
