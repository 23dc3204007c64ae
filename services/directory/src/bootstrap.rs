//! What the command line does without signing in. It works on a migrated store, whether the service runs or not.

use chrono::TimeDelta;
use weft_crypto::{ExposeSecret, SecretString, password::PasswordHasher, token};
use weft_domain::{Error, Result, Role, TenantId, id, id::UserId, permission::CATALOGUE};
use weft_proto::Intent;
use weft_store::{Store, Tx};

use crate::{
    app::exchange_api_token::KIND,
    email, password_rules, slug,
    store::{
        api_tokens,
        api_tokens::NewApiToken,
        people,
        people::{Model, NewPerson},
        tenants,
    },
};

const DEMO_SLUG: &str = "demo";
const COMMAND_LINE: &str = "command line";
const TOKEN_LIFE: TimeDelta = TimeDelta::days(90);

/// What `ensure_demo` found or made.
pub struct DemoCreated {
    /// The tenant `demo`.
    pub tenant: TenantId,
    /// Its admin.
    pub user: UserId,
    /// The admin's password, if it was made up just now; it is kept nowhere.
    pub password: Option<SecretString>,
}

/// Makes the tenant `demo` with an admin, whose password is made up when none is given. What is there already stays as it
/// is, the password too.
pub async fn ensure_demo(
    store: &Store,
    admin_email: &str,
    password: Option<SecretString>,
) -> Result<DemoCreated> {
    let tenant = match tenants::find_named(store, DEMO_SLUG).await? {
        Some(found) => id::from_uuid(found.id),
        None => create_or_find_demo(store).await?,
    };
    if let Some(admin) = find(store, tenant, admin_email).await? {
        return Ok(DemoCreated { tenant, user: admin.user_id(), password: None });
    }
    let generated = password.is_none().then(token::random_secret);
    let Some(chosen) = password.or_else(|| generated.clone()) else {
        return Err(Error::internal("a password is given or made up"));
    };
    match create_user(store, tenant, admin_email, "Admin", Role::Admin, chosen).await {
        Ok(user) => Ok(DemoCreated { tenant, user, password: generated }),
        Err(error) if error.reason() == "email_taken" => {
            let user = find(store, tenant, admin_email).await?.ok_or(error)?.user_id();
            Ok(DemoCreated { tenant, user, password: None })
        }
        Err(error) => Err(error),
    }
}

/// Of many that start at once, one makes it.
async fn create_or_find_demo(store: &Store) -> Result<TenantId> {
    match create_tenant(store, DEMO_SLUG, "Demo").await {
        Err(error) if error.reason() == "slug_taken" => {
            let found = tenants::find_named(store, DEMO_SLUG).await?.ok_or(error)?;
            Ok(id::from_uuid(found.id))
        }
        other => other,
    }
}

/// Makes a tenant.
pub async fn create_tenant(store: &Store, slug: &str, name: &str) -> Result<TenantId> {
    slug::check("slug", slug)?;
    let tenant = id::new();
    let scope = store.tenant(tenant);
    scope
        .write(|tx| async move {
            tenants::insert(&tx, slug, name).await?;
            tell(&tx, "tenant.create", tenant)
        })
        .await?;
    Ok(tenant)
}

/// The tenant of this slug or id.
pub async fn find_tenant(store: &Store, slug_or_id: &str) -> Result<TenantId> {
    let found = tenants::find_named(store, slug_or_id).await?;
    found.map(|row| id::from_uuid(row.id)).ok_or_else(|| Error::not_found("tenant"))
}

/// Makes a person of any role; `operator` can be given here alone.
pub async fn create_user(
    store: &Store,
    tenant: TenantId,
    email: &str,
    name: &str,
    role: Role,
    password: SecretString,
) -> Result<UserId> {
    let address = email::read("email", email)?;
    password_rules::check("password", password.expose_secret(), address)?;
    let password_hash = PasswordHasher::new(1).hash(password).await?;
    let new = NewPerson { id: id::new(), email: address, name, role, password_hash: &password_hash };
    let person = &new;
    let scope = store.tenant(tenant);
    scope
        .write(|tx| async move {
            tenants::own(&tx).await?;
            people::insert(&tx, person).await?;
            tell(&tx, "user.create", person.id)
        })
        .await?;
    Ok(new.id)
}

/// Gives somebody another password and ends their sessions.
pub async fn set_password(
    store: &Store,
    tenant: TenantId,
    email: &str,
    password: SecretString,
) -> Result<UserId> {
    password_rules::check("password", password.expose_secret(), email)?;
    let hash = PasswordHasher::new(1).hash(password).await?;
    let password_hash = &hash;
    let found = find(store, tenant, email).await?.ok_or_else(|| Error::not_found("user"))?;
    let person = found.id;
    let scope = store.tenant(tenant);
    scope
        .write(|tx| async move {
            let mut row = people::get_locked(&tx, person).await?;
            row.password_hash.clone_from(password_hash);
            let user = row.user_id();
            people::change(&tx, row, Some("password_changed")).await?;
            tell(&tx, "user.update", user)
        })
        .await?;
    Ok(found.user_id())
}

/// An API token for the local command line, of the first admin of the tenant `demo`, or else of the first tenant. It takes the
/// place of the one made before.
pub async fn operator_token(store: &Store) -> Result<SecretString> {
    let found = match tenants::find_named(store, DEMO_SLUG).await? {
        Some(demo) => Some(demo),
        None => tenants::first(store).await?,
    };
    let tenant = found.ok_or_else(|| Error::precondition("no_tenant", "create a tenant first"))?;
    let secret = token::generate(KIND);
    let hash = secret.hash();
    let scope = store.tenant(id::from_uuid(tenant.id));
    scope.write(|tx| async move { replace_token(&tx, hash).await }).await?;
    Ok(secret.expose_secret().into())
}

async fn replace_token(tx: &Tx, hash: [u8; 32]) -> Result<()> {
    let admins = people::admins_locked(tx).await?;
    let admin = admins
        .first()
        .ok_or_else(|| Error::precondition("no_admin", "the tenant has no admin; create one first"))?;
    for earlier in api_tokens::live_named(tx, COMMAND_LINE).await? {
        api_tokens::revoke(tx, earlier.id).await?;
    }
    let role = admin.role()?;
    let permissions: Vec<String> = CATALOGUE
        .iter()
        .filter(|permission| role.allows(permission.name))
        .map(|permission| permission.name.to_owned())
        .collect();
    let new = NewApiToken {
        id: id::new(),
        name: COMMAND_LINE,
        hash,
        permissions: &permissions,
        created_by: admin.id,
        expires_at: tx.now() + TOKEN_LIFE,
    };
    api_tokens::insert(tx, &new).await?;
    tell(tx, "token.create", new.id)
}

/// Tells the audit log what was done from the command line.
fn tell(tx: &Tx, action: &str, touched: impl ToString) -> Result<()> {
    tx.touch(touched);
    tx.audit(&Intent::without_request(COMMAND_LINE, action))
}

async fn find(store: &Store, tenant: TenantId, address: &str) -> Result<Option<Model>> {
    store.tenant(tenant).read(|tx| async move { people::find_by_email(&tx, address).await }).await
}
