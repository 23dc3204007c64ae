use weft_auth::Principal;
use weft_crypto::SecretString;
use weft_domain::{Result, Role, id};
use weft_proto::{
    Intent,
    directory::v1::{CreateUserRequest, User},
};
use weft_store::Once;

use crate::{
    directory::Directory,
    email, password_rules,
    rights::{read_role, require_power_over},
    store::{people, people::NewPerson},
};

/// Creates a person with a password, of a role that the caller is not below.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: CreateUserRequest,
    intent: &Intent,
) -> Result<Once<User>> {
    let role = request.role.as_deref().map_or(Ok(Role::Agent), read_role)?;
    require_power_over(caller, role)?;
    let address = email::read("email", &request.email)?;
    password_rules::check("password", &request.password, address)?;
    let password_hash = directory.passwords.hash(SecretString::from(request.password.clone())).await?;
    let new = NewPerson {
        id: id::new(),
        email: address,
        name: request.name.trim(),
        role,
        password_hash: &password_hash,
    };
    let person = &new;
    let scope = directory.scope(caller.tenant);
    scope.write_once(intent, |tx| async move { people::insert(&tx, person).await }).await
}
