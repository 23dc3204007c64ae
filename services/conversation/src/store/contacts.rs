//! Contacts and what channels call them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};
use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_store::Tx;

use super::{
    addresses,
    custom_fields::Values,
    entity::{channel, contact, contact_identity, conversation},
    tags::Words,
};

/// Somebody a channel names, who may be new to us.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    /// The channel.
    pub(crate) channel_id: Uuid,
    /// The channel's kind.
    pub(crate) channel_kind: String,
    /// The id at the provider.
    pub(crate) external_id: String,
    /// The thread there, where its id is not the person's own.
    pub(crate) thread_id: Option<String>,
    /// What they are compared by, if the provider vouches for it.
    pub(crate) address: Option<String>,
    /// What to call them.
    pub(crate) name: String,
    /// Whether it is a group.
    pub(crate) is_group: bool,
    /// The name at the provider.
    pub(crate) username: Option<String>,
    /// The e-mail address, if the provider says.
    pub(crate) email: Option<String>,
    /// The telephone number, if the provider says.
    pub(crate) phone: Option<String>,
    /// The language, if the provider says.
    pub(crate) language: Option<String>,
}

impl Newcomer {
    fn key(&self) -> (Uuid, String) {
        (self.channel_id, self.external_id.clone())
    }

    fn tells_more_than(&self, contact: &contact::Model) -> bool {
        let mut completed = contact.clone();
        self.complete(&mut completed);
        completed != *contact
    }

    fn complete(&self, contact: &mut contact::Model) {
        let fill = |known: &mut Option<String>, told: &Option<String>| {
            *known = known.take().or_else(|| told.clone());
        };
        fill(&mut contact.email, &self.email);
        fill(&mut contact.phone, &self.phone);
        fill(&mut contact.language, &self.language);
        // who is called by the provider's id has no name yet
        if contact.name == self.external_id {
            contact.name.clone_from(&self.name);
        }
    }
}

/// Contacts by what their channels call them.
pub(crate) type Known = HashMap<(Uuid, String), contact::Model>;

/// Finds or creates the contacts of these people (IN-10), and gives back those that are new besides.
pub(crate) async fn find_or_create(tx: &Tx, people: &[Newcomer]) -> Result<(Known, Vec<contact::Model>)> {
    let (mut known, unvouched) = find(tx, people).await?;
    Box::pin(vouch(tx, people, &known, &unvouched)).await?;
    let mut asked = HashSet::new();
    let missing: Vec<Newcomer> = people
        .iter()
        .filter(|person| !known.contains_key(&person.key()) && asked.insert(person.key()))
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok((known, Vec::new()));
    }
    let created = create(tx, &missing).await?;
    known.extend(find(tx, &missing).await?.0);
    Ok((known, created))
}

/// Takes over what is told of people only now, and gives back whose data changed. What is known already stays: somebody of ours
/// may have corrected it.
pub(crate) async fn complete(tx: &Tx, people: &[Newcomer], known: &mut Known) -> Result<Vec<contact::Model>> {
    let mut changed = HashMap::new();
    for person in people {
        let Some(contact) = known.get(&person.key()).filter(|contact| person.tells_more_than(contact)) else {
            continue;
        };
        let mut contact = take(tx, contact.id).await?;
        if person.tells_more_than(&contact) {
            person.complete(&mut contact);
            contact.updated_at = tx.now();
            save(tx, &contact).await?;
            addresses::replace(tx, &contact).await?;
            changed.insert(contact.id, contact.clone());
        }
        known.values_mut().filter(|one| one.id == contact.id).for_each(|one| *one = contact.clone());
    }
    Ok(changed.into_values().collect())
}

