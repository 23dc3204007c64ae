use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use weft_domain::{Error, Result, Role, id, id::UserId, parse_word};
use weft_proto::{
    convert::timestamp,
    directory::v1::User,
    events::v1::{SessionRevoked, UserCreated, UserUpdated},
};
use weft_store::{Purpose, Store, Tx};

use super::{
    entity::person::{ActiveModel, Column, Entity},
    sessions,
};
use crate::email;

pub(crate) use super::entity::person::Model;

/// Somebody to be made.
pub(crate) struct NewPerson<'a> {
    pub(crate) id: UserId,
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) password_hash: &'a str,
}

pub(crate) async fn insert(tx: &Tx, new: &NewPerson<'_>) -> Result<User> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(new.id.uuid()),
        email: Set(new.email.to_owned()),
        email_normalised: Set(email::normalise(new.email)),
        name: Set(new.name.to_owned()),
        role: Set(new.role.to_string()),
        password_hash: Set(new.password_hash.to_owned()),
        disabled: Set(false),
        created_at: Set(tx.now()),
        signed_in_at: Set(None),
        sessions_ended_at: Set(None),
    };
    let inserted = tx.insert(row).await.map_err(|error| match error.reason() {
        "already_exists" => Error::conflict("email_taken", "somebody of this tenant has this e-mail address")
            .with_field("email")
            .with_source(error),
        _ => error,
    })?;
    let user = User::from(inserted);
    tx.emit_event(&user.id, &UserCreated { user: Some(user.clone()) })?;
    Ok(user)
}

pub(crate) async fn get(tx: &Tx, person: Uuid) -> Result<Model> {
    tx.get("user", Entity::find().filter(Column::Id.eq(person))).await
}

/// Like [`get`], and nobody else changes the row until the transaction ends.
pub(crate) async fn get_locked(tx: &Tx, person: Uuid) -> Result<Model> {
    tx.get("user", Entity::find().filter(Column::Id.eq(person)).lock_exclusive()).await
}

pub(crate) async fn find_by_email(tx: &Tx, address: &str) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::EmailNormalised.eq(email::normalise(address)))).await
}

/// Which of these people are of this tenant.
pub(crate) async fn known(tx: &Tx, people: &BTreeSet<Uuid>) -> Result<HashSet<Uuid>> {
    let select = Entity::find().filter(tx.is_any_of(Column::Id, people.iter().copied()));
    Ok(tx.all(select).await?.into_iter().map(|row| row.id).collect())
}

pub(crate) async fn page(tx: &Tx, after: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    let select =
        Entity::find().filter(Column::Id.gt(after.unwrap_or_default())).order_by_asc(Column::Id).limit(limit);
    tx.all(select).await
}

/// Those who can run the tenant, locked, so that two who remove each other come one after the other.
pub(crate) async fn admins_locked(tx: &Tx) -> Result<Vec<Model>> {
    let select = Entity::find()
        .filter(Column::Role.is_in([Role::Admin.to_string(), Role::Operator.to_string()]))
        .filter(Column::Disabled.eq(false))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    tx.all(select).await
}

/// Everybody with this e-mail address, of all tenants or of one.
pub(crate) async fn with_email(store: &Store, address: &str, tenant: Option<Uuid>) -> Result<Vec<Model>> {
    let mut select =
        Entity::find().filter(Column::EmailNormalised.eq(address)).order_by_asc(Column::Id).limit(16);
    if let Some(tenant) = tenant {
        select = select.filter(Column::TenantId.eq(tenant));
    }
    store.system(Purpose::SignIn).await?.all(select).await
}

/// Notes a sign-in, unless the person was disabled or got another password since they were looked up. The lock on the row
/// makes ending all sessions come before this session or include it.
pub(crate) async fn sign_in(tx: &Tx, seen: &Model) -> Result<Option<Model>> {
    let update = Entity::update_many()
        .set(ActiveModel { signed_in_at: Set(Some(tx.now())), ..Default::default() })
        .filter(Column::Id.eq(seen.id))
        .filter(Column::Disabled.eq(false))
        .filter(Column::PasswordHash.eq(&seen.password_hash));
    Ok(tx.update_returning(update).await?.pop())
}

/// Stores a changed person. When `end_sessions` gives a reason, all their sessions and the access tokens of their API
/// tokens end.
pub(crate) async fn change(tx: &Tx, changed: Model, end_sessions: Option<&str>) -> Result<User> {
    let mut row = changed;
    if let Some(reason) = end_sessions {
        row.sessions_ended_at = Some(end_all_sessions(tx, &row, reason).await?);
    }
    let update = Entity::update_many()
        .set(ActiveModel {
            name: Set(row.name.clone()),
            role: Set(row.role.clone()),
            disabled: Set(row.disabled),
            password_hash: Set(row.password_hash.clone()),
            sessions_ended_at: Set(row.sessions_ended_at),
            ..Default::default()
        })
        .filter(Column::Id.eq(row.id));
    tx.update(update).await?;
    let user = User::from(row);
    tx.emit_event(&user.id, &UserUpdated { user: Some(user.clone()) })?;
    Ok(user)
}

/// The instant comes after the sessions are locked: a renewal that was faster has signed its token before it.
async fn end_all_sessions(tx: &Tx, person: &Model, reason: &str) -> Result<DateTime<Utc>> {
    sessions::end_all(tx, person.id, reason).await?;
    let at = tx.now();
    let user_id = person.user_id().to_string();
    let event = SessionRevoked {
        session_id: String::new(),
        user_id: user_id.clone(),
        at: Some(timestamp(at)),
        reason: reason.to_owned(),
    };
    tx.emit_event(&user_id, &event)?;
    Ok(at)
}

/// Whose sessions all ended after `since`.
pub(crate) async fn ended_since(store: &Store, since: DateTime<Utc>) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::SessionsEndedAt.gt(since));
    store.system(Purpose::ResolveToken).await?.all(select).await
}

impl Model {
    pub(crate) fn user_id(&self) -> UserId {
        id::from_uuid(self.id)
    }

    pub(crate) fn role(&self) -> Result<Role> {
        parse_word("role", &self.role).map_err(Error::internal)
    }
}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: row.user_id().to_string(),
            email: row.email,
            name: row.name,
            role: row.role,
            disabled: row.disabled,
            created_at: Some(timestamp(row.created_at)),
        }
    }
}
