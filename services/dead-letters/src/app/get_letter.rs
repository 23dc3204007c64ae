use weft_domain::{
    Result,
    id::{self, DeadLetterId},
};
use weft_proto::dead_letters::v1::{DeadLetter, GetDeadLetterRequest};
use weft_rpc::Accepted;

use crate::{
    desk::Desk,
    show,
    store::{letters, sealed},
};

/// Shows a letter with its body; the audit log is told.
pub(crate) async fn run(desk: &Desk, call: Accepted<GetDeadLetterRequest>) -> Result<DeadLetter> {
    let request = &call.message;
    let scope = desk.scope_to_change(&call.principal, request.tenant.as_deref())?;
    let id: DeadLetterId = id::parse_lookup(&request.id)?;
    let read = |tx| async move {
        let row = letters::get(&tx, id.uuid()).await?;
        show::whole(&row, sealed::open(&tx, row.id).await?)
    };
    scope.write_once(&call.intent, read).await.map(|once| once.value)
}
