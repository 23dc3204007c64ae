//! Lists of conversations, narrowed to what somebody asks for.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;
use weft_domain::{
    Result,
    conversation::{Mark, Priority, Status},
};
use weft_store::Tx;

use super::UNREAD;
use crate::{
    filter::Rule,
    store::{
        entity::conversation::{Column, Entity, Model},
        narrow, teams,
        views::{self, Membership},
    },
};

/// Whose conversations, by team.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OfTeam {
    /// Of no team.
    Nobody,
    /// Of one of those that whoever looks is in.
    Mine,
    /// Of this one.
    Team(Uuid),
}

/// What a list of conversations is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Only this status.
    pub(crate) status: Option<Status>,
    /// `Some(None)`: only those assigned to nobody.
    pub(crate) assignee: Option<Option<Uuid>>,
    /// Only those with a team, or with none.
    pub(crate) team: Option<OfTeam>,
    /// Only this channel.
    pub(crate) channel: Option<Uuid>,
    /// Only this contact.
    pub(crate) contact: Option<Uuid>,
    /// Only those with, or without, unread messages.
    pub(crate) unread: Option<bool>,
    /// Only of this priority.
    pub(crate) priority: Option<Priority>,
    /// Only those with this tag.
    pub(crate) tag: Option<String>,
    /// Only those that are, or are not, archived.
    pub(crate) archived: Option<bool>,
    /// Only those with this mark of whoever looks.
    pub(crate) mark: Option<Mark>,
    /// Only those that these hold for.
    pub(crate) rules: Vec<Rule>,
    /// Only those that are in this set; whatever else is asked for is looked at, too.
    pub(crate) member: Option<Membership>,
    /// Who looks.
    pub(crate) me: Uuid,
}

/// A page of conversations, the latest activity first.
pub(crate) async fn page(
    tx: &Tx,
    filter: &Filter,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut matching = matching(tx, filter);
    if let Some((at, id)) = after {
        // As a pair, so that the index is entered where the page begins.
        let key = Expr::tuple([Expr::col(Column::ActiveAt), Expr::col(Column::Id)]);
        matching = matching.add(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    let find = Entity::find()
        .filter(matching)
        .order_by_desc(Column::ActiveAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    tx.all(find).await
}

/// Those of these conversations that a filter holds for.
pub(crate) async fn fitting(tx: &Tx, filter: &Filter, ids: &HashSet<Uuid>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let these = tx.is_any_of(Column::Id, ids.iter().copied());
    tx.all(Entity::find().filter(matching(tx, filter)).filter(these)).await
}

/// The conversations that a filter holds for; none, when they are more than so many.
pub(crate) async fn few(tx: &Tx, filter: &Filter, most: u64) -> Result<Option<Vec<Uuid>>> {
    let find = Entity::find()
        .filter(matching(tx, filter))
        .order_by_desc(Column::ActiveAt)
        .order_by_desc(Column::Id)
        .limit(most + 1);
    let rows = tx.all(find).await?;
    let are_few = u64::try_from(rows.len()).is_ok_and(|count| count <= most);
    Ok(are_few.then(|| rows.into_iter().map(|row| row.id).collect()))
}

fn matching(tx: &Tx, filter: &Filter) -> Condition {
    let mut matching = Condition::all()
        .add_option(filter.status.map(|status| Column::Status.eq(status.to_string())))
        .add_option(filter.channel.map(|channel| Column::ChannelId.eq(channel)))
        .add_option(filter.contact.map(|contact| Column::ContactId.eq(contact)))
        .add_option(
            filter.unread.map(|unread| if unread { Expr::cust(UNREAD) } else { Column::UnreadCount.eq(0) }),
        )
        .add_option(filter.assignee.map(|assignee| match assignee {
            Some(user) => Column::Assignee.eq(user),
            None => Column::Assignee.is_null(),
        }))
        .add_option(filter.team.map(|team| match team {
            OfTeam::Nobody => Column::Team.is_null(),
            OfTeam::Mine => teams::is_of(tx, Column::Team, filter.me),
            OfTeam::Team(team) => Column::Team.eq(team),
        }))
        .add_option(filter.priority.map(|priority| Column::Priority.eq(priority.to_string())))
        .add_option(filter.tag.clone().map(|tag| narrow::tagged(tx, Some(&[tag]))))
        .add_option(filter.archived.map(|archived| match archived {
            true => Column::ArchivedAt.is_not_null(),
            false => Column::ArchivedAt.is_null(),
        }))
        .add_option(filter.mark.map(|mark| narrow::marked(tx, filter.me, vec![mark.to_string()])))
        .add_option(filter.member.map(|member| views::is_member(tx, member)));
    for rule in &filter.rules {
        matching = matching.add(narrow::to(tx, rule, filter.me));
    }
    matching
}
