use serde_json::json;
use uuid::Uuid;
use weft_auth::Subject;
use weft_bus::subject;
use weft_domain::{Result, TenantId, conversation::Direction};
use weft_proto::conversation::v1::{Conversation, MarkReadRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, events, lookup,
    notify::Notices,
    show::{self, Surroundings},
    store::{contact_lists, conversations, entity::conversation, messages},
};

/// Marks messages as read by our side. Reading is never taken back.
pub(crate) async fn run(context: &Context, call: Accepted<MarkReadRequest>) -> Result<Once<Conversation>> {
    let id = lookup::conversation(&call.message.id)?;
    let seq = call.message.seq;
    let tenant = call.principal.tenant;
    let scope = context.store.tenant(tenant);
    let user = call.principal.user().uuid();
    // a program reads for nobody
    let reader = matches!(call.principal.subject, Subject::User(..)).then_some(user);
    let mark = |tx| async move {
        let mut notices = Notices::default();
        let row = apply(&tx, id, seq, reader, &mut notices).await?;
        notices.write(&tx).await?;
        show::conversation_for(&tx, &row, user).await
    };
    let read = scope.write_once(&call.intent, mark).await?;
    if let Err(error) = tell(context, tenant, id).await {
        tracing::debug!(%error, "the contact was not told that we have read");
    }
    Ok(read)
}

/// Tells the adapter how far our side has read, for channels that show it. Worth nothing a second later.
async fn tell(context: &Context, tenant: TenantId, id: Uuid) -> Result<()> {
    let load = |tx| async move {
        let row = conversations::get(&tx, id).await?;
        let is_blocked = contact_lists::is_blocked(&tx, row.contact_id).await?;
        Ok((row, is_blocked))
    };
    let (row, is_blocked) = context.store.tenant(tenant).read(load).await?;
    if is_blocked {
        return Ok(());
    }
    let order = json!({
        "tenant_id": tenant.to_string(),
        "channel_id": show::channel_id(row.channel_id),
        "thread_id": row.thread_id,
        "seq": row.read_seq,
    });
    let theirs = subject::live(&tenant.to_string(), &["read_out", &row.channel_kind])?;
    context.bus.publish_live(&theirs, order.to_string().into()).await
}

/// Notes that our side has read up to there, and who of it did.
pub(crate) async fn apply(
    tx: &Tx,
    id: Uuid,
    seq: Option<u64>,
    reader: Option<Uuid>,
    notices: &mut Notices,
) -> Result<conversation::Model> {
    let mut row = conversations::advance(tx, id, 0).await?;
    let up_to = seq.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(row.last_seq).min(row.last_seq);
    if let Some(reader) = reader {
        notices.read(reader, id, up_to);
    }
    if up_to > row.read_seq || row.unread_count > 0 && up_to == row.last_seq {
        row.read_seq = row.read_seq.max(up_to);
        let unread = messages::count_after(tx, id, row.read_seq, Direction::Inbound).await?;
        row.unread_count = i32::try_from(unread).unwrap_or(i32::MAX);
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)?;
    }
    Ok(row)
}
