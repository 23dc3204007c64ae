use chrono::{DateTime, Utc};
use weft_channel::{
    Event, Inbound, MessageReceived, ReceiveError, Received, Transcribed, Transcript, attachment::Kind,
    inbound,
};

use super::{on_message::media, time};
use crate::{
    Account, address,
    wire::{StoredFile, StoredMessage},
};

/// Somebody spoke on the voicemail.
pub(super) fn received(
    account: &Account,
    message: &StoredMessage,
    came: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    let Some(thread) = address::caller(account, &message.from) else {
        return Ok(Received::ignored("internal_voicemail", "a colleague left it"));
    };
    let recording = message.attachments.iter().find(|file| file.kind == "AudioRecording");
    let recording = recording.ok_or_else(|| ReceiveError { why: "it has no recording".to_owned() })?;
    let id = &message.id.0;
    let content = MessageReceived {
        id: id.clone(),
        media: vec![media(recording, Some(Kind::Voice))],
        ..MessageReceived::default()
    };
    let at = time(&message.creation_time, came);
    Ok(Received::event(inbound::event(format!("message:{id}"), at, thread, Event::Message(content))))
}

/// Where a voicemail's words are, once they are written down, and the event that they make.
pub(crate) fn transcript<'a>(
    account: &Account,
    message: &'a StoredMessage,
    came: DateTime<Utc>,
) -> Option<(&'a StoredFile, impl FnOnce(String) -> Inbound + use<>)> {
    let is_there = matches!(message.vm_transcription_status.as_str(), "Completed" | "CompletedPartially");
    let file = message.attachments.iter().find(|file| file.kind == "AudioTranscription");
    let thread = address::caller(account, &message.from)?;
    let (id, at) = (message.id.0.clone(), time(&message.last_modified_time, came));
    Some((file.filter(|_| is_there)?, move |text| {
        let transcript = Transcript { text, ..Transcript::default() };
        let key = format!("message:{id}:transcript");
        let told = Event::Transcribed(Transcribed { id, transcript: Some(transcript) });
        inbound::event(key, at, thread, told)
    }))
}
