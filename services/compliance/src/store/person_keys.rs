//! Each person's fields have a key of their own, so that one person can be erased.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;
use weft_crypto::{DataKey, ExposeSecret, Kek, KeyContext, Place, Sealer};
use weft_domain::{Error, Result, TenantId, id};
use weft_store::Tx;

use super::entity::person_key::{ActiveModel, Column, Entity, Model};

const ONLY: u32 = 1;

/// The keys of some people of one tenant.
pub(crate) struct PersonKeys(HashMap<String, Sealer>);

/// Whose key an entry's fields are sealed under: the user's; where nobody is known, the entry has one of its own.
pub(crate) fn owner(user: &str, event: Uuid) -> String {
    if user.is_empty() { id::from_uuid::<id::Event>(event).to_string() } else { user.to_owned() }
}

/// The keys of these people, made for who has none yet.
pub(crate) async fn get_or_make(tx: &Tx, kek: &Kek, people: HashSet<String>) -> Result<PersonKeys> {
    let mut rows = stored(tx, people.iter().cloned()).await?;
    let known: HashSet<&String> = rows.iter().map(|row| &row.person).collect();
    let missing: Vec<String> = people.iter().filter(|person| !known.contains(person)).cloned().collect();
    if !missing.is_empty() {
        let made = missing.iter().map(|person| make(tx, kek, person)).collect::<Result<Vec<_>>>()?;
        let conflict = OnConflict::columns([Column::TenantId, Column::Person]).do_nothing().to_owned();
        tx.insert_new(made, conflict).await?;
        // Another transaction may have been first: what the table holds counts.
        rows.extend(stored(tx, missing.into_iter()).await?);
    }
    open(tx, kek, rows)
}

/// The keys of these people, as far as there are any.
pub(crate) async fn find(tx: &Tx, kek: &Kek, people: Vec<String>) -> Result<PersonKeys> {
    let rows = stored(tx, people.into_iter()).await?;
    open(tx, kek, rows)
}

/// Destroys a person's key; whether there was one.
pub(crate) async fn destroy(tx: &Tx, person: &str) -> Result<bool> {
    Ok(tx.delete(Entity::delete_many().filter(Column::Person.eq(person))).await? > 0)
}

impl PersonKeys {
    pub(crate) fn seal(&self, tenant: TenantId, person: &str, event: Uuid, plain: &[u8]) -> Result<Vec<u8>> {
        let sealer = self.0.get(person).ok_or_else(|| Error::internal("a person without a key"))?;
        Ok(sealer.seal(&place(&tenant, &event), plain)?)
    }

    /// None when the person was erased.
    pub(crate) fn open(
        &self,
        tenant: TenantId,
        person: &str,
        event: Uuid,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        let Some(sealer) = self.0.get(person) else { return Ok(None) };
        match sealer.open(&place(&tenant, &event), sealed) {
            Ok(plain) => Ok(Some(plain.expose_secret().clone())),
            // Sealed under the key the person had before being erased.
            Err(weft_crypto::Error::Unreadable) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

async fn stored(tx: &Tx, people: impl Iterator<Item = String>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::Person, people))).await
}

fn make(tx: &Tx, kek: &Kek, person: &str) -> Result<ActiveModel> {
    let wrapped = kek.wrap(&DataKey::generate(ONLY), &context(&tx.tenant(), &purpose(person)))?;
    Ok(ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        person: Set(person.to_owned()),
        wrapped: Set(wrapped),
        created_at: Set(tx.now()),
    })
}

fn open(tx: &Tx, kek: &Kek, rows: Vec<Model>) -> Result<PersonKeys> {
    let opened = rows.into_iter().map(|row| {
        let key = kek.unwrap(&row.wrapped, &context(&tx.tenant(), &purpose(&row.person)))?;
        Ok((row.person, Sealer::new([key], ONLY)?))
    });
    opened.collect::<Result<_>>().map(PersonKeys)
}

fn purpose(person: &str) -> String {
    format!("audit:{person}")
}

fn context<'a>(tenant: &'a TenantId, purpose: &'a str) -> KeyContext<'a> {
    KeyContext { tenant, purpose }
}

fn place<'a>(tenant: &'a TenantId, event: &'a Uuid) -> Place<'a> {
    Place { tenant, table: "audit_entry", column: "sealed", row: event.as_bytes() }
}
