//! The figures by slot, channel and agent.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ExprTrait, FromQueryResult, TryGetable, Value,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::rollup::{ActiveModel, Column, Entity};
use crate::{figure::Figure, tally::Place};

/// Adds a batch's sums.
pub(crate) async fn add(tx: &Tx, generation: i64, sums: BTreeMap<(Place, Figure, i64), i64>) -> Result<()> {
    let rows = sums.into_iter().map(|((place, figure, bucket), value)| ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        generation: Set(generation),
        slot: Set(place.slot),
        channel_id: Set(place.channel),
        agent_id: Set(place.agent),
        figure: Set(figure.to_string()),
        bucket: Set(bucket),
        value: Set(value),
    });
    let keys = [
        Column::TenantId,
        Column::Generation,
        Column::Slot,
        Column::ChannelId,
        Column::AgentId,
        Column::Figure,
        Column::Bucket,
    ];
    let sum = Expr::col((Entity, Column::Value)).add(Expr::col(("excluded", Column::Value)));
    let adding = OnConflict::columns(keys).value(Column::Value, sum).to_owned();
    tx.insert_new(rows.collect(), adding).await.map(|_| ())
}

/// Which figures are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    pub(crate) generation: i64,
    /// The first slot, and the first one after the last.
    pub(crate) slots: (i64, i64),
    pub(crate) channel: Option<Uuid>,
    pub(crate) agent: Option<Uuid>,
}

/// What the figures are put together by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Group {
    Slot,
    Channel,
    Agent,
}

/// The sum of one figure in one group.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Sum<K: TryGetable> {
    pub(crate) place: K,
    pub(crate) figure: String,
    pub(crate) bucket: i64,
    pub(crate) value: i64,
}

/// The sums of each group: `K` is a slot, or a channel's or agent's id.
pub(crate) async fn sums<K: TryGetable + Send>(tx: &Tx, filter: &Filter, group: Group) -> Result<Vec<Sum<K>>>
where
    Sum<K>: FromQueryResult,
{
    let place = match group {
        Group::Slot => "slot",
        Group::Channel => "channel_id",
        Group::Agent => "agent_id",
    };
    let mut values: Vec<Value> = vec![filter.generation.into(), filter.slots.0.into(), filter.slots.1.into()];
    let mut narrow = String::new();
    for (column, wanted) in [("channel_id", filter.channel), ("agent_id", filter.agent)] {
        if let Some(wanted) = wanted {
            values.push(wanted.into());
            narrow.push_str(&format!(" AND {column} = ${}", values.len() + 1));
        }
    }
    let sql = format!(
        "SELECT {place} AS place, figure, bucket, CAST(SUM(value) AS BIGINT) AS value FROM rollup \
         WHERE tenant_id = $1 AND generation = $2 AND slot >= $3 AND slot < $4{narrow} \
         GROUP BY {place}, figure, bucket"
    );
    tx.query(&sql, values).await
}
