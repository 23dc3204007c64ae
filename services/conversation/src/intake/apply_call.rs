use weft_domain::{Result, conversation::MAX_TEXT_CHARS};
use weft_proto::{
    channel::v1::Transcribed,
    conversation::v1::{
        Call,
        call::{Outcome, State},
    },
};
use weft_store::Tx;

use super::{Event, cut, label};
use crate::{
    deliver, events,
    store::{
        content::{StoredCall, StoredTranscript},
        messages,
    },
};

/// The most choices of a caller that are kept.
const MAX_CHOICES: usize = 50;

/// A call as it is after what was told of it, in whatever order it is told: it only goes forward. Somebody who talked with the
/// contact has answered; where nobody did, a message left makes it no better than a voicemail.
pub(super) fn merged(before: Option<&StoredCall>, told: &Call) -> StoredCall {
    let empty = StoredCall::default();
    let before = before.unwrap_or(&empty);
    let was = State::from_str_name(&before.state).unwrap_or_default();
    let state = was.max(told.state());
    let implied = if told.state() == State::Talking { Outcome::Answered } else { Outcome::Missed };
    let outcome = Outcome::from_str_name(&before.outcome).unwrap_or_default();
    let outcome = outcome.max(told.outcome()).max(implied);
    let mut choices = before.choices.clone();
    choices.extend(told.choices.iter().map(|choice| label(choice)));
    choices.truncate(MAX_CHOICES);
    StoredCall {
        state: state.as_str_name().to_owned(),
        outcome: outcome.as_str_name().to_owned(),
        seconds: before.seconds.max(told.seconds),
        choices,
    }
}

/// The provider wrote down a recording; the first transcript of it stays.
pub(super) async fn transcribed(tx: &Tx, event: &Event, told: &Transcribed) -> Result<()> {
    let ids = [told.id.clone()];
    let found = messages::by_external_ids(tx, event.channel_id, &ids).await?;
    let (Some(id), Some(transcript)) = (found.get(&told.id), &told.transcript) else { return Ok(()) };
    let (_, mut message) = deliver::take(tx, *id).await?;
    let Some(recording) = message.content.attachments.first_mut() else { return Ok(()) };
    if recording.transcript.is_some() {
        return Ok(());
    }
    recording.transcript = Some(StoredTranscript {
        text: cut(&transcript.text, MAX_TEXT_CHARS),
        language: label(&transcript.language),
        confidence: transcript.confidence,
    });
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: State, outcome: Outcome, seconds: u32) -> Call {
        Call { state: state.into(), outcome: outcome.into(), seconds, choices: Vec::new() }
    }

    #[test]
    fn a_call_ends_the_same_in_whatever_order_its_news_come() {
        let none = Outcome::Unspecified;
        let (rings, waits, talks) =
            (told(State::Ringing, none, 0), told(State::Waiting, none, 0), told(State::Talking, none, 0));
        let (ends, leaves) = (told(State::Ended, none, 42), told(State::Waiting, Outcome::Voicemail, 0));
        let cases = [
            (vec![&rings, &waits, &ends], "missed"),
            (vec![&rings, &waits, &leaves, &ends], "voicemail"),
            (vec![&rings, &waits, &talks, &ends], "answered"),
            (vec![&rings, &talks, &leaves, &ends], "answered"),
        ];
        for (news, outcome) in cases {
            let (mut forward, mut backward) = (None, None);
            news.iter().for_each(|one| forward = Some(merged(forward.as_ref(), one)));
            news.iter().rev().for_each(|one| backward = Some(merged(backward.as_ref(), one)));
            let ended =
                StoredCall { state: "ended".into(), outcome: outcome.into(), seconds: 42, choices: vec![] };
            assert_eq!((forward, backward), (Some(ended.clone()), Some(ended)));
        }
    }
}
