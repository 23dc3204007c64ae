use sha2::{Digest, Sha256};
use weft_crypto::SecretString;
use weft_domain::{Error, Idempotency, Result, Role, TenantId, id};
use weft_proto::{
    Intent,
    directory::v1::{CreateTenantRequest, Tenant},
};
use weft_store::{Once, Tx};

use crate::{
    directory::Directory,
    email, password_rules, slug,
    store::{people, people::NewPerson, tenants},
};

/// Creates a tenant, and its first admin when one is named.
pub(crate) async fn run(
    directory: &Directory,
    request: CreateTenantRequest,
    intent: &Intent,
) -> Result<Once<Tenant>> {
    slug::check("slug", &request.slug)?;
    let admin = first_admin(directory, &request).await?;
    let (new, first) = (&request, &admin);
    let scope = directory.scope(tenant_id(intent.idempotency.as_ref()));
    scope.write_once(intent, |tx| async move { insert(&tx, new, first.as_ref()).await }).await
}

/// Who is to be the first admin.
struct FirstAdmin {
    email: String,
    password_hash: String,
}

async fn first_admin(directory: &Directory, request: &CreateTenantRequest) -> Result<Option<FirstAdmin>> {
    let (address, password) = match (&request.admin_email, &request.admin_password) {
        (None, None) => return Ok(None),
        (Some(address), Some(password)) => (address, password),
        (Some(_), None) => return Err(missing("admin_password")),
        (None, Some(_)) => return Err(missing("admin_email")),
    };
    let email = email::read("admin_email", address)?.to_owned();
    password_rules::check("admin_password", password, &email)?;
    let password_hash = directory.passwords.hash(SecretString::from(password.clone())).await?;
    Ok(Some(FirstAdmin { email, password_hash }))
}

async fn insert(tx: &Tx, request: &CreateTenantRequest, admin: Option<&FirstAdmin>) -> Result<Tenant> {
    let tenant = tenants::insert(tx, &request.slug, request.name.trim()).await?;
    if let Some(first) = admin {
        let new = NewPerson {
            id: id::new(),
            email: &first.email,
            name: "",
            role: Role::Admin,
            password_hash: &first.password_hash,
        };
        people::insert(tx, &new).await?;
    }
    Ok(tenant.into())
}

/// What makes a repeated call recognisable is kept within the tenant, so a repeated call must come to the same one.
fn tenant_id(idempotency: Option<&Idempotency>) -> TenantId {
    let Some(key) = idempotency else { return id::new() };
    let digest = Sha256::new()
        .chain_update(key.principal.as_bytes())
        .chain_update([0])
        .chain_update(key.key.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.split_at(16).0);
    id::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn missing(field: &str) -> Error {
    Error::invalid("missing_field", "the first admin needs an e-mail address and a password")
        .with_field(field)
}