/// Notes that a provider vouches for an address of which we only had somebody's word.
async fn vouch(
    tx: &Tx,
    people: &[Newcomer],
    known: &Known,
    unvouched: &HashSet<(Uuid, String)>,
) -> Result<()> {
    let mut done = HashSet::new();
    for person in people.iter().filter(|person| unvouched.contains(&person.key())) {
        let (Some(address), Some(contact)) = (&person.address, known.get(&person.key())) else { continue };
        if !done.insert(person.key()) {
            continue;
        }
        let update = contact_identity::Entity::update_many()
            .col_expr(contact_identity::Column::Address, Expr::value(address))
            .filter(contact_identity::Column::ChannelId.eq(person.channel_id))
            .filter(contact_identity::Column::ExternalId.eq(&person.external_id));
        tx.update(update).await?;
        addresses::replace(tx, contact).await?;
    }
    Ok(())
}

/// Contacts by what their channels call them, and which of that no provider vouches for.
async fn find(tx: &Tx, people: &[Newcomer]) -> Result<(Known, HashSet<(Uuid, String)>)> {
    let mut by_channel: HashMap<Uuid, HashSet<String>> = HashMap::new();
    for person in people {
        by_channel.entry(person.channel_id).or_default().insert(person.external_id.clone());
    }
    let any = by_channel.into_iter().fold(Condition::any(), |any, (channel, ids)| {
        let here = contact_identity::Column::ChannelId
            .eq(channel)
            .and(tx.is_any_of(contact_identity::Column::ExternalId, ids));
        any.add(here)
    });
    let identities = tx.all(contact_identity::Entity::find().filter(any)).await?;
    let ids: HashSet<Uuid> = identities.iter().map(|identity| identity.contact_id).collect();
    let contacts = by_ids(tx, ids.into_iter().collect()).await?;
    let unvouched = identities.iter().filter(|identity| identity.address.is_none());
    let unvouched = unvouched.map(|identity| (identity.channel_id, identity.external_id.clone())).collect();
    let pair = |identity: contact_identity::Model| {
        let contact = contacts.get(&identity.contact_id)?.clone();
        Some(((identity.channel_id, identity.external_id), contact))
    };
    Ok((identities.into_iter().filter_map(pair).collect(), unvouched))
}

/// The unique key on identities decides who was first; the contact of the one who was not goes again.
async fn create(tx: &Tx, people: &[Newcomer]) -> Result<Vec<contact::Model>> {
    let now = tx.now();
    let tenant_id = tx.tenant().uuid();
    let contacts: Vec<contact::Model> = people
        .iter()
        .map(|person| contact::Model {
            tenant_id,
            id: Uuid::now_v7(),
            name: person.name.clone(),
            is_group: person.is_group,
            email: person.email.clone(),
            phone: person.phone.clone(),
            language: person.language.clone(),
            merged_into: None,
            fields: Values::default(),
            tags: Words::default(),
            blocked_at: None,
            created_at: now,
            updated_at: now,
        })
        .collect();
    let identities = people.iter().zip(&contacts).map(|(person, contact)| contact_identity::ActiveModel {
        tenant_id: Set(tenant_id),
        channel_id: Set(person.channel_id),
        external_id: Set(person.external_id.clone()),
        contact_id: Set(contact.id),
        channel_kind: Set(person.channel_kind.clone()),
        thread_id: Set(person.thread_id.clone()),
        address: Set(person.address.clone()),
        username: Set(person.username.clone()),
        reachable: Set(true),
        created_at: Set(now),
    });
    let keys = [
        contact_identity::Column::TenantId,
        contact_identity::Column::ChannelId,
        contact_identity::Column::ExternalId,
    ];
    let inserted =
        tx.insert_new(identities.collect(), OnConflict::columns(keys).do_nothing().to_owned()).await?;
    let first: HashSet<Uuid> = inserted.into_iter().map(|identity| identity.contact_id).collect();
    let met = || people.iter().zip(&contacts).filter(|(_, contact)| first.contains(&contact.id));
    let created: Vec<contact::Model> = met().map(|(_, contact)| contact.clone()).collect();
    tx.insert_all(created.iter().cloned().map(whole).collect()).await?;
    let known_by = met().flat_map(|(person, contact)| addresses::of(contact, person.address.as_deref()));
    addresses::add(tx, known_by.collect()).await?;
    Ok(created)
}

