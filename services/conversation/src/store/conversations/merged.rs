//! Threads of conversations that became part of others.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};
use uuid::Uuid;
use weft_domain::{Result, conversation::Status};
use weft_store::Tx;

use super::{Column, Entity, Live, Model, Place, get};
use crate::store::entity::{conversation::Stand, merged_thread};

/// So often one became part of another at most.
const DEEPEST: usize = 32;

/// Lets threads of conversations that became part of others lead to those, as long as they go on; they are answered there then.
pub(super) async fn lead_on(tx: &Tx, live: &mut Live, places: &[Place]) -> Result<()> {
    use merged_thread::{Column as Its, Entity as Threads};
    let of_places = places.iter().fold(Condition::any(), |any, place| {
        any.add(Its::ChannelId.eq(place.channel_id).and(Its::ThreadId.eq(&place.thread_id)))
    });
    let owners = tx.all(Threads::find().filter(of_places)).await?;
    let owners: HashMap<(Uuid, String), Uuid> =
        owners.into_iter().map(|row| ((row.channel_id, row.thread_id), row.conversation_id)).collect();
    for place in places {
        let Some(owner) = owners.get(&place.key()) else { continue };
        // whose thread it is may have turned out since
        let led = live_end_of(tx, *owner).await?.filter(|row| row.contact_id == place.contact_id);
        let Some(row) = led else { continue };
        let mut row = live.rows.remove(&row.id).unwrap_or(row);
        if row.channel_id != place.channel_id {
            row.contact_wrote_at = None;
        }
        row.stand_at(Stand {
            channel_id: place.channel_id,
            channel_kind: place.channel_kind.clone(),
            thread_id: place.thread_id.clone(),
            external_id: place.own_external_id(),
        });
        row.holds_thread = true;
        live.joined.insert(row.id);
        live.add(place.key(), row);
    }
    Ok(())
}

/// The live conversation that has the messages of this one now, its turn taken.
async fn live_end_of(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    let mut next = id;
    for _ in 0..DEEPEST {
        let find = Entity::find().filter(Column::Id.eq(next)).lock(LockType::Update);
        let Some(row) = tx.one(find).await? else { break };
        let Some(into) = row.merged_into else {
            return Ok(Some(row).filter(|row| row.status != Status::Closed.to_string()));
        };
        next = into;
    }
    Ok(None)
}

/// The conversation that has the messages of this one now.
pub(super) async fn where_it_went(tx: &Tx, mut row: Model) -> Result<Model> {
    for _ in 0..DEEPEST {
        let Some(into) = row.merged_into else { break };
        row = get(tx, into).await?;
    }
    Ok(row)
}

/// The conversation that a thread leads to since one became part of it.
pub(crate) async fn led_by(tx: &Tx, channel_id: Uuid, thread_id: &str) -> Result<Option<Model>> {
    use merged_thread::{Column as Its, Entity as Threads};
    let find = Threads::find().filter(Its::ChannelId.eq(channel_id)).filter(Its::ThreadId.eq(thread_id));
    match tx.one(find).await? {
        Some(owner) => where_it_went(tx, get(tx, owner.conversation_id).await?).await.map(Some),
        None => Ok(None),
    }
}

/// Has the thread at which a conversation is answered lead to it, and to whatever it becomes part of, wherever it is answered then.
pub(crate) async fn keep_thread(tx: &Tx, row: &Model) -> Result<()> {
    use merged_thread::{ActiveModel, Column as Its};
    if led_by(tx, row.channel_id, &row.thread_id).await?.is_some_and(|led| led.id == row.id) {
        return Ok(());
    }
    let kept = ActiveModel {
        tenant_id: Set(row.tenant_id),
        channel_id: Set(row.channel_id),
        thread_id: Set(row.thread_id.clone()),
        conversation_id: Set(row.id),
    };
    let before = OnConflict::columns([Its::TenantId, Its::ChannelId, Its::ThreadId])
        .update_column(Its::ConversationId)
        .to_owned();
    tx.insert_new(vec![kept], before).await.map(drop)
}

/// A channel calls a thread otherwise now.
pub(crate) async fn rename_led(tx: &Tx, channel_id: Uuid, before: &str, now: &str) -> Result<()> {
    use merged_thread::{Column as Its, Entity as Threads};
    let find = Threads::find().filter(Its::ChannelId.eq(channel_id)).filter(Its::ThreadId.eq(before));
    let Some(row) = tx.one(find).await? else { return Ok(()) };
    let of_now = Threads::delete_many().filter(Its::ChannelId.eq(channel_id)).filter(Its::ThreadId.eq(now));
    tx.delete(of_now).await?;
    let update = Threads::update_many()
        .col_expr(Its::ThreadId, Expr::value(now))
        .filter(Its::ChannelId.eq(channel_id))
        .filter(Its::ThreadId.eq(&row.thread_id));
    tx.update(update).await.map(drop)
}

/// A conversation of these contacts that became part of one with another contact.
pub(crate) async fn torn(tx: &Tx, contacts: [Uuid; 2]) -> Result<Option<Uuid>> {
    #[derive(FromQueryResult)]
    struct Torn {
        id: Uuid,
    }
    let sql = "SELECT c.id FROM conversation c \
               JOIN conversation m ON m.tenant_id = c.tenant_id AND m.id = c.merged_into \
               WHERE c.tenant_id = $1 AND c.contact_id IN ($2, $3) AND m.contact_id <> c.contact_id LIMIT 1";
    let found: Vec<Torn> = tx.query(sql, contacts.map(Into::into).to_vec()).await?;
    Ok(found.into_iter().next().map(|torn| torn.id))
}
