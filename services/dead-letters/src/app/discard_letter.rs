use weft_domain::{Error, Result, id};
use weft_proto::dead_letters::v1::{DeadLetter, DiscardDeadLetterRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    desk::Desk,
    metering, show,
    store::{
        letters,
        state::{self, State},
    },
};

/// Gives a letter up for good. One that was discarded before stays as it is.
pub(crate) async fn run(desk: &Desk, call: Accepted<DiscardDeadLetterRequest>) -> Result<Once<DeadLetter>> {
    let request = &call.message;
    let scope = desk.scope_to_change(&call.principal, request.tenant.as_deref())?;
    let id = id::parse_lookup::<id::DeadLetter>(&request.id)?.uuid();
    let by = &call.principal.subject.to_string();
    let discard = |tx: Tx| async move {
        let discarded = letters::discard(&tx, &[id], by, &request.why).await?;
        metering::ended("discarded", discarded);
        let letter = letters::get(&tx, id).await?;
        match state::stored(&letter.state)? {
            State::Replayed => {
                Err(Error::precondition("letter_replayed", "this letter was replayed already"))
            }
            _ => show::letter(&letter),
        }
    };
    scope.write_once(&call.intent, discard).await
}
