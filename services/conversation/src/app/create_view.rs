use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, ErrorCode, Result, Role, id, parse_word};
use weft_proto::conversation::v1::{CreateViewRequest, Filter, View};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::list_views::counted;
use crate::{
    Context, custom_fields, events,
    filter::{self, Rule},
    store::{
        entity::saved_view,
        teams,
        views::{self, Audience},
    },
    views::is_counted,
};

/// What saves, changes and deletes views that others see.
const SHARE: &str = "view.share";
/// So many views one person has, and one team, and so many there are for everybody.
const MOST: u64 = 100;

/// Who sees a view.
#[derive(Clone, Copy, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Visibility {
    Own,
    Team,
    Everyone,
}

/// Who is to see a view, as far as that is said.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    visibility: Option<Visibility>,
    team: Option<Uuid>,
}

impl Wanted {
    /// As it is asked for.
    pub(super) fn read(visibility: Option<&str>, team: Option<&str>) -> Result<Self> {
        let visibility = visibility.map(|word| parse_word("visibility", word)).transpose()?;
        let team = team.filter(|team| !team.is_empty()).map(|team| id::parse::<id::Team>("team_id", team));
        Ok(Self { visibility, team: team.transpose()?.map(|team| team.uuid()) })
    }

    /// Who sees it then, after these did.
    pub(super) fn after(self, before: Audience) -> Result<Audience> {
        let is_team = match self.visibility {
            None => matches!(before, Audience::Team(_)),
            Some(visibility) => matches!(visibility, Visibility::Team),
        };
        match (is_team, self.team, self.visibility, before) {
            (true, Some(team), ..) | (true, None, _, Audience::Team(team)) => Ok(Audience::Team(team)),
            (true, None, ..) => Err(Error::invalid_field("team_id", "say whose view it is: give `team_id`")),
            (false, Some(_), ..) => {
                let words = "`team_id` goes with the visibility `team` alone";
                Err(Error::invalid_field("team_id", words))
            }
            (false, None, Some(Visibility::Own), _) => Ok(Audience::Own),
            (false, None, Some(_), _) => Ok(Audience::Everyone),
            (false, None, None, before) => Ok(before),
        }
    }
}

/// Saves a view.
pub(crate) async fn run(context: &Context, call: Accepted<CreateViewRequest>) -> Result<Once<View>> {
    let request = &call.message;
    let name = &named(&request.name)?;
    let wanted = Wanted::read(request.visibility.as_deref(), request.team_id.as_deref())?;
    let audience = wanted.after(Audience::Own)?;
    let principal = &call.principal;
    let given = request.filter.clone().unwrap_or_default();
    let rule = &filter::read(&given, "filter")?;
    let (given, user) = (&given, call.principal.user().uuid());
    let position = request.position.unwrap_or_default();
    let create = |tx: Tx| async move {
        require(&tx, principal, audience).await?;
        custom_fields::known(&tx, &rule.custom_keys()).await?;
        limited(&tx, user, audience).await?;
        let row = row(&tx, (user, audience), name, (given, rule), position);
        views::insert(&tx, &row).await?;
        told(&tx, &row, user).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

fn row(
    tx: &Tx,
    (owner, audience): (Uuid, Audience),
    name: &str,
    (given, rule): (&Filter, &Rule),
    position: i32,
) -> saved_view::Model {
    let mut row = saved_view::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        owner,
        shared: false,
        team: None,
        name: name.to_owned(),
        filter: given.clone().into(),
        position,
        counted: is_counted(rule, audience != Audience::Own),
        set_id: Uuid::now_v7(),
        built_to: Uuid::nil(),
        built: false,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    row.become_seen_by(audience);
    row
}

/// A name that is not empty.
pub(super) fn named(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() {
        Err(Error::invalid_field("name", "`name` must not be empty"))
    } else {
        Ok(name.to_owned())
    }
}

/// What others see needs a permission, and a team's is a matter of the team and of managers.
pub(super) async fn require(tx: &Tx, principal: &Principal, audience: Audience) -> Result<()> {
    if audience == Audience::Own {
        return Ok(());
    }
    principal.require(SHARE)?;
    let Audience::Team(team) = audience else { return Ok(()) };
    let unknown = || Error::invalid_field("team_id", "`team_id` must be the id of a team of this tenant");
    teams::hold(tx, team).await?.ok_or_else(unknown)?;
    if minds(tx, principal, team).await? {
        return Ok(());
    }
    let words = "only people of the team, and managers, save and change its views";
    Err(Error::new(ErrorCode::Forbidden, "not_a_member", words).with_field("team_id"))
}

/// Whether a team's matters are somebody's.
pub(super) async fn minds(tx: &Tx, principal: &Principal, team: Uuid) -> Result<bool> {
    Ok(principal.role >= Role::Manager || teams::has(tx, team, principal.user().uuid()).await?)
}

/// There is room for another one.
pub(super) async fn limited(tx: &Tx, owner: Uuid, audience: Audience) -> Result<()> {
    if views::count(tx, owner, audience).await? < MOST {
        return Ok(());
    }
    let words = format!("there are {MOST} views already, and more are not kept; delete some of them first");
    Err(Error::precondition("too_many_views", words))
}

/// The view as its owner sees it now, everybody who may see it being told.
pub(super) async fn told(tx: &Tx, row: &saved_view::Model, user: Uuid) -> Result<View> {
    let shown = counted(tx, std::slice::from_ref(row), user).await?.into_iter().next().unwrap_or_default();
    // a count is one person's
    events::view_updated(tx, row, &View { count: None, ..shown.clone() }, false).await?;
    Ok(shown)
}
