//! What happens by itself.

use uuid::Uuid;
use weft_domain::{Result, TenantId, id};

pub(crate) mod clear_teams;
pub(crate) mod continue_due;
pub(crate) mod end_silence;
pub(crate) mod export_contacts;
pub(crate) mod find_view_members;
pub(crate) mod import_contacts;
pub(crate) mod index_for_search;
pub(crate) mod match_parked;
pub(crate) mod prune_import_errors;
pub(crate) mod prune_inbox;
pub(crate) mod prune_notifications;
pub(crate) mod run_bulk_actions;
pub(crate) mod send_scheduled;
pub(crate) mod wake_snoozed;

/// Works at each thing that was found by itself: the others, of whichever tenant, are not to wait for one that fails.
/// `whose` says whose it is, and what the log calls it.
async fn each<T, F>(job: &str, found: Vec<T>, whose: impl Fn(&T) -> (Uuid, String), work: impl Fn(T) -> F)
where
    F: Future<Output = Result<()>>,
{
    for one in found {
        let (tenant, about) = whose(&one);
        if let Err(error) = Box::pin(work(one)).await {
            let tenant: TenantId = id::from_uuid(tenant);
            tracing::warn!(task.name = job, tenant.id = %tenant, about, error = %error, source = ?std::error::Error::source(&error), "what is due waits");
        }
    }
}
