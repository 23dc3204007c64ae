use uuid::Uuid;
use weft_domain::{Result, conversation::Direction};
use weft_proto::conversation::v1::{Conversation, MarkReadRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, events, lookup,
    show::{self, Surroundings},
    store::{conversations, messages},
};

/// Marks messages as read by our side. Reading is never taken back.
pub(crate) async fn run(context: &Context, call: Accepted<MarkReadRequest>) -> Result<Once<Conversation>> {
    let id = lookup::conversation(&call.message.id)?;
    let seq = call.message.seq;
    let scope = context.store.tenant(call.principal.tenant);
    scope.write_once(&call.intent, |tx| async move { apply(&tx, id, seq).await }).await
}

async fn apply(tx: &Tx, id: Uuid, seq: Option<u64>) -> Result<Conversation> {
    let mut row = conversations::advance(tx, id, 0).await?;
    let up_to = seq.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(row.last_seq).min(row.last_seq);
    if up_to > row.read_seq || row.unread_count > 0 && up_to == row.last_seq {
        row.read_seq = row.read_seq.max(up_to);
        let unread = messages::count_after(tx, id, row.read_seq, Direction::Inbound).await?;
        row.unread_count = i32::try_from(unread).unwrap_or(i32::MAX);
        row.updated_at = tx.now();
        conversations::save(tx, &row).await?;
        let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
        events::conversation_updated(tx, &row, &surroundings)?;
    }
    show::conversation(tx, &row).await
}
