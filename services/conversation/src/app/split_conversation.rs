use std::collections::HashSet;

use uuid::Uuid;
use weft_domain::{Error, Result, conversation::Status, id};
use weft_proto::conversation::v1::{Regrouping, SplitConversationRequest, holder::Cause, regrouping::Kind};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::regroup;
use crate::{
    Context,
    actor::{Actor, Writer},
    deliver, holders, lookup,
    notify::Notices,
    reply, show,
    store::{
        conversations, custom_fields,
        entity::{conversation, regrouping},
        lines, messages,
        regroupings::{self, Before},
        tags::Words,
    },
    threads,
};

/// So many messages are named at most; with `from_message` there may be more.
const MOST_NAMED: usize = 500;

/// What is to be split off.
enum What {
    These(Vec<Uuid>),
    From(Uuid),
}

/// Makes a conversation of its own of some messages.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<SplitConversationRequest>,
) -> Result<Once<Regrouping>> {
    let id = lookup::conversation(&call.message.id)?;
    let what = &read(&call.message)?;
    let writer = &Writer::of(&call.principal);
    let split = |tx: Tx| async move { Box::pin(apply(&tx, id, what, writer)).await };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, split).await
}

fn read(request: &SplitConversationRequest) -> Result<What> {
    match (&request.from_message, request.message_ids.as_slice()) {
        (Some(from), []) => Ok(What::From(id::parse::<id::Message>("from_message", from)?.uuid())),
        (None, ids @ [_, ..]) if ids.len() <= MOST_NAMED => {
            let id = |(index, text): (usize, &String)| {
                id::parse::<id::Message>(&format!("message_ids[{index}]"), text).map(|id| id.uuid())
            };
            ids.iter().enumerate().map(id).collect::<Result<_>>().map(What::These)
        }
        _ => {
            let words = format!(
                "name 1 to {MOST_NAMED} messages in `message_ids`, or the first of them in `from_message`"
            );
            Err(Error::invalid_field("message_ids", words))
        }
    }
}

async fn apply(tx: &Tx, id: Uuid, what: &What, writer: &Writer) -> Result<Regrouping> {
    let mut source = conversations::advance(tx, id, 0).await?;
    reply::not_merged(&source)?;
    let wanted = &wanted(tx, &source, what).await?;
    let newest = lines::newest(tx, source.id, true).await?;
    let takes_thread = source.holds_thread && newest.is_some_and(|line| wanted.contains(&line.id));
    let mut new = beginning(tx, &source);
    conversations::insert(tx, &new).await?;
    let moved = regroup::run(tx, &mut source, &mut new, Some(wanted)).await?;
    if source.last_message_id.is_none() {
        let words = "nothing would be left of the conversation: leave at least one message";
        return Err(Error::precondition("nothing_left", words));
    }
    new.active_at = tx.now();
    let mut notices = Notices::default();
    let status: Status = show::stored(&source.status)?;
    if status.is_live() {
        deliver::release_next(tx, &mut source, &mut notices).await?;
    }
    conversations::save(tx, &source).await?;
    if takes_thread {
        threads::take(tx, &mut new).await?;
    }
    deliver::release_next(tx, &mut new, &mut notices).await?;
    conversations::save(tx, &new).await?;
    let nobody_s = conversation::Model { assignee: None, team: None, ..new.clone() };
    let by = Actor::of(tx, writer).await?;
    holders::follow(tx, &nobody_s, &new, (Cause::Assigned, &by, None)).await?;
    let row = regrouping::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        kind: Kind::Split.as_str_name().to_owned(),
        conversation_id: source.id,
        other_id: new.id,
        user_id: writer.user,
        message_count: i32::try_from(moved.len()).unwrap_or(i32::MAX),
        before: Before::default(),
        created_at: tx.now(),
        undone_at: None,
    };
    regroupings::insert(tx, &row, &moved).await?;
    let shown = regroup::tell(tx, &row, true).await?;
    notices.write(tx).await?;
    Ok(shown)
}

/// The messages that are meant, each one of the conversation.
async fn wanted(tx: &Tx, source: &conversation::Model, what: &What) -> Result<HashSet<Uuid>> {
    let unknown = |field: &str| {
        let words = format!("`{field}` must be a message of this conversation");
        Error::invalid("unknown_message", words).with_field(field)
    };
    match what {
        What::These(ids) => {
            let wanted: HashSet<Uuid> = ids.iter().copied().collect();
            let there: HashSet<Uuid> =
                lines::of(tx, source.id, &wanted).await?.into_iter().map(|line| line.id).collect();
            match ids.iter().position(|id| !there.contains(id)) {
                Some(index) => Err(unknown(&format!("message_ids[{index}]"))),
                None => Ok(wanted),
            }
        }
        What::From(first) => {
            let found = messages::by_ids(tx, vec![*first]).await?.remove(first);
            let first = found
                .filter(|message| message.conversation_id == source.id)
                .ok_or_else(|| unknown("from_message"))?;
            let all = lines::after(tx, source.id, first.seq - 1, regroup::MOST + 1).await?;
            Ok(all.into_iter().map(|line| line.id).collect())
        }
    }
}

/// The conversation that begins: with the same contact at the same place, in the same hands, and about nothing yet.
fn beginning(tx: &Tx, source: &conversation::Model) -> conversation::Model {
    conversation::Model {
        id: Uuid::now_v7(),
        status: Status::Open.to_string(),
        snoozed_until: None,
        holds_thread: false,
        unread_count: 0,
        last_seq: 0,
        read_seq: 0,
        last_message_id: None,
        delivering: None,
        waiting_since: None,
        tags: Words::default(),
        fields: custom_fields::Values::default(),
        archived_at: None,
        active_at: tx.now(),
        created_at: tx.now(),
        updated_at: tx.now(),
        ..source.clone()
    }
}
