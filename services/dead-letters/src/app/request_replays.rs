use weft_domain::{Error, Result};
use weft_proto::{
    convert::time,
    dead_letters::v1::{ReplayDeadLettersRequest, ReplayDeadLettersResponse},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    app::limit,
    desk::Desk,
    store::{
        letters::{self, Filter},
        state::State,
    },
};

/// Chooses the letters that fit, the oldest first; a job publishes them at its own pace.
pub(crate) async fn run(
    desk: &Desk,
    call: Accepted<ReplayDeadLettersRequest>,
) -> Result<Once<ReplayDeadLettersResponse>> {
    let request = &call.message;
    let limit = limit::most(request.limit)?;
    let filter = &Filter {
        state: Some(State::Kept),
        source: request.source.as_deref(),
        reason: request.reason.as_deref(),
        since: request.since.as_ref().and_then(time),
        until: request.until.as_ref().and_then(time),
        replayable: true,
    };
    let scope = desk.scope_to_change(&call.principal, request.tenant.as_deref())?;
    let own = call.principal.tenant;
    let by = &call.principal.subject.to_string();
    let choose = |tx: Tx| async move {
        letters::check_tenant(&tx, own).await?;
        let ids = letters::oldest_ids(&tx, filter, limit).await?;
        let chosen = letters::want_replayed(&tx, &ids, by).await?;
        let left = letters::count(&tx, filter).await?;
        Ok(ReplayDeadLettersResponse { letters: u32::try_from(chosen).map_err(Error::internal)?, left })
    };
    scope.write_once(&call.intent, choose).await
}
