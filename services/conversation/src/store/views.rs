//! Saved views, and what is in them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{AsJson, conversation::v1::Filter};
use weft_store::Tx;

use super::{
    entity::{
        dropped_view_set,
        saved_view::{Column, Entity, Model},
        view_count, view_member,
    },
    teams,
};

/// Views whose members are still being looked for. Words of an index, so that both databases see that it fits.
pub(crate) const UNBUILT: &str = "counted AND NOT built";

/// A filter as it was given, in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Saved(pub(crate) AsJson<Filter>);

impl From<Filter> for Saved {
    fn from(filter: Filter) -> Self {
        Self(AsJson(filter))
    }
}

/// Whose member a conversation is: of a set, and for whom.
pub(crate) type Membership = (Uuid, Uuid);

/// Who sees a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Whoever made it.
    Own,
    /// The people of a team.
    Team(Uuid),
    /// Everybody.
    Everyone,
}

impl Model {
    /// Who sees it.
    pub(crate) fn audience(&self) -> Audience {
        match (self.shared, self.team) {
            (false, _) => Audience::Own,
            (true, Some(team)) => Audience::Team(team),
            (true, None) => Audience::Everyone,
        }
    }

    /// Has these see it.
    pub(crate) fn become_seen_by(&mut self, audience: Audience) {
        self.shared = audience != Audience::Own;
        self.team = if let Audience::Team(team) = audience { Some(team) } else { None };
    }
}

/// Of views those that somebody sees.
fn seen(tx: &Tx, user: Uuid) -> Condition {
    let own = Condition::all().add(Column::Shared.eq(false)).add(Column::Owner.eq(user));
    let everybodys = Condition::all().add(Column::Shared.eq(true)).add(Column::Team.is_null());
    Condition::any().add(own).add(everybodys).add(teams::is_of(tx, Column::Team, user))
}

/// The views that somebody sees, in their order.
pub(crate) async fn seen_by(tx: &Tx, user: Uuid) -> Result<Vec<Model>> {
    let find = Entity::find().filter(seen(tx, user));
    tx.all(find.order_by_asc(Column::Position).order_by_asc(Column::Id)).await
}

/// One view, if somebody sees it.
pub(crate) async fn find(tx: &Tx, id: Uuid, user: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).filter(seen(tx, user))).await
}

/// The views of a team, their turns taken in one order.
pub(crate) async fn take_of_team(tx: &Tx, team: Uuid) -> Result<Vec<Model>> {
    let find = Entity::find().filter(Column::Team.eq(team)).order_by_asc(Column::Id);
    tx.all(find.lock(LockType::Update)).await
}

/// One view, its turn taken; none: it is gone.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// How many views there are for everybody, of a team, and of somebody's own.
pub(crate) async fn count(tx: &Tx, owner: Uuid, audience: Audience) -> Result<u64> {
    let find = Entity::find().filter(Column::Shared.eq(audience != Audience::Own));
    let find = match audience {
        Audience::Own => find.filter(Column::Owner.eq(owner)),
        Audience::Team(team) => find.filter(Column::Team.eq(team)),
        Audience::Everyone => find.filter(Column::Team.is_null()),
    };
    tx.count(find).await
}

/// Inserts one.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await
}

/// Writes one back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Takes one away.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(drop)
}

/// Whether there is a view whose members are kept.
pub(crate) async fn any_counted(tx: &Tx) -> Result<bool> {
    let find = Entity::find().filter(Column::Counted.eq(true)).limit(1);
    Ok(tx.one(find).await?.is_some())
}

/// The views whose members are kept, their turns taken in one order: until the transaction ends nobody else changes the members.
pub(crate) async fn take_counted(tx: &Tx) -> Result<Vec<Model>> {
    let find = Entity::find().filter(Column::Counted.eq(true)).order_by_asc(Column::Id);
    tx.all(find.lock(LockType::Update)).await
}

/// What conversations are members of.
pub(crate) async fn memberships(
    tx: &Tx,
    conversations: &HashSet<Uuid>,
) -> Result<HashMap<Uuid, HashSet<Membership>>> {
    use view_member::{Column as Member, Entity as Members};
    let find = Members::find().filter(tx.is_any_of(Member::ConversationId, conversations.iter().copied()));
    let mut all: HashMap<Uuid, HashSet<Membership>> = HashMap::new();
    for row in tx.all(find).await? {
        all.entry(row.conversation_id).or_default().insert((row.set_id, row.user_id));
    }
    Ok(all)
}

