//! Whom numbers and mail addresses may belong to.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::{
    contacts,
    entity::{
        contact,
        contact_address::{ActiveModel, Column, Entity, Model},
    },
    suggestions,
};
use crate::address;

/// An address of a contact.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    address: String,
    contact_id: Uuid,
    verified: bool,
}

/// By what a contact is known: what a provider vouches for, and what somebody typed.
pub(crate) fn of(contact: &contact::Model, vouched: Option<&str>) -> Vec<Known> {
    let typed = contact.phone.as_deref().and_then(|phone| address::phone(phone, ""));
    let typed = typed.map(|phone| address::phone_key(&phone));
    let mail = contact.email.as_deref().and_then(address::email).map(|email| address::email_key(&email));
    let known = |address: String, verified| Known { address, contact_id: contact.id, verified };
    let vouched = vouched.map(|address| known(address.to_owned(), true));
    let rest = typed.into_iter().chain(mail).map(|address| known(address, false));
    let mut all: Vec<Known> = vouched.into_iter().chain(rest).collect();
    all.sort_by(|one, other| (&one.address, !one.verified).cmp(&(&other.address, !other.verified)));
    all.dedup_by(|later, first| later.address == first.address);
    all
}

/// Notes addresses, and suggests whoever shares them.
pub(crate) async fn add(tx: &Tx, known: Vec<Known>) -> Result<()> {
    if known.is_empty() {
        return Ok(());
    }
    let rows = known.iter().map(|one| ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        address: Set(one.address.clone()),
        contact_id: Set(one.contact_id),
        verified: Set(one.verified),
    });
    let keys = OnConflict::columns([Column::TenantId, Column::Address, Column::ContactId])
        .update_column(Column::Verified)
        .to_owned();
    tx.insert_new(rows.collect(), keys).await?;
    let of = sharing(tx, known.iter().map(|one| one.address.clone())).await?;
    suggestions::suggest(tx, &known.iter().map(|one| one.contact_id).collect(), &of).await
}

/// Who has one of these addresses, by address; more than say anything of one person are not looked for.
async fn sharing(tx: &Tx, addresses: impl Iterator<Item = String>) -> Result<HashMap<String, Vec<Uuid>>> {
    let mut of: HashMap<String, Vec<Uuid>> = HashMap::new();
    for address in addresses {
        if of.contains_key(&address) {
            continue;
        }
        let find = Entity::find().filter(Column::Address.eq(&address)).limit(suggestions::MAX_SHARING + 1);
        let people = tx.all(find).await?.into_iter().map(|row| row.contact_id).collect();
        of.insert(address, people);
    }
    Ok(of)
}

/// Whose each of these addresses may be.
pub(crate) async fn owners(
    tx: &Tx,
    addresses: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, BTreeSet<Uuid>>> {
    let addresses: BTreeSet<String> = addresses.into_iter().collect();
    let mut owners: HashMap<String, BTreeSet<Uuid>> = HashMap::new();
    if !addresses.is_empty() {
        for row in tx.all(Entity::find().filter(tx.is_any_of(Column::Address, addresses))).await? {
            owners.entry(row.address).or_default().insert(row.contact_id);
        }
    }
    Ok(owners)
}

/// Notes by what new contacts are known, and suggests whoever shares it: in three statements, however many they are.
pub(crate) async fn add_new(tx: &Tx, contacts: &[contact::Model]) -> Result<()> {
    let known: Vec<Known> = contacts.iter().flat_map(|contact| of(contact, None)).collect();
    let rows = known.iter().map(|one| ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        address: Set(one.address.clone()),
        contact_id: Set(one.contact_id),
        verified: Set(one.verified),
    });
    tx.insert_all(rows.collect()).await?;
    let sharing = owners(tx, known.iter().map(|one| one.address.clone())).await?;
    let sharing = sharing.into_iter().map(|(address, people)| (address, people.into_iter().collect()));
    suggestions::suggest(tx, &contacts.iter().map(|contact| contact.id).collect(), &sharing.collect()).await
}

/// Notes by what a contact is known now, and forgets the rest.
pub(crate) async fn replace(tx: &Tx, contact: &contact::Model) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::ContactId.eq(contact.id))).await?;
    if contact.merged_into.is_some() {
        return Ok(());
    }
    let identities = contacts::identities(tx, vec![contact.id]).await?;
    let mut known = of(contact, None);
    for identity in identities.iter().filter_map(|identity| identity.address.as_deref()) {
        known.retain(|one| one.address != identity);
        known.push(Known { address: identity.to_owned(), contact_id: contact.id, verified: true });
    }
    known.sort_by(|one, other| one.address.cmp(&other.address));
    known.dedup_by(|later, first| later.address == first.address);
    add(tx, known).await
}

/// Whoever a provider vouches has this address, if that is one contact alone.
pub(crate) async fn owner(tx: &Tx, address: &str) -> Result<Option<Uuid>> {
    let find = Entity::find().filter(Column::Address.eq(address)).filter(Column::Verified.eq(true));
    let rows = tx.all(find).await?;
    Ok(if let [only] = rows.as_slice() { Some(only.contact_id) } else { None })
}

/// The addresses of these contacts.
pub(crate) async fn of_contacts(tx: &Tx, contacts: Vec<Uuid>) -> Result<Vec<Model>> {
    if contacts.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(Entity::find().filter(tx.is_any_of(Column::ContactId, contacts))).await
}