/// Contacts by id.
pub(crate) async fn by_ids(tx: &Tx, ids: Vec<Uuid>) -> Result<HashMap<Uuid, contact::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.all(contact::Entity::find().filter(tx.is_any_of(contact::Column::Id, ids))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// One contact; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<contact::Model> {
    tx.get("contact", contact::Entity::find().filter(contact::Column::Id.eq(id))).await
}

/// One contact, its turn taken, so that nobody else changes it meanwhile.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<contact::Model> {
    let touch = contact::Entity::update_many()
        .col_expr(contact::Column::UpdatedAt, Expr::col(contact::Column::UpdatedAt))
        .filter(contact::Column::Id.eq(id));
    tx.update_returning(touch).await?.into_iter().next().ok_or_else(|| Error::not_found("contact"))
}

/// Holds contacts as they are until the transaction ends: a merge waits, and after one whoever looked before looks again.
pub(crate) async fn hold(tx: &Tx, ids: Vec<Uuid>) -> Result<()> {
    let find = contact::Entity::find()
        .filter(tx.is_any_of(contact::Column::Id, ids))
        .order_by_asc(contact::Column::Id)
        .lock(LockType::Share);
    match tx.all(find).await?.iter().any(|contact| contact.merged_into.is_some()) {
        true => {
            Err(Error::conflict("conflict", "the contact became part of another one at this very moment"))
        }
        false => Ok(()),
    }
}

/// Contacts as they are until the transaction ends, those that became part of others among them.
pub(crate) async fn read_held(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<contact::Model>> {
    let find = contact::Entity::find()
        .filter(tx.is_any_of(contact::Column::Id, ids))
        .order_by_asc(contact::Column::Id)
        .lock(LockType::Share);
    tx.all(find).await
}

/// What channels call these contacts.
pub(crate) async fn identities(tx: &Tx, contact_ids: Vec<Uuid>) -> Result<Vec<contact_identity::Model>> {
    if contact_ids.is_empty() {
        return Ok(Vec::new());
    }
    let find = contact_identity::Entity::find()
        .filter(tx.is_any_of(contact_identity::Column::ContactId, contact_ids))
        .order_by_asc(contact_identity::Column::CreatedAt);
    tx.all(find).await
}

/// Whether a conversation's contact can be written to at its address, or if that is not known at any of theirs on its channel.
pub(crate) async fn is_reachable(tx: &Tx, conversation: &conversation::Model) -> Result<bool> {
    let own = identity_of_thread(tx, conversation.channel_id, conversation.party_id()).await?;
    if let Some(own) = own {
        return Ok(own.reachable);
    }
    let mut there = identities(tx, vec![conversation.contact_id]).await?;
    there.retain(|identity| identity.channel_id == conversation.channel_id);
    Ok(there.is_empty() || there.iter().any(|identity| identity.reachable))
}

/// Notes whether a contact can be written to on a channel; gives back the contact if that changed.
pub(crate) async fn set_reachable(
    tx: &Tx,
    channel_id: Uuid,
    external_id: &str,
    reachable: bool,
) -> Result<Option<Uuid>> {
    let update = contact_identity::Entity::update_many()
        .col_expr(contact_identity::Column::Reachable, Expr::value(reachable))
        .filter(contact_identity::Column::ChannelId.eq(channel_id))
        .filter(contact_identity::Column::ExternalId.eq(external_id))
        .filter(contact_identity::Column::Reachable.eq(!reachable));
    Ok(tx.update_returning(update).await?.into_iter().next().map(|identity| identity.contact_id))
}

/// Gives a contact another id on a channel, unless somebody has it already; gives back the contact.
pub(crate) async fn rename(
    tx: &Tx,
    channel_id: Uuid,
    external_id: &str,
    new_id: &str,
) -> Result<Option<Uuid>> {
    if of(tx, channel_id, new_id).await?.is_some() {
        return Ok(None);
    }
    let update = contact_identity::Entity::update_many()
        .col_expr(contact_identity::Column::ExternalId, Expr::value(new_id))
        .filter(contact_identity::Column::ChannelId.eq(channel_id))
        .filter(contact_identity::Column::ExternalId.eq(external_id));
    Ok(tx.update_returning(update).await?.into_iter().next().map(|identity| identity.contact_id))
}

/// Notes what a contact is called on a channel where they have not written yet. Nobody vouches for it.
pub(crate) async fn add_identity(
    tx: &Tx,
    contact: &contact::Model,
    channel: &channel::Model,
    external_id: String,
) -> Result<contact_identity::Model> {
    let row = contact_identity::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        channel_id: Set(channel.id),
        external_id: Set(external_id),
        contact_id: Set(contact.id),
        channel_kind: Set(channel.kind.clone()),
        thread_id: Set(None),
        address: Set(None),
        username: Set(None),
        reachable: Set(true),
        created_at: Set(tx.now()),
    };
    tx.insert(row).await
}

