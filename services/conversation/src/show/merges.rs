use std::collections::HashMap;

use uuid::Uuid;
use weft_domain::{Error, Result, id};
use weft_proto::{
    conversation::v1::{self as api, MergeSuggestion, merge_suggestion},
    convert::timestamp,
};
use weft_store::Tx;

use super::{contact, contact_id, merge_id, suggestion_id};
use crate::{
    address,
    store::{
        addresses, contacts,
        entity::{contact_address, contact_merge, merge_suggestion as row},
    },
};

/// A merge.
pub(crate) async fn merge(tx: &Tx, row: &contact_merge::Model) -> Result<api::Merge> {
    let mut all = merges(tx, std::slice::from_ref(row)).await?;
    all.pop().ok_or_else(|| Error::not_found("merge"))
}

/// Merges, in two queries however many they are.
pub(crate) async fn merges(tx: &Tx, rows: &[contact_merge::Model]) -> Result<Vec<api::Merge>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.contact_id).collect();
    let people = contacts::by_ids(tx, ids.clone()).await?;
    let identities = contacts::identities(tx, ids).await?;
    let merge = |row: &contact_merge::Model| api::Merge {
        id: merge_id(row.id),
        contact: people.get(&row.contact_id).map(|row| contact(row, &identities)),
        other: contact_id(row.other_id),
        user_id: id::from_uuid::<id::User>(row.user_id).to_string(),
        conversations: u32::try_from(row.moved.conversations.len()).unwrap_or(u32::MAX),
        created_at: Some(timestamp(row.created_at)),
        undone_at: row.undone_at.map(timestamp),
    };
    Ok(rows.iter().map(merge).collect())
}

/// Merge suggestions with their contacts and the evidence, in three queries however many they are.
pub(crate) async fn suggestions(tx: &Tx, rows: &[row::Model]) -> Result<Vec<MergeSuggestion>> {
    let ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.first_id, row.second_id]).collect();
    let people = contacts::by_ids(tx, ids.clone()).await?;
    let identities = contacts::identities(tx, ids.clone()).await?;
    let mut known: HashMap<Uuid, Vec<contact_address::Model>> = HashMap::new();
    for address in addresses::of_contacts(tx, ids).await? {
        known.entry(address.contact_id).or_default().push(address);
    }
    let of = |id: &Uuid| known.get(id).map(Vec::as_slice).unwrap_or_default();
    let suggestion = |row: &row::Model| MergeSuggestion {
        id: suggestion_id(row.id),
        contacts: [row.first_id, row.second_id]
            .iter()
            .filter_map(|id| people.get(id))
            .map(|contact| self::contact(contact, &identities))
            .collect(),
        evidence: evidence(of(&row.first_id), of(&row.second_id)),
        state: merge_suggestion::State::from_str_name(&row.state).unwrap_or_default().into(),
        created_at: Some(timestamp(row.created_at)),
    };
    Ok(rows.iter().map(suggestion).collect())
}

/// What both have.
fn evidence(
    one: &[contact_address::Model],
    other: &[contact_address::Model],
) -> Vec<merge_suggestion::Evidence> {
    one.iter()
        .filter_map(|mine| {
            let theirs = other.iter().find(|theirs| theirs.address == mine.address)?;
            let (kind, value) = address::of_key(&mine.address);
            let verified = mine.verified && theirs.verified;
            Some(merge_suggestion::Evidence { kind: kind.to_owned(), value: value.to_owned(), verified })
        })
        .collect()
}
