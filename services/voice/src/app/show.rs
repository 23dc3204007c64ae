//! What was heard and what waits, as the API shows it.

use weft_domain::{Error, Result, id};
use weft_proto::{
    conversation::v1::Transcript,
    convert::timestamp,
    voice::v1::{self as api, spoken_answer},
};

use crate::{
    engine::Heard,
    store::answers::{Model, State},
};

/// What was heard.
pub(crate) fn transcription(heard: &Heard) -> api::Transcription {
    let segments = heard.segments.iter();
    api::Transcription {
        text: heard.text.clone(),
        language: heard.language.clone(),
        confidence: heard.confidence,
        segments: segments
            .map(|one| api::Segment { start: one.start, end: one.end, text: one.text.clone() })
            .collect(),
        seconds: heard.seconds,
    }
}

/// What is kept of it beside the file.
pub(crate) fn transcript(heard: &Heard) -> Transcript {
    Transcript { text: heard.text.clone(), language: heard.language.clone(), confidence: heard.confidence }
}

/// An answer that is to be spoken.
pub(crate) fn answer(row: &Model) -> Result<api::SpokenAnswer> {
    let state: State = row.state.parse().map_err(Error::internal)?;
    let state = match state {
        State::Announced | State::Waiting => spoken_answer::State::Waiting,
        State::Spoken => spoken_answer::State::Spoken,
        State::Failed => spoken_answer::State::Failed,
    };
    Ok(api::SpokenAnswer {
        message_id: id::from_uuid::<id::Message>(row.id).to_string(),
        conversation_id: id::from_uuid::<id::Conversation>(row.conversation_id).to_string(),
        state: state.into(),
        answered_by: row.answered_by.map(|message| id::from_uuid::<id::Message>(message).to_string()),
        file_id: row.file_id.map(|file| id::from_uuid::<id::File>(file).to_string()),
        reason: row.reason.clone(),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    })
}
