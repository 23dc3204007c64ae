//! What conversations are sorted by.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromJsonQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{
    conversation_tag,
    tag::{ActiveModel, Column, Entity, Model},
};

/// Words in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Words(pub(crate) Vec<String>);

/// Makes the index of a conversation's tags, and how often each is used, what its row says now.
pub(crate) async fn follow(tx: &Tx, conversation: Uuid, before: &Words, after: &Words) -> Result<()> {
    let (before, after): (BTreeSet<&String>, BTreeSet<&String>) =
        (before.0.iter().collect(), after.0.iter().collect());
    let added: Vec<String> = after.difference(&before).map(|tag| (*tag).clone()).collect();
    let removed: Vec<String> = before.difference(&after).map(|tag| (*tag).clone()).collect();
    let rows = added.iter().map(|tag| conversation_tag::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        tag: Set(tag.clone()),
        conversation_id: Set(conversation),
    });
    tx.insert_new(rows.collect(), OnConflict::new().do_nothing().to_owned()).await?;
    if !removed.is_empty() {
        let gone = conversation_tag::Entity::delete_many()
            .filter(conversation_tag::Column::ConversationId.eq(conversation))
            .filter(tx.is_any_of(conversation_tag::Column::Tag, removed.iter().cloned()));
        tx.delete(gone).await?;
    }
    // in one order, so that two who sort never wait for each other in a circle
    let mut uses: Vec<(String, i64)> = added.into_iter().map(|tag| (tag, 1)).collect();
    uses.extend(removed.into_iter().map(|tag| (tag, -1)));
    uses.sort_unstable();
    for (tag, change) in uses {
        count(tx, tag, change).await?;
    }
    Ok(())
}

async fn count(tx: &Tx, name: String, change: i64) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        name: Set(name.clone()),
        uses: Set(Ord::max(change, 0)),
    };
    let known = OnConflict::columns([Column::TenantId, Column::Name])
        .value(Column::Uses, Expr::col((Entity, Column::Uses)).add(change))
        .to_owned();
    tx.insert_new(vec![row], known).await.map(drop)
}

/// Tags that are in use, the most used first.
pub(crate) async fn page(
    tx: &Tx,
    prefix: Option<&str>,
    after: Option<(i64, String)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut matching = Condition::all().add(Column::Uses.gt(0));
    if let Some(prefix) = prefix {
        // a range, so that no letter of it means something to LIKE
        let end = format!("{prefix}\u{10ffff}");
        matching = matching.add(Column::Name.gte(prefix)).add(Column::Name.lt(end));
    }
    if let Some((uses, name)) = after {
        let further =
            Condition::any().add(Column::Uses.lt(uses)).add(Column::Uses.eq(uses).and(Column::Name.gt(name)));
        matching = matching.add(further);
    }
    let find = Entity::find()
        .filter(matching)
        .order_by_desc(Column::Uses)
        .order_by_asc(Column::Name)
        .limit(size + 1);
    tx.all(find).await
}
