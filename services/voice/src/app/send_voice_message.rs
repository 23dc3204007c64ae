use strum::{EnumString, VariantNames};
use tonic::{
    Request, Response, Status,
    metadata::{Ascii, MetadataValue},
};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, id, parse_word};
use weft_proto::{
    conversation::v1::{AttachmentRef, Message, SendMessageRequest, TakeVoiceMessageRequest},
    voice::v1::{SendVoiceMessageRequest, VoiceMessage, send_voice_message_request::Answer},
};
use weft_rpc::{Accepted, IDEMPOTENCY_KEY};
use weft_store::{Once, Tx};

use super::{earlier, show, transcribe_file};
use crate::{
    Context,
    audio::Format,
    engine::Heard,
    language,
    store::answers::{self, Model, State},
};

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Side {
    #[default]
    Us,
    Contact,
}

/// Writes down what is said and puts the words into a conversation; with an answer asked for, waits for it.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<SendVoiceMessageRequest>,
    bearer: Option<MetadataValue<Ascii>>,
) -> Result<Once<VoiceMessage>> {
    let request = &call.message;
    let side = if request.from.is_empty() { Side::Us } else { parse_word("from", &request.from)? };
    let format = format(request.answer.as_ref(), side)?;
    // what is said for the contact is as good as evidence, so it takes no less than what is said for us
    call.principal.require("message.send")?;
    if let Some(done) = earlier::find(context, call.principal.tenant, &call.intent).await? {
        return Ok(done);
    }
    let heard =
        transcribe_file::hear(context, call.principal.tenant, &request.file_id, &request.language).await?;
    if heard.text.is_empty() && side == Side::Us {
        let words = "nothing is said in the recording, so there is nothing to send";
        return Err(Error::precondition("nothing_said", words).with_field("file_id"));
    }
    let scope = context.store.tenant(call.principal.tenant);
    let conversation = id::parse::<id::Conversation>("conversation_id", &request.conversation_id);
    let conversation = conversation.map_err(|_| no_conversation())?.uuid();
    let answer = request.answer.as_ref().map(|answer| wanted(answer, format, &heard));
    let announced = Uuid::now_v7();
    if answer.is_some() {
        scope.write(|tx| async move { answers::announce(&tx, conversation, announced).await }).await?;
    }
    let put = match side {
        Side::Us => send(context, &call, &heard, bearer).await,
        Side::Contact => take(context, &call, &heard).await,
    };
    let message = match put {
        Ok(put) => put.into_inner(),
        Err(status) => {
            scope.write(|tx| async move { answers::withdraw(&tx, announced).await }).await?;
            return Err(unknown(weft_rpc::error(&status)));
        }
    };
    let (message, heard, answer) = (&message, &heard, &answer);
    let note = |tx| async move {
        answers::withdraw(&tx, announced).await?;
        note(&tx, message, heard, answer.clone()).await
    };
    scope.write_once(&call.intent, note).await
}

/// The format of the answer; only what a contact says is answered.
fn format(answer: Option<&Answer>, side: Side) -> Result<Format> {
    let Some(answer) = answer else { return Ok(Format::default()) };
    if side == Side::Us {
        return Err(Error::invalid_field(
            "answer",
            "only what the contact says is answered; leave `answer` out",
        ));
    }
    language::or_usual("answer.language", &answer.language, "en")?;
    Format::read("answer.format", &answer.format)
}

/// As a message of ours, written by the caller.
async fn send(
    context: &Context,
    call: &Accepted<SendVoiceMessageRequest>,
    heard: &Heard,
    bearer: Option<MetadataValue<Ascii>>,
) -> Result<Response<Message>, Status> {
    let SendVoiceMessageRequest { conversation_id, file_id, attach, .. } = &call.message;
    let recording = attach.then(|| AttachmentRef { id: file_id.clone() });
    let mut request = Request::new(SendMessageRequest {
        conversation_id: conversation_id.clone(),
        text: heard.text.clone(),
        attachments: recording.into_iter().collect(),
        ..SendMessageRequest::default()
    });
    if let Some(bearer) = bearer {
        request.metadata_mut().insert("authorization", bearer);
    }
    if let Some(key) = call.intent.idempotency.as_ref().and_then(|one| one.key.parse().ok()) {
        request.metadata_mut().insert(IDEMPOTENCY_KEY, key);
    }
    context.messages.clone().send_message(request).await
}

/// As a message of the contact's.
async fn take(
    context: &Context,
    call: &Accepted<SendVoiceMessageRequest>,
    heard: &Heard,
) -> Result<Response<Message>, Status> {
    let key = call.intent.idempotency.as_ref().map(|one| format!("{} {}", one.principal, one.key));
    let request = TakeVoiceMessageRequest {
        tenant_id: call.principal.tenant.to_string(),
        conversation_id: call.message.conversation_id.clone(),
        file_id: call.message.file_id.clone(),
        transcript: Some(show::transcript(heard)),
        key: key.unwrap_or_default(),
    };
    context.transcripts.clone().take_voice_message(request).await
}

fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    no_conversation()
}

fn no_conversation() -> Error {
    Error::invalid("unknown_conversation", "no such conversation").with_field("conversation_id")
}

/// How the answer is to be spoken: in the language of the question, unless something else is wanted.
#[derive(Clone, Debug)]
struct Wanted {
    voice: String,
    language: String,
    format: Format,
}

fn wanted(answer: &Answer, format: Format, heard: &Heard) -> Wanted {
    let language = if answer.language.is_empty() { &heard.language } else { &answer.language };
    Wanted { voice: answer.voice.clone(), language: language.clone(), format }
}

async fn note(tx: &Tx, message: &Message, heard: &Heard, wanted: Option<Wanted>) -> Result<VoiceMessage> {
    let answer = match wanted {
        Some(wanted) => {
            let row = row(tx, message, wanted)?;
            answers::ask(tx, row.clone()).await?;
            Some(show::answer(&row)?)
        }
        None => None,
    };
    Ok(VoiceMessage {
        message: Some(message.clone()),
        transcription: Some(show::transcription(heard)),
        answer,
    })
}

fn row(tx: &Tx, message: &Message, wanted: Wanted) -> Result<Model> {
    Ok(Model {
        tenant_id: tx.tenant().uuid(),
        id: id::parse::<id::Message>("message.id", &message.id)?.uuid(),
        conversation_id: id::parse::<id::Conversation>("message.conversation_id", &message.conversation_id)?
            .uuid(),
        seq: i64::try_from(message.seq).unwrap_or(i64::MAX),
        voice: wanted.voice,
        language: wanted.language,
        format: wanted.format.to_string(),
        state: State::Waiting.to_string(),
        answered_by: None,
        file_id: None,
        reason: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    })
}
