//! What is in saved views, and how many: kept by looking at each conversation that changed, so that nobody ever counts.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_domain::Result;
use weft_proto::events::v1::ViewCounted;
use weft_store::Tx;

use crate::{
    filter::{self, Facts, Rule},
    show,
    store::{
        conversations,
        entity::{conversation, conversation_mark, saved_view},
        marks,
        views::{self, Membership},
    },
};

/// So many conversations are looked at in one transaction while the members of a view are looked for.
const AT_ONCE: u64 = 1_000;

/// A view with its filter read.
struct Known {
    row: saved_view::Model,
    rule: Rule,
}

/// Conversations with everybody's marks on them.
struct Looked {
    rows: Vec<conversation::Model>,
    marks: HashMap<Uuid, Vec<conversation_mark::Model>>,
}

/// What changes of the members of views.
#[derive(Default)]
struct Changes {
    added: Vec<(Membership, Uuid)>,
    removed: Vec<(Membership, Uuid)>,
}

/// Whether what is in a view can be kept at all: not where time alone changes it, nor where it holds for people who have
/// nothing to do with a conversation.
pub(crate) fn is_counted(rule: &Rule, shared: bool) -> bool {
    !rule.moves() && (!rule.is_personal() || !shared || rule.needs_ties())
}

/// Whose count of a view somebody sees: their own, or everybody's.
pub(crate) fn membership(row: &saved_view::Model, rule: &Rule, user: Uuid) -> Membership {
    (row.set_id, if rule.is_personal() { user } else { Uuid::nil() })
}

/// Lets views follow conversations that may have changed.
pub(crate) async fn follow(tx: &Tx, ids: &HashSet<Uuid>) -> Result<()> {
    let known = read(views::take_counted(tx).await?);
    if known.is_empty() {
        return Ok(());
    }
    let looked = Looked { rows: conversations::by_ids(tx, ids).await?, marks: marks::of_all(tx, ids).await? };
    let members = views::memberships(tx, ids).await?;
    let mut changes = Changes::default();
    for row in &looked.rows {
        let before = members.get(&row.id);
        let mut after = HashSet::new();
        for view in known.iter().filter(|view| view.covers(row.id)) {
            after.extend(view.memberships(tx, row, &looked.marks));
        }
        // of a view that is gone, or looks for its members anew, nothing is known here
        let is_known = |membership: &&Membership| known.iter().any(|view| view.row.set_id == membership.0);
        let before: HashSet<Membership> = before.into_iter().flatten().filter(is_known).copied().collect();
        changes.added.extend(after.difference(&before).map(|one| (*one, row.id)));
        changes.removed.extend(before.difference(&after).map(|one| (*one, row.id)));
    }
    changes.apply(tx, &known).await
}

/// Looks for members of a view among the next conversations. It answers whether it is to be called again.
pub(crate) async fn look_on(tx: &Tx, id: Uuid) -> Result<bool> {
    let Some(row) = views::take(tx, id).await?.filter(|row| row.counted && !row.built) else {
        return Ok(false);
    };
    let rows = conversations::after(tx, row.built_to, AT_ONCE).await?;
    let ids: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut known = read(vec![row]);
    let Some(view) = known.first_mut() else { return Ok(false) };
    let looked = Looked { marks: marks::of_all(tx, &ids).await?, rows };
    let mut changes = Changes::default();
    for row in &looked.rows {
        changes.added.extend(view.memberships(tx, row, &looked.marks).into_iter().map(|one| (one, row.id)));
    }
    if let Some(last) = looked.rows.last() {
        view.row.built_to = last.id;
    }
    view.row.built = u64::try_from(looked.rows.len()).unwrap_or(AT_ONCE) < AT_ONCE;
    views::save(tx, &view.row).await?;
    let is_built = view.row.built;
    changes.apply(tx, &known).await?;
    if is_built {
        tell_all(tx, &known).await?;
    }
    Ok(!is_built)
}

/// A view whose filter cannot be read any more stays as it is, and is listed by nobody's count.
fn read(rows: Vec<saved_view::Model>) -> Vec<Known> {
    let known = rows.into_iter().filter_map(|row| {
        let rule = filter::of_view(&row.filter.0.0).ok()?;
        Some(Known { row, rule })
    });
    known.collect()
}

impl Known {
    /// Whether its members are kept for this conversation by now.
    fn covers(&self, conversation: Uuid) -> bool {
        self.row.built || conversation <= self.row.built_to
    }

    fn memberships(
        &self,
        tx: &Tx,
        row: &conversation::Model,
        marks: &HashMap<Uuid, Vec<conversation_mark::Model>>,
    ) -> Vec<Membership> {
        let marks = marks.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let facts = Facts { row, marks, now: tx.now() };
        let users: HashSet<Uuid> = match (self.rule.is_personal(), self.row.shared) {
            (false, _) => HashSet::from([Uuid::nil()]),
            (true, false) => HashSet::from([self.row.owner]),
            (true, true) => row.assignee.into_iter().chain(marks.iter().map(|mark| mark.user_id)).collect(),
        };
        let holds = users.into_iter().filter(|user| self.rule.holds(&facts, *user));
        holds.map(|user| (self.row.set_id, user)).collect()
    }

    /// Whose sockets are told of its count; none: everybody's.
    fn whose(&self, user: Uuid) -> Option<Uuid> {
        let one = if user.is_nil() { self.row.owner } else { user };
        (!user.is_nil() || !self.row.shared).then_some(one)
    }

    fn tell(&self, tx: &Tx, user: Uuid, count: i64) -> Result<()> {
        let view_id = show::view_id(self.row.id);
        let user_id = self.whose(user).map(show::user_id).unwrap_or_default();
        let counted = ViewCounted { view_id: view_id.clone(), user_id, count: u64::try_from(count).ok() };
        tx.emit_event(&view_id, &counted)
    }
}

impl Changes {
    async fn apply(self, tx: &Tx, known: &[Known]) -> Result<()> {
        let mut by: HashMap<Membership, i64> = HashMap::new();
        for (membership, _) in &self.added {
            *by.entry(*membership).or_default() += 1;
        }
        for (membership, _) in &self.removed {
            *by.entry(*membership).or_default() -= 1;
        }
        if by.is_empty() {
            return Ok(());
        }
        views::add_members(tx, &self.added).await?;
        views::remove_members(tx, &self.removed).await?;
        by.retain(|_, change| *change != 0);
        for ((set, user), count) in views::count_up(tx, &by).await? {
            if let Some(view) = known.iter().find(|view| view.row.set_id == set && view.row.built) {
                view.tell(tx, user, count)?;
            }
        }
        Ok(())
    }
}

/// Everybody whose count of these views is kept learns what it is; the others, that there is none.
async fn tell_all(tx: &Tx, known: &[Known]) -> Result<()> {
    let sets = known.iter().map(|view| view.row.set_id).collect();
    let counts = views::counts_of(tx, sets).await?;
    for view in known {
        let usual = if view.rule.is_personal() { view.row.owner } else { Uuid::nil() };
        let mut users: HashSet<Uuid> =
            counts.keys().filter(|(set, _)| *set == view.row.set_id).map(|(_, user)| *user).collect();
        users.insert(usual);
        for user in users {
            let count = counts.get(&(view.row.set_id, user)).copied().unwrap_or_default();
            view.tell(tx, user, count)?;
        }
    }
    Ok(())
}
