use uuid::Uuid;
use weft_bus::{Event, Stream};
use weft_domain::{
    Error, Result,
    id::{self, DeadLetterId},
};
use weft_proto::dead_letters::v1::{DeadLetter, ReplayDeadLetterRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    desk::Desk,
    metering, show,
    store::{
        letters::{self, Model},
        sealed::{self, Opened},
        state::{self, State},
    },
};

/// An event on its way back, and the letter it was in.
pub(crate) struct Replay {
    pub(crate) letter: Uuid,
    stream: Stream,
    event: Event,
}

/// Publishes a letter's event again, then notes it. One that was replayed before stays as it is.
pub(crate) async fn run(desk: &Desk, call: Accepted<ReplayDeadLetterRequest>) -> Result<Once<DeadLetter>> {
    let request = &call.message;
    let scope = desk.scope_to_change(&call.principal, request.tenant.as_deref())?;
    let id = id::parse_lookup::<id::DeadLetter>(&request.id)?.uuid();
    let by = &call.principal.subject.to_string();
    let look = |tx: Tx| async move {
        // The body goes with the end: read before the state, it is there unless the state says why not.
        let opened = sealed::open(&tx, id).await?;
        let letter = letters::get(&tx, id).await?;
        match (state::stored(&letter.state)?, opened) {
            (State::Discarded, _) => Err(discarded()),
            (State::Replayed, _) | (_, None) => Ok(None),
            (_, Some(opened)) => replay(&letter, opened).map(Some),
        }
    };
    if let Some(replay) = scope.read(look).await? {
        publish(desk, replay).await?;
    }
    let note = |tx: Tx| async move {
        let noted = letters::note_replayed(&tx, &[id], Some(by)).await?;
        metering::ended("replayed", noted);
        show::letter(&letters::get(&tx, id).await?)
    };
    scope.write_once(&call.intent, note).await
}

/// What is to be published.
pub(crate) fn replay(letter: &Model, opened: Opened) -> Result<Replay> {
    let stream = letters::stream(letter)?;
    let event = Event {
        id: letter.event_id.clone(),
        kind: letter.event_type.clone(),
        source: letter.event_source.clone(),
        subject: letter.subject.clone(),
        key: opened.key,
        tenant: letter.event_tenant.clone(),
        time: letter.first_at,
        traceparent: letter.traceparent.clone(),
        tracestate: letter.tracestate.clone(),
        data: opened.body.into(),
    };
    Ok(Replay { letter: letter.id, stream, event })
}

/// The same letter twice within the bus's window is one event, whoever asks for it.
pub(crate) async fn publish(desk: &Desk, replay: Replay) -> Result<()> {
    let letter: DeadLetterId = id::from_uuid(replay.letter);
    desk.bus.publish_again(replay.stream, replay.event, format!("replay:{letter}")).await?;
    tracing::info!(letter.id = %letter, "dead letter replayed");
    Ok(())
}

fn discarded() -> Error {
    Error::precondition("letter_discarded", "this letter was discarded: its event is gone")
}
