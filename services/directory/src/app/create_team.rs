use std::collections::BTreeSet;

use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, id};
use weft_proto::{
    Intent,
    directory::v1::{CreateTeamRequest, Team},
};
use weft_store::{Once, Tx};

use crate::{
    directory::Directory,
    store::{
        people,
        teams::{self, Model},
    },
};

/// So many teams a tenant has.
const MOST: u64 = 200;
/// So many people are in one.
pub(super) const MOST_MEMBERS: usize = 500;

/// Makes a team.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &CreateTeamRequest,
    intent: &Intent,
) -> Result<Once<Team>> {
    let name = &named(&request.name)?;
    let members = &members(&request.members)?;
    let create = |tx: Tx| async move {
        if teams::count(&tx).await? >= MOST {
            let words = format!("a tenant has at most {MOST} teams; delete one of them first");
            return Err(Error::precondition("too_many_teams", words));
        }
        known(&tx, members, &request.members).await?;
        let row = Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            name: name.clone(),
            name_folded: teams::folded(name),
            description: request.description.trim().to_owned(),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        teams::insert(&tx, &row).await?;
        teams::add(&tx, row.id, members).await?;
        teams::tell(&tx, &row, false).await
    };
    directory.scope(caller.tenant).write_once(intent, create).await
}

/// A name that is not empty.
pub(super) fn named(text: &str) -> Result<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { Err(Error::invalid_field("name", "`name` must not be empty")) } else { Ok(name) }
}

fn members(given: &[String]) -> Result<BTreeSet<Uuid>> {
    let one = |(index, text): (usize, &String)| {
        let field = format!("members[{index}]");
        Ok(id::parse::<id::User>(&field, text)?.uuid())
    };
    let all: BTreeSet<Uuid> = given.iter().enumerate().map(one).collect::<Result<_>>()?;
    if all.len() > MOST_MEMBERS { Err(too_many_members().with_field("members")) } else { Ok(all) }
}

pub(super) fn too_many_members() -> Error {
    let words = format!("a team has at most {MOST_MEMBERS} members");
    Error::precondition("too_many_members", words)
}

/// All of them are people of this tenant.
async fn known(tx: &Tx, members: &BTreeSet<Uuid>, given: &[String]) -> Result<()> {
    let known = people::known(tx, members).await?;
    let is_known =
        |text: &String| id::parse::<id::User>("members", text).is_ok_and(|user| known.contains(&user.uuid()));
    match given.iter().position(|text| !is_known(text)) {
        None => Ok(()),
        Some(index) => {
            let words = format!("there is no user `{}`", given.get(index).map_or("", String::as_str));
            Err(Error::invalid("unknown_user", words).with_field(&format!("members[{index}]")))
        }
    }
}
