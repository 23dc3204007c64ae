use std::time::Duration;

use uuid::Uuid;
use weft_domain::Result;
use weft_proto::automation::v1::{Agent, UpdateAgentRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Scope};

use super::change_availability;
use crate::{
    Context,
    availability::Change,
    desk::Desk,
    lookup,
    store::agents::{self, Model},
};

/// Changes somebody's availability or capacity.
pub(crate) async fn run(context: &Context, call: Accepted<UpdateAgentRequest>) -> Result<Once<Agent>> {
    let request = call.message;
    let user = lookup::user(&request.user_id)?;
    let change = &Change::read(request.status.as_deref(), request.capacity, request.note)?;
    let usual = context.default_capacity;
    let scope = context.store.tenant(call.principal.tenant);
    wait_until_known(&scope, user).await?;
    let apply = |tx| async move {
        let desk = Desk::open(tx, usual).await?;
        let found = agents::find(&desk.tx, user).await?.filter(is_known);
        change_availability::run(desk, found.ok_or_else(lookup::unknown)?, change, usual).await
    };
    let answer = scope.write_once(&call.intent, apply).await?;
    context.decided.notify_one();
    Ok(answer)
}

/// Somebody created this very moment may not have reached us yet, so the look is repeated for a second.
async fn wait_until_known(scope: &Scope, user: Uuid) -> Result<()> {
    for _ in 0..10 {
        if scope
            .read(|tx| async move { agents::find(&tx, user).await })
            .await?
            .is_some_and(|row| is_known(&row))
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(lookup::unknown())
}

/// Whether the directory has told us of them, and they may sign in.
fn is_known(row: &Model) -> bool {
    !row.role.is_empty() && !row.disabled
}
