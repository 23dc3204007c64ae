//! Changes that many conversations were to have are made, some conversations at a time. With many replicas each takes the next ones.

use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, conversation::AuthorKind, id};
use weft_store::Tx;

use crate::{
    Context,
    actor::Writer,
    app::{
        mark_read, start_bulk_action,
        update_conversation::{self, Change},
    },
    events,
    notify::Notices,
    show,
    store::{
        bulk_actions,
        due::{self, Due},
        entity::{bulk_action, bulk_action_item},
    },
};

/// So many conversations are changed in one transaction, and told of in one event.
const A_STEP: u64 = 25;

/// Goes on with every action that is not at its end. One query when there is none.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let running = due::find(&context.store, due::RUNNING).await?;
    let whose = |one: &Due| (one.tenant_id, show::bulk_action_id(one.id));
    let go_on = |one: Due| go_on(context, id::from_uuid(one.tenant_id), one.id);
    super::each("run bulk actions", running, whose, go_on).await;
    Ok(())
}

async fn go_on(context: &Context, tenant: TenantId, id: Uuid) -> Result<()> {
    let scope = context.store.tenant(tenant);
    let row = scope.read(|tx| async move { bulk_actions::get(&tx, id).await }).await?;
    let asked = &row.change.0.0;
    let request = start_bulk_action::request(asked);
    let change = update_conversation::read(context, (tenant, id::from_uuid(row.user_id)), &request).await;
    let by = Writer::before(row.user_id, show::stored(&row.author_kind)?);
    let change = change.map_or_else(for_good, |change| Ok(Ok(change.by(by))))?;
    let (change, reads) = (&change, asked.mark_read);
    scope.write(|tx| async move { step(&tx, id, change, reads).await }).await
}

/// An error that trying again does not change is what became of a conversation.
fn for_good<T>(error: Error) -> Result<Result<T, Error>> {
    use ErrorCode::{Conflict, Forbidden, Invalid, NotFound, Precondition, TooLarge};
    let is_for_good =
        matches!(error.code(), Conflict | Forbidden | Invalid | NotFound | Precondition | TooLarge);
    if is_for_good { Ok(Err(error)) } else { Err(error) }
}

async fn step(tx: &Tx, id: Uuid, change: &Result<Change, Error>, reads: bool) -> Result<()> {
    let Some(mut row) = bulk_actions::take(tx, id).await?.filter(|row| row.ended_at.is_none()) else {
        return Ok(());
    };
    let mut items = bulk_actions::waiting(tx, id, A_STEP).await?;
    // in the order in which everybody takes turns, so that nobody waits in a circle
    items.sort_unstable_by_key(|item| item.conversation_id);
    let mut notices = Notices::default();
    // a program reads for nobody
    let reader = (reads && row.author_kind == AuthorKind::Agent.to_string()).then_some(row.user_id);
    for item in &mut items {
        match change {
            Ok(change) => {
                let ended = one(tx, item.conversation_id, (change, reads, reader), &mut notices).await;
                let ended = ended.map_or_else(for_good, |()| Ok(Ok(())))?;
                note(&mut row, item, ended.as_ref().err());
            }
            Err(error) => note(&mut row, item, Some(error)),
        }
    }
    if u64::try_from(items.len()).unwrap_or(A_STEP) < A_STEP {
        "done".clone_into(&mut row.state);
        row.ended_at = Some(tx.now());
    }
    bulk_actions::save_items(tx, items).await?;
    bulk_actions::save(tx, &row).await?;
    events::bulk_action_updated(tx, &row)?;
    notices.write(tx).await
}

async fn one(
    tx: &Tx,
    conversation: Uuid,
    (change, reads, reader): (&Change, bool, Option<Uuid>),
    notices: &mut Notices,
) -> Result<()> {
    update_conversation::apply_noting(tx, conversation, change, notices).await?;
    if reads {
        mark_read::apply(tx, conversation, None, reader, notices).await?;
    }
    Ok(())
}

fn note(row: &mut bulk_action::Model, item: &mut bulk_action_item::Model, why_not: Option<&Error>) {
    match why_not {
        None => {
            row.done_count += 1;
            "done".clone_into(&mut item.state);
        }
        Some(error) => {
            row.failed_count += 1;
            "failed".clone_into(&mut item.state);
            error.reason().clone_into(&mut item.reason);
            error.message().clone_into(&mut item.message);
        }
    }
}
