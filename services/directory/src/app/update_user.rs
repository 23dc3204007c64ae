use weft_auth::Principal;
use weft_crypto::SecretString;
use weft_domain::{Error, Result, Role, id::UserId};
use weft_proto::{
    Intent,
    directory::v1::{UpdateUserRequest, User},
};
use weft_store::{Once, Tx};

use super::lookup;
use crate::{
    directory::Directory,
    password_rules,
    rights::{read_role, require_power_over},
    store::{people, people::Model},
};

/// What is to change about somebody.
struct Change<'a> {
    caller: &'a Principal,
    person: UserId,
    name: Option<&'a str>,
    role: Option<Role>,
    disabled: Option<bool>,
    password: Option<NewPassword<'a>>,
}

struct NewPassword<'a> {
    plain: &'a str,
    hash: String,
}

/// Changes a person. A new password, another role or disabling ends all their sessions.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: UpdateUserRequest,
    intent: &Intent,
) -> Result<Once<User>> {
    let change = Change {
        caller,
        person: lookup::user(&request.id)?,
        name: request.name.as_deref().map(str::trim),
        role: request.role.as_deref().map(read_role).transpose()?,
        disabled: request.disabled,
        password: hash(directory, request.password.as_deref()).await?,
    };
    let wanted = &change;
    let scope = directory.scope(caller.tenant);
    scope.write_once(intent, |tx| async move { wanted.apply(&tx).await }).await
}

async fn hash<'a>(directory: &Directory, password: Option<&'a str>) -> Result<Option<NewPassword<'a>>> {
    let Some(plain) = password else { return Ok(None) };
    password_rules::check("password", plain, "")?;
    let hash = directory.passwords.hash(SecretString::from(plain)).await?;
    Ok(Some(NewPassword { plain, hash }))
}

impl Change<'_> {
    async fn apply(&self, tx: &Tx) -> Result<User> {
        // Admins first and in one order: two who remove each other at the same time do not wait for each other in a ring.
        let admins = if self.may_remove_an_admin() { people::admins_locked(tx).await? } else { Vec::new() };
        let before = people::get_locked(tx, self.person.uuid()).await?;
        require_power_over(self.caller, before.role()?)?;
        let mut after = before.clone();
        self.set_role(&mut after)?;
        if let Some(name) = self.name {
            after.name = name.to_owned();
        }
        if let Some(disabled) = self.disabled {
            after.disabled = disabled;
        }
        if let Some(password) = &self.password {
            password_rules::check("password", password.plain, &before.email)?;
            after.password_hash.clone_from(&password.hash);
        }
        if after == before {
            return Ok(before.into());
        }
        refuse_losing_the_last_admin(&admins, &before, &after)?;
        let reason = end_reason(&before, &after);
        people::change(tx, after, reason).await
    }

    fn may_remove_an_admin(&self) -> bool {
        self.disabled == Some(true) || self.role.is_some_and(|role| role < Role::Admin)
    }

    fn set_role(&self, person: &mut Model) -> Result<()> {
        let Some(role) = self.role.filter(|role| role.to_string() != person.role) else { return Ok(()) };
        if self.person == self.caller.user() {
            let words = "nobody changes their own role; ask another admin";
            return Err(Error::precondition("own_role", words).with_field("role"));
        }
        require_power_over(self.caller, role)?;
        person.role = role.to_string();
        Ok(())
    }
}

fn refuse_losing_the_last_admin(admins: &[Model], before: &Model, after: &Model) -> Result<()> {
    let was_admin = !before.disabled && before.role()? >= Role::Admin;
    let stays_admin = !after.disabled && after.role()? >= Role::Admin;
    let has_others = admins.iter().any(|admin| admin.id != before.id);
    if !was_admin || stays_admin || has_others {
        return Ok(());
    }
    Err(Error::precondition(
        "last_admin",
        "a tenant keeps at least one admin; make somebody else admin first",
    ))
}

fn end_reason(before: &Model, after: &Model) -> Option<&'static str> {
    if after.disabled && !before.disabled {
        return Some("user_disabled");
    }
    if after.password_hash != before.password_hash {
        return Some("password_changed");
    }
    (after.role != before.role).then_some("role_changed")
}
