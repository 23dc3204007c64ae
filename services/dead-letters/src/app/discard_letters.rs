use weft_domain::{Error, Result};
use weft_proto::{
    convert::time,
    dead_letters::v1::{DiscardDeadLettersRequest, DiscardDeadLettersResponse},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    app::limit,
    desk::Desk,
    metering,
    store::{
        letters::{self, Filter},
        state::State,
    },
};

/// Gives the letters that fit up for good, the oldest first.
pub(crate) async fn run(
    desk: &Desk,
    call: Accepted<DiscardDeadLettersRequest>,
) -> Result<Once<DiscardDeadLettersResponse>> {
    let request = &call.message;
    let limit = limit::most(request.limit)?;
    let filter = &Filter {
        state: Some(State::Kept),
        source: request.source.as_deref(),
        reason: request.reason.as_deref(),
        since: request.since.as_ref().and_then(time),
        until: request.until.as_ref().and_then(time),
        replayable: false,
    };
    let scope = desk.scope_to_change(&call.principal, request.tenant.as_deref())?;
    let own = call.principal.tenant;
    let by = &call.principal.subject.to_string();
    let discard = |tx: Tx| async move {
        letters::check_tenant(&tx, own).await?;
        let ids = letters::oldest_ids(&tx, filter, limit).await?;
        let discarded = letters::discard(&tx, &ids, by, &request.why).await?;
        metering::ended("discarded", discarded);
        let left = letters::count(&tx, filter).await?;
        Ok(DiscardDeadLettersResponse { letters: u32::try_from(discarded).map_err(Error::internal)?, left })
    };
    scope.write_once(&call.intent, discard).await
}
