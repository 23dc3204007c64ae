use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::{
    conversation::v1::{Regrouping, regrouping::Kind},
    convert::timestamp,
};
use weft_store::Tx;

use super::{Surroundings, regrouping_id, user_id};
use crate::store::{
    conversations,
    entity::{conversation, regrouping as row},
};

/// A merge or split of conversations.
pub(crate) async fn regrouping(tx: &Tx, row: &row::Model) -> Result<Regrouping> {
    let mut all = regroupings(tx, std::slice::from_ref(row)).await?;
    all.pop().ok_or_else(|| Error::not_found("regrouping"))
}

/// Several, in four queries however many they are.
pub(crate) async fn regroupings(tx: &Tx, rows: &[row::Model]) -> Result<Vec<Regrouping>> {
    let ids: HashSet<Uuid> = rows.iter().flat_map(|row| [row.conversation_id, row.other_id]).collect();
    let all = conversations::by_ids(tx, &ids).await?;
    let surroundings = Surroundings::load(tx, &all).await?;
    let all: HashMap<Uuid, &conversation::Model> = all.iter().map(|row| (row.id, row)).collect();
    let shown = |id: Uuid| all.get(&id).map(|row| surroundings.conversation(row)).transpose();
    rows.iter()
        .map(|row| {
            Ok(Regrouping {
                id: regrouping_id(row.id),
                kind: Kind::from_str_name(&row.kind).unwrap_or_default().into(),
                conversation: shown(row.conversation_id)?,
                other: shown(row.other_id)?,
                message_count: u32::try_from(row.message_count).unwrap_or_default(),
                user_id: user_id(row.user_id),
                created_at: Some(timestamp(row.created_at)),
                undone_at: row.undone_at.map(timestamp),
            })
        })
        .collect()
}