/// Notes the thread in which somebody is written with now.
pub(crate) async fn note_thread(tx: &Tx, channel_id: Uuid, external_id: &str, thread_id: &str) -> Result<()> {
    let update = contact_identity::Entity::update_many()
        .col_expr(contact_identity::Column::ThreadId, Expr::value(thread_id))
        .filter(contact_identity::Column::ChannelId.eq(channel_id))
        .filter(contact_identity::Column::ExternalId.eq(external_id));
    tx.update(update).await.map(drop)
}

/// The identity whose thread this is.
pub(crate) async fn identity_of_thread(
    tx: &Tx,
    channel_id: Uuid,
    thread_id: &str,
) -> Result<Option<contact_identity::Model>> {
    let here = |column: contact_identity::Column| {
        contact_identity::Entity::find()
            .filter(contact_identity::Column::ChannelId.eq(channel_id))
            .filter(column.eq(thread_id))
            .limit(1)
    };
    match tx.one(here(contact_identity::Column::ExternalId)).await? {
        Some(identity) => Ok(Some(identity)),
        None => tx.one(here(contact_identity::Column::ThreadId)).await,
    }
}

/// The contact whose thread this is.
pub(crate) async fn of_thread(tx: &Tx, channel_id: Uuid, thread_id: &str) -> Result<Option<Uuid>> {
    Ok(identity_of_thread(tx, channel_id, thread_id).await?.map(|identity| identity.contact_id))
}

/// The contact whom a channel calls so.
pub(crate) async fn of(tx: &Tx, channel_id: Uuid, external_id: &str) -> Result<Option<contact::Model>> {
    let find = contact_identity::Entity::find()
        .filter(contact_identity::Column::ChannelId.eq(channel_id))
        .filter(contact_identity::Column::ExternalId.eq(external_id));
    let Some(identity) = tx.one(find).await? else { return Ok(None) };
    get(tx, identity.contact_id).await.map(Some)
}

/// Inserts contacts.
pub(crate) async fn insert_all(tx: &Tx, rows: Vec<contact::Model>) -> Result<()> {
    tx.insert_all(rows.into_iter().map(whole).collect()).await
}

/// Writes contacts back as they are in memory, their turns having been taken in this transaction.
pub(crate) async fn save_all(tx: &Tx, rows: Vec<contact::Model>) -> Result<()> {
    tx.save_all(rows.into_iter().map(whole).collect()).await
}

fn whole(contact: contact::Model) -> contact::ActiveModel {
    use sea_orm::IntoActiveModel;
    contact.into_active_model().reset_all()
}

/// Inserts a contact.
pub(crate) async fn insert(tx: &Tx, row: contact::Model) -> Result<()> {
    tx.insert_all(vec![whole(row)]).await
}

/// Writes a contact's row back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &contact::Model) -> Result<()> {
    tx.update(contact::Entity::update_many().set(whole(row.clone())).filter(contact::Column::Id.eq(row.id)))
        .await
        .map(|_| ())
}