/// Adds members; those that are there stay.
pub(crate) async fn add_members(tx: &Tx, members: &[(Membership, Uuid)]) -> Result<()> {
    let rows = members.iter().map(|((set, user), conversation)| view_member::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        set_id: Set(*set),
        user_id: Set(*user),
        conversation_id: Set(*conversation),
    });
    tx.insert_new(rows.collect(), OnConflict::new().do_nothing().to_owned()).await.map(drop)
}

/// Removes members.
pub(crate) async fn remove_members(tx: &Tx, members: &[(Membership, Uuid)]) -> Result<()> {
    use view_member::{Column as Member, Entity as Members};
    let mut by_set: HashMap<Membership, Vec<Uuid>> = HashMap::new();
    for (membership, conversation) in members {
        by_set.entry(*membership).or_default().push(*conversation);
    }
    for ((set, user), conversations) in by_set {
        let gone = Members::delete_many()
            .filter(Member::SetId.eq(set))
            .filter(Member::UserId.eq(user))
            .filter(tx.is_any_of(Member::ConversationId, conversations));
        tx.delete(gone).await?;
    }
    Ok(())
}

/// Adds to counts, which nobody else does meanwhile, and gives back what they are then.
pub(crate) async fn count_up(
    tx: &Tx,
    changes: &HashMap<Membership, i64>,
) -> Result<HashMap<Membership, i64>> {
    let known = counts_of(tx, changes.keys().map(|(set, _)| *set).collect()).await?;
    let now: HashMap<Membership, i64> = changes
        .iter()
        .map(|(membership, change)| {
            (*membership, known.get(membership).copied().unwrap_or_default() + change)
        })
        .collect();
    let rows = now.iter().map(|((set, user), members)| view_count::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        set_id: Set(*set),
        user_id: Set(*user),
        members: Set(*members),
    });
    tx.save_all(rows.collect()).await?;
    Ok(now)
}

/// The counts of sets, for everybody they are kept for.
pub(crate) async fn counts_of(tx: &Tx, sets: HashSet<Uuid>) -> Result<HashMap<Membership, i64>> {
    use view_count::{Column as Count, Entity as Counts};
    if sets.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.all(Counts::find().filter(tx.is_any_of(Count::SetId, sets))).await?;
    Ok(rows.into_iter().map(|row| ((row.set_id, row.user_id), row.members)).collect())
}

/// The counts of sets as one user has them.
pub(crate) async fn counts_for(tx: &Tx, sets: HashSet<Uuid>, user: Uuid) -> Result<HashMap<Membership, i64>> {
    use view_count::{Column as Count, Entity as Counts};
    if sets.is_empty() {
        return Ok(HashMap::new());
    }
    let theirs = tx.is_any_of(Count::UserId, [Uuid::nil(), user]);
    let rows = tx.all(Counts::find().filter(tx.is_any_of(Count::SetId, sets)).filter(theirs)).await?;
    Ok(rows.into_iter().map(|row| ((row.set_id, row.user_id), row.members)).collect())
}

/// Leaves a set without its view, to be forgotten bit by bit.
pub(crate) async fn drop_set(tx: &Tx, set: Uuid) -> Result<()> {
    let row = dropped_view_set::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(set),
        created_at: Set(tx.now()),
    };
    tx.insert_all(vec![row]).await
}

/// Forgets a set that no view has any more, some of its members at a time.
pub(crate) async fn forget(tx: &Tx, set: Uuid, at_once: u64) -> Result<()> {
    use view_count::{Column as Count, Entity as Counts};
    use view_member::{Column as Member, Entity as Members};
    let some = tx.all(Members::find().filter(Member::SetId.eq(set)).limit(at_once)).await?;
    if some.is_empty() {
        tx.delete(Counts::delete_many().filter(Count::SetId.eq(set))).await?;
        let gone = dropped_view_set::Entity::delete_many().filter(dropped_view_set::Column::Id.eq(set));
        tx.delete(gone).await?;
        return Ok(());
    }
    let ids = tx.is_any_of(Member::ConversationId, some.iter().map(|row| row.conversation_id));
    tx.delete(Members::delete_many().filter(Member::SetId.eq(set)).filter(ids)).await.map(drop)
}

/// Of conversations those that are in a set for somebody.
pub(crate) fn is_member(tx: &Tx, (set, user): Membership) -> sea_orm::sea_query::SimpleExpr {
    use sea_orm::sea_query::{ExprTrait, Query};
    use view_member::{Column as Member, Entity as Members};
    let members = Query::select()
        .column(Member::ConversationId)
        .from(Members)
        .and_where(Expr::col((Members, Member::TenantId)).eq(tx.tenant().uuid()))
        .and_where(Expr::col((Members, Member::SetId)).eq(set))
        .and_where(Expr::col((Members, Member::UserId)).eq(user))
        .to_owned();
    super::entity::conversation::Column::Id.in_subquery(members)
}
