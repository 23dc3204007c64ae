//! Asking for what no webhook tells: what became of our messages, how calls ended, and whatever came while nobody listened.

mod cursor;
mod sync;

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use weft_channel::{PollContext, Polled, ReceiveError, Received, Retry, SendError, Transport, inbound};

use crate::{
    Account, api,
    inbound::{logged, stored, transcript},
    media, subscription,
    wire::StoredMessage,
};
use cursor::Cursor;
use sync::Source;

/// How often messages are asked for: 3 of the 50 calls a minute of this group.
const EVERY: Duration = Duration::from_secs(20);
/// How often calls and voicemails are: 1 of the 10 calls a minute of this group.
const CALLS_EVERY: TimeDelta = TimeDelta::minutes(1);
const SUBSCRIPTION_EVERY: TimeDelta = TimeDelta::minutes(10);
/// The most words of a voicemail that are read.
const MAX_TRANSCRIPT: usize = 20_000;

/// Asks for what is new and due.
pub(crate) async fn poll(
    account: &Account,
    context: &PollContext,
    transport: &dyn Transport,
) -> Result<Polled, SendError> {
    let now = context.now;
    let mut cursor = Cursor::read(context.state.as_deref());
    let since = now - TimeDelta::hours(i64::from(account.look_back_hours));
    let mut received = Received::default();
    if account.purpose.takes_messages() {
        let found = Source::Sms.sync(account, &mut cursor.sms, since, transport).await?;
        found.iter().for_each(|record| received.append(read(record, |it| stored(account, &it, now))));
    }
    if account.purpose.takes_calls() && cursor.calls_due <= now {
        let found = Source::Voicemail.sync(account, &mut cursor.voicemail, since, transport).await?;
        for record in &found {
            received.append(read(record, |it| stored(account, &it, now)));
            received.append(words(account, context, record, transport).await?);
        }
        let found = Source::Calls.sync(account, &mut cursor.calls, since, transport).await?;
        found.iter().for_each(|record| received.append(read(record, |it| logged(account, &it, now))));
        cursor.calls_due = now + CALLS_EVERY;
    }
    if cursor.subscription_due <= now {
        cursor.subscription_due = now + SUBSCRIPTION_EVERY;
        if let Err(error) = subscription::keep(account, now, transport).await {
            // until then everything is found by asking
            cursor.subscription_due = now + CALLS_EVERY;
            received.account_fault = (error.retry() == Retry::Never).then(|| error.to_string());
        }
    }
    received.drop_repeated();
    Ok(Polled { received, next_state: cursor.write(), wait: EVERY })
}

/// One entry's events; one that cannot be read harms no other.
fn read<'a, T: serde::Deserialize<'a>>(
    record: &'a Value,
    understand: impl FnOnce(T) -> Result<Received, ReceiveError>,
) -> Received {
    let received = inbound::read(record).and_then(understand);
    received.unwrap_or_else(|error| inbound::unreadable(error, record))
}

/// What is said in a voicemail, once RingCentral has written it down.
async fn words(
    account: &Account,
    context: &PollContext,
    record: &Value,
    transport: &dyn Transport,
) -> Result<Received, SendError> {
    let message: Option<StoredMessage> = inbound::read(record).ok();
    let Some((file, event)) = message.as_ref().and_then(|it| transcript(account, it, context.now)) else {
        return Ok(Received::default());
    };
    let reply = match media::call(account, &file.uri) {
        Ok(call) => api::call(call, transport).await,
        Err(error) => Err(error),
    };
    match reply {
        Ok(reply) => {
            let text = String::from_utf8_lossy(&reply.body).chars().take(MAX_TRANSCRIPT).collect();
            Ok(Received::event(event(text)))
        }
        Err(error) if error.clone().of_repeatable().retry() == Retry::Never => {
            Ok(Received::ignored("no_transcript", "RingCentral does not give the words"))
        }
        Err(error) => Err(error),
    }
}
