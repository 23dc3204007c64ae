//! What of all tenants is to happen by now.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::Result;
use weft_store::{Purpose, Store};

use super::{bulk_actions, contact_files, teams, views};

/// More is found the next time.
const AT_ONCE: u64 = 200;

/// A row whose time has come.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(crate) struct Due {
    /// The tenant.
    pub(crate) tenant_id: Uuid,
    /// The row.
    pub(crate) id: Uuid,
}

/// Where times to come are kept. Each has an index that holds only what waits, by the words in `waits`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    table: &'static str,
    at: &'static str,
    waits: &'static str,
}

/// Messages: a lease that lapses, a deferred attempt, or until when they are to be delivered.
pub(crate) const MESSAGES: Times = Times { table: "message", at: "due_at", waits: "due_at IS NOT NULL" };
/// Messages that go out later.
pub(crate) const SCHEDULED: Times = Times { table: "scheduled_message", at: "send_at", waits: "waits" };
/// Conversations that open by themselves.
pub(crate) const SNOOZED: Times =
    Times { table: "conversation", at: "snoozed_until", waits: "snoozed_until IS NOT NULL" };

/// Bulk actions that go on, since they began.
pub(crate) const RUNNING: Times =
    Times { table: "bulk_action", at: "created_at", waits: bulk_actions::RUNNING };
/// Contacts that are taken from files.
pub(crate) const IMPORTS: Times =
    Times { table: "contact_import", at: "due_at", waits: contact_files::TAKING };
/// Files with contacts that are only tried.
pub(crate) const DRY_RUNS: Times =
    Times { table: "contact_import", at: "due_at", waits: contact_files::TRYING };
/// Contacts that are written into files, and files that are to go.
pub(crate) const EXPORTS: Times = Times { table: "contact_export", at: "due_at", waits: contact_files::DUE };
/// Views whose members are still being looked for, since they were saved.
pub(crate) const UNBUILT: Times = Times { table: "saved_view", at: "created_at", waits: views::UNBUILT };
/// Sets of members that no view has any more; few, and never for long.
pub(crate) const DROPPED: Times =
    Times { table: "dropped_view_set", at: "created_at", waits: "created_at IS NOT NULL" };

/// Teams that are gone and that something may still be with, since they went.
pub(crate) const LEFT_TEAMS: Times = Times { table: "team", at: "updated_at", waits: teams::LEFT };

/// What is due, the longest due first.
pub(crate) async fn find(store: &Store, times: Times) -> Result<Vec<Due>> {
    let Times { table, at, waits } = times;
    let sql = format!(
        "SELECT tenant_id, id FROM {table} WHERE {waits} AND {at} <= $1 ORDER BY {at} LIMIT {AT_ONCE}"
    );
    let now = store.clock().now();
    store.system(Purpose::FindLapsed).await?.query(&sql, vec![now.into()]).await
}
