//! Messages whose time has come are sent as if their writer did so now; what cannot go stays and says why.

use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_store::Tx;

use super::each;
use crate::{
    Context,
    actor::Writer,
    app::{
        schedule_message::sendable,
        send_message::{self, Draft},
    },
    events,
    notify::Notices,
    show::{self, ScheduledState},
    store::{conversations, due, entity::scheduled_message, kinds::Kinds, people, scheduled},
};

/// Sends what is due. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let found = due::find(&context.store, due::SCHEDULED).await?;
    let whose = |one: &due::Due| (one.tenant_id, show::scheduled_id(one.id));
    let send = |one: due::Due| send(context, id::from_uuid(one.tenant_id), one.id);
    each("send scheduled messages", found, whose, send).await;
    Ok(())
}

async fn send(context: &Context, tenant: TenantId, id: Uuid) -> Result<()> {
    let scope = context.store.tenant(tenant);
    let Some(row) = scope.read(|tx| async move { scheduled::by_id(&tx, id).await }).await? else {
        return Ok(());
    };
    let kinds = &*context.kinds.all().await?;
    let draft = send_message::draft(context, tenant, &sendable(row.conversation_id, &row.message.0.0)).await;
    let sent = match draft {
        Ok(draft) => {
            let (row, draft) = (&row, &draft);
            scope.write(|tx| async move { send_one(&tx, row, draft, kinds).await }).await
        }
        Err(error) => Err(error),
    };
    match sent {
        Err(error) if is_for_good(&error) => {
            let (row, error) = (&row, &error);
            scope.write(|tx| async move { give_up(&tx, row, error).await }).await
        }
        sent => sent,
    }
}

async fn send_one(tx: &Tx, read: &scheduled_message::Model, draft: &Draft, kinds: &Kinds) -> Result<()> {
    let Some(row) = still_due(tx, read).await? else { return Ok(()) };
    if people::person(tx, row.user_id).await?.is_some_and(|person| person.disabled) {
        return Err(Error::precondition("writer_disabled", "whoever scheduled it may not sign in any more"));
    }
    let writer = Writer::before(row.user_id, show::stored(&row.author_kind)?);
    let mut notices = Notices::default();
    let message = send_message::write(tx, &writer, draft, kinds, &mut notices).await?;
    scheduled::remove(tx, row.id).await?;
    let shown = show::scheduled(&row, &ScheduledState::Sent(message.id))?;
    events::scheduled_message_updated(tx, &shown)?;
    notices.write(tx).await
}

async fn give_up(tx: &Tx, read: &scheduled_message::Model, error: &Error) -> Result<()> {
    let Some(mut row) = still_due(tx, read).await? else { return Ok(()) };
    row.waits = false;
    error.message().clone_into(&mut row.reason);
    row.updated_at = tx.now();
    scheduled::save(tx, &row).await?;
    let shown = show::scheduled(&row, &ScheduledState::of(&row))?;
    events::scheduled_message_updated(tx, &shown)
}

/// The row as it was read, the conversation's turn being taken: another replica, or its writer, may have been here meanwhile.
async fn still_due(tx: &Tx, read: &scheduled_message::Model) -> Result<Option<scheduled_message::Model>> {
    conversations::advance(tx, read.conversation_id, 0).await?;
    Ok(scheduled::by_id(tx, read.id).await?.filter(|row| row == read && row.waits && row.send_at <= tx.now()))
}

/// What trying again does not change.
fn is_for_good(error: &Error) -> bool {
    use ErrorCode::{Forbidden, Invalid, NotFound, Precondition, TooLarge};
    matches!(error.code(), Forbidden | Invalid | NotFound | Precondition | TooLarge)
}
