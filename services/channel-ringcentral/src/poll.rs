//! Asking for what no webhook tells: what became of our messages, how calls ended, and whatever came while nobody listened.

mod cursor;
mod sync;
mod words;

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use weft_channel::{PollContext, Polled, ReceiveError, Received, Retry, SendError, Transport, inbound};

use crate::{
    Account,
    inbound::{logged, stored},
    subscription,
};
use cursor::Cursor;
use sync::Source;

/// How often messages are asked for: 3 of the 50 calls a minute of this group.
const EVERY: Duration = Duration::from_secs(20);
/// How often calls and voicemails are: 1 of the 10 calls a minute of this group, or 2 as long as older ones are to be had.
const CALLS_EVERY: TimeDelta = TimeDelta::minutes(1);
const SUBSCRIPTION_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Asks for what is new and due. What was found is never given up for what could not be had.
pub(crate) async fn poll(
    account: &Account,
    context: &PollContext,
    transport: &dyn Transport,
) -> Result<Polled, SendError> {
    let now = context.now;
    let mut cursor = Cursor::read(context.state.as_deref());
    let since = now - TimeDelta::hours(i64::from(account.look_back_hours));
    let mut sources = Vec::new();
    sources.extend(account.purpose.takes_messages().then_some(Source::Sms));
    if account.purpose.takes_calls() && cursor.calls_due <= now {
        sources.extend([Source::Voicemail, Source::Calls]);
        cursor.calls_due = now + CALLS_EVERY;
    }
    let mut polled = Polled { wait: EVERY, ..Polled::default() };
    let mut is_answered = false;
    for source in sources {
        let place = cursor.place(source);
        let (found, asked) = source.sync(account, place, since, transport).await;
        match asked {
            Err(error) if !is_answered && found.is_empty() => return Err(error),
            Err(error) => put_off(&mut polled, &error),
            Ok(()) => is_answered = true,
        }
        for record in &found {
            polled.received.append(match source {
                Source::Sms | Source::Voicemail => read(record, |it| stored(account, &it, now)),
                Source::Calls => read(record, |it| logged(account, &it, now)),
            });
            if source == Source::Voicemail {
                polled.received.ignored.extend(cursor.words.want(account, record, now));
            }
        }
    }
    polled.received.append(cursor.words.fetch(account, now, transport).await);
    if cursor.subscription_due <= now {
        cursor.subscription_due = now + SUBSCRIPTION_EVERY;
        if let Err(error) = subscription::keep(account, now, transport).await {
            // until then everything is found by asking
            cursor.subscription_due = now + CALLS_EVERY;
            put_off(&mut polled, &error);
        }
    }
    polled.received.drop_repeated();
    polled.next_state = cursor.write();
    Ok(polled)
}

/// Asks for it again later: not before RingCentral wants to be asked, and with a word to a person where only they can help.
fn put_off(polled: &mut Polled, error: &SendError) {
    match error.retry() {
        Retry::After(wait) => polled.wait = polled.wait.max(wait),
        Retry::Never => polled.received.account_fault = Some(error.to_string()),
        Retry::Backoff | Retry::AskPerson => {}
    }
}

/// One entry's events; one that cannot be read harms no other.
fn read<'a, T: serde::Deserialize<'a>>(
    record: &'a Value,
    understand: impl FnOnce(T) -> Result<Received, ReceiveError>,
) -> Received {
    let received = inbound::read(record).and_then(understand);
    received.unwrap_or_else(|error| inbound::unreadable(error, record))
}
