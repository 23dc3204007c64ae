use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, id, parse_word};
use weft_proto::conversation::v1::{ListConversationsRequest, ListConversationsResponse};
use weft_rpc::Accepted;
use weft_store::{Tx, page};

use crate::{
    Context, custom_fields,
    filter::{self, Rule},
    show,
    store::{
        conversations::{self, Filter, OfTeam},
        entity::saved_view,
        marks,
        views::{self, Membership},
    },
    tags,
};

/// So many members of a view are sorted for a page.
const FEW: i64 = 10_000;

/// Lists conversations, the latest activity first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListConversationsRequest>,
) -> Result<ListConversationsResponse> {
    let asked = &filter(&call.message, &call.principal)?;
    let view = call.message.view.as_deref().map(view_id).transpose()?;
    let user = call.principal.user().uuid();
    let size = page::size(call.message.page_size)?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let filter = narrowed(&tx, asked.clone(), view).await?;
        let rows = conversations::page(&tx, &filter, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.active_at, row.id))?;
        let surroundings = show::Surroundings::load(&tx, &rows).await?;
        let mut marks = marks::of_user(&tx, user, rows.iter().map(|row| row.id).collect()).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut shown = surroundings.conversation(row)?;
            shown.marks = show::marks_of(&marks.remove(&row.id).unwrap_or_default())?;
            items.push(shown);
        }
        Ok(ListConversationsResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}

fn filter(request: &ListConversationsRequest, principal: &Principal) -> Result<Filter> {
    Ok(Filter {
        status: request.status.as_deref().map(|word| parse_word("status", word)).transpose()?,
        assignee: assignee(request.assignee.as_deref(), principal)?,
        team: team(request.team.as_deref())?,
        channel: request
            .channel
            .as_deref()
            .map(|text| id::parse::<id::Channel>("channel", text))
            .transpose()?
            .map(|id| id.uuid()),
        contact: request
            .contact
            .as_deref()
            .map(|text| id::parse::<id::Contact>("contact", text))
            .transpose()?
            .map(|id| id.uuid()),
        unread: request.unread,
        priority: request.priority.as_deref().map(|word| parse_word("priority", word)).transpose()?,
        tag: request.tag.as_deref().map(|tag| tags::read(tag, "tag")).transpose()?,
        archived: request.archived,
        mark: request.mark.as_deref().map(|word| parse_word("mark", word)).transpose()?,
        rules: request.filter.iter().map(|given| filter::read(given, "filter")).collect::<Result<_>>()?,
        member: None,
        me: principal.user().uuid(),
    })
}

/// Whose conversations; `Some(None)`: nobody's.
pub(super) fn assignee(text: Option<&str>, principal: &Principal) -> Result<Option<Option<Uuid>>> {
    Ok(match text {
        None => None,
        Some("none") => Some(None),
        Some("me") => Some(Some(principal.user().uuid())),
        Some(user) => {
            Some(Some(id::parse::<id::User>("assignee", user).map_err(|_| wrong_assignee())?.uuid()))
        }
    })
}

/// Whose conversations, by team.
fn team(text: Option<&str>) -> Result<Option<OfTeam>> {
    Ok(match text {
        None => None,
        Some("none") => Some(OfTeam::Nobody),
        Some("mine") => Some(OfTeam::Mine),
        Some(team) => {
            Some(OfTeam::Team(id::parse::<id::Team>("team", team).map_err(|_| wrong_team())?.uuid()))
        }
    })
}

/// A view's id.
pub(super) fn view_id(text: &str) -> Result<Uuid> {
    Ok(id::parse::<id::View>("view", text)?.uuid())
}

/// What a view adds to what is asked for, and that archived ones are left out unless somebody says otherwise.
pub(super) async fn narrowed(tx: &Tx, mut asked: Filter, view: Option<Uuid>) -> Result<Filter> {
    for rule in &asked.rules {
        custom_fields::known(tx, &rule.custom_keys()).await?;
    }
    if let Some(view) = view {
        let unknown = || Error::invalid("unknown_view", "`view` must be the id of a view that you see");
        let view = views::find(tx, view, asked.me).await?.ok_or_else(|| unknown().with_field("view"))?;
        let rule = filter::of_view(&view.filter.0.0)?;
        asked.member = few_members(tx, &view, &rule, asked.me).await?;
        asked.rules.push(rule);
    }
    if asked.archived.is_none() && !asked.rules.iter().any(Rule::names_archived) {
        asked.archived = Some(false);
    }
    Ok(asked)
}

/// What is in a view is entered by its members when they are few; otherwise the newest are soon found among all.
async fn few_members(
    tx: &Tx,
    view: &saved_view::Model,
    rule: &Rule,
    user: Uuid,
) -> Result<Option<Membership>> {
    if !view.built {
        return Ok(None);
    }
    let membership = crate::views::membership(view, rule, user);
    let counts = views::counts_for(tx, HashSet::from([view.set_id]), user).await?;
    let count = counts.get(&membership).copied().unwrap_or_default();
    Ok((count <= FEW).then_some(membership))
}

fn wrong_team() -> Error {
    Error::invalid_field("team", "`team` must be a team's id, `mine` or `none`")
}

fn wrong_assignee() -> Error {
    Error::invalid_field("assignee", "`assignee` must be a user's id, `me` or `none`")
}
