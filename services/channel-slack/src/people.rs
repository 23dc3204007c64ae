use weft_channel::{Person, SendError, Transport};

use crate::{Account, api, wire::Profiled};

/// Asks who somebody is.
pub(crate) async fn person(
    account: &Account,
    id: &str,
    transport: &dyn Transport,
) -> Result<Option<Person>, SendError> {
    let call = api::form(account, "users.info", &[("user", id.to_owned())])?;
    let Profiled { user } = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
    let given = [user.profile.display_name, user.profile.real_name, user.real_name];
    let name = given.into_iter().find(|name| !name.is_empty()).or_else(|| user.name.clone());
    Ok(name.map(|name| Person {
        id: id.to_owned(),
        name,
        username: user.name,
        email: user.profile.email,
        is_bot: user.is_bot,
        ..Person::default()
    }))
}
