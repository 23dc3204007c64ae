//! What happens by itself.

use futures::{StreamExt, stream};
use uuid::Uuid;
use weft_domain::{Result, TenantId};

use crate::{Context, store::due};

pub(crate) mod carry_out;
pub(crate) mod prune_answers;
pub(crate) mod prune_done;
pub(crate) mod send_replies;

/// So many tenants have their turns at the same time.
const TENANTS_AT_ONCE: usize = 8;

/// Gives each tenant of whom something is due in a table one turn, in which `work` tells how many it took: nobody waits for a
/// tenant who has more, or whose work fails. Answers whether it is worth to go on at once.
async fn in_turn<F>(
    context: &Context,
    job: &str,
    table: &'static str,
    work: impl Fn(TenantId, Vec<Uuid>) -> F,
) -> Result<bool>
where
    F: Future<Output = Result<usize>>,
{
    let (mut had, mut taken, mut has_more) = (Vec::new(), 0, false);
    loop {
        let found = due::find(&context.store, table, &had).await?;
        had.extend(found.by_tenant.iter().map(|(tenant, _)| *tenant));
        let turns = found.by_tenant.into_iter().map(|(tenant, ids)| {
            let turn = work(tenant, ids);
            async move { (tenant, turn.await) }
        });
        let ended: Vec<_> = stream::iter(turns).buffer_unordered(TENANTS_AT_ONCE).collect().await;
        for (tenant, result) in ended {
            match result {
                Ok(count) => taken += count,
                Err(error) => {
                    tracing::warn!(task.name = job, tenant.id = %tenant, error = %error, "what is due waits");
                }
            }
        }
        has_more |= found.is_full || found.is_cut;
        if !found.is_full {
            return Ok(has_more && taken > 0);
        }
    }
}
