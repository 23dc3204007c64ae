use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, delivery::State};
use weft_proto::conversation::v1::{Message, TestChannelRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Scope, Tx};

use super::{
    place,
    send_message::{self, Draft},
    start_conversation,
};
use crate::{
    Context,
    actor::Writer,
    lookup,
    notify::Notices,
    show,
    store::{contacts, conversations::Place, entity::channel, kinds::Kinds, messages},
};

const WORDS: &str = "a test";
/// Below what the caller waits for; most providers answer within a second.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Sends a test message over a channel, and waits for what becomes of it.
pub(crate) async fn run(context: &Context, call: Accepted<TestChannelRequest>) -> Result<Once<Message>> {
    let scope = context.store.tenant(call.principal.tenant);
    let id = lookup::channel(&call.message.id)?;
    let channel = place::channel(&scope, id).await.map_err(|error| match error.field() {
        Some(_) => Error::not_found("channel"),
        None => error,
    })?;
    let kinds = &context.kinds.all().await?;
    let (principal, channel, to) = (&call.principal, &channel, call.message.to.trim());
    let send = |tx: Tx| async move { send(&tx, principal, channel, to, kinds).await };
    let Once { value, replayed } = scope.write_once(&call.intent, send).await?;
    Ok(Once { value: outcome(&scope, lookup::message(&value.id)?).await?, replayed })
}

async fn send(
    tx: &Tx,
    principal: &Principal,
    channel: &channel::Model,
    to: &str,
    kinds: &Kinds,
) -> Result<Message> {
    let known = contacts::identity_of_thread(tx, channel.id, to).await?;
    let (contact, address) = match &known {
        Some(identity) => (Some(identity.contact_id), identity.external_id.as_str()),
        None => (None, to),
    };
    let place = start_conversation::whereto(tx, channel, contact, Some(address), kinds).await?;
    // a test changes no conversation that goes on elsewhere
    let place = Place { alone: true, ..place };
    let (conversation, _) = start_conversation::open(tx, &place).await?;
    let (draft, mut notices) = (Draft::of_words(conversation.id, WORDS), Notices::default());
    let message = send_message::write(tx, &Writer::of(principal), &draft, kinds, &mut notices).await?;
    notices.write(tx).await?;
    Ok(message)
}

/// The message once its way has ended, or as it is when nobody waits any longer.
async fn outcome(scope: &Scope, id: Uuid) -> Result<Message> {
    let end = Instant::now() + PATIENCE;
    loop {
        let message = scope.read(|tx| async move { messages::get(&tx, id).await }).await?;
        let state: State = show::stored(&message.state)?;
        let is_on_its_way = matches!(state, State::Queued | State::Sending);
        if !is_on_its_way || Instant::now() >= end {
            return show::message(&message);
        }
        sleep(LOOK_EVERY).await;
    }
}
