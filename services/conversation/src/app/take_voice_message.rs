use tonic::Request;
use uuid::Uuid;
use weft_domain::{
    Error, Idempotency, Result,
    conversation::{AuthorKind, Direction, Kind, Status},
    delivery::State,
    id,
};
use weft_proto::{
    Intent,
    conversation::v1::{Message, TakeVoiceMessageRequest},
    media::v1::DescribeFilesRequest,
};
use weft_store::{Once, Tx};

use super::{assign_conversation::both, keep_transcript, send_message};
use crate::{
    Context, events, lookup,
    notify::Notices,
    reply,
    show::{self, Surroundings},
    store::{
        contacts,
        content::{Content, StoredAttachment},
        conversation_changes, conversations,
        entity::{contact, conversation, message},
        messages,
    },
};

/// Takes a contact's voice message into a conversation; what is said is its text.
pub(crate) async fn run(
    context: &Context,
    service: &str,
    request: TakeVoiceMessageRequest,
) -> Result<Once<Message>> {
    let tenant = id::parse::<id::Tenant>("tenant_id", &request.tenant_id)?;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let mut recording = recording(context, &request).await?;
    let transcript = keep_transcript::stored(request.transcript.unwrap_or_default());
    let text = transcript.text.clone();
    recording.transcript = Some(transcript);
    let file = recording.file.unwrap_or_default();
    let mut intent = Intent::default();
    intent.idempotency = Some(request.key).filter(|key| !key.is_empty()).map(|key| Idempotency {
        principal: service.to_owned(),
        method: "Transcripts/TakeVoiceMessage".to_owned(),
        key,
        digest: both(conversation, file),
    });
    let (recording, text) = (&recording, text.as_str());
    let take = |tx| async move { apply(&tx, conversation, recording, text).await };
    context.store.tenant(tenant).write_once(&intent, take).await
}

/// The file as `media` knows it, whatever it takes it for: it is a voice message.
async fn recording(context: &Context, request: &TakeVoiceMessageRequest) -> Result<StoredAttachment> {
    let asked =
        DescribeFilesRequest { tenant_id: request.tenant_id.clone(), ids: vec![request.file_id.clone()] };
    let answer = context.files.clone().describe_files(Request::new(asked)).await;
    let files = answer.map_err(|status| weft_rpc::error(&status))?.into_inner().items;
    let file = files.first().ok_or_else(|| Error::not_found("file"))?;
    Ok(StoredAttachment { kind: "voice".to_owned(), ..send_message::stored(file)? })
}

async fn apply(tx: &Tx, id: Uuid, recording: &StoredAttachment, text: &str) -> Result<Message> {
    let mut conversation = conversations::advance(tx, id, 1).await?;
    let was = conversation.status.clone();
    let status: Status = show::stored(&was)?;
    if !status.is_live() {
        return Err(reply::ended(&conversation));
    }
    let contact = contacts::get(tx, conversation.contact_id).await?;
    let unheard = contact.blocked_at.is_some();
    let message = row(tx, &conversation, contact, (recording, text));
    messages::insert(tx, [&message]).await?;
    conversation.last_message_id = Some(message.id);
    conversation.active_at = message.created_at;
    conversation.updated_at = message.created_at;
    if unheard {
        conversation.stay_away(tx.now());
    } else {
        conversation.unread_count = conversation.unread_count.saturating_add(1);
        conversation.waiting_since = conversation.waiting_since.or(Some(message.created_at));
        conversation.come_back(status);
    }
    conversations::save(tx, &conversation).await?;
    conversation_changes::note_one(tx, &was, &conversation).await?;
    events::message_created(tx, &message)?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&conversation)).await?;
    events::conversation_updated(tx, &conversation, &surroundings)?;
    let mut notices = Notices::default();
    if !unheard {
        notices.wrote(&conversation, &message);
    }
    notices.write(tx).await?;
    show::message(&message)
}

fn row(
    tx: &Tx,
    conversation: &conversation::Model,
    contact: contact::Model,
    (recording, text): (&StoredAttachment, &str),
) -> message::Model {
    message::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        conversation_id: conversation.id,
        seq: conversation.last_seq,
        channel_id: conversation.channel_id,
        direction: Direction::Inbound.to_string(),
        author_kind: AuthorKind::Contact.to_string(),
        author_id: Some(contact.id),
        author_name: contact.name,
        kind: Kind::Attachment.to_string(),
        text: text.to_owned(),
        content: Content { attachments: vec![recording.clone()], ..Content::default() },
        reply_to: None,
        client_id: None,
        external_id: None,
        state: State::Received.to_string(),
        state_reason: None,
        attempt: 0,
        repeatable: false,
        due_at: None,
        expires_at: None,
        edited_at: None,
        deleted_at: None,
        created_at: tx.now(),
    }
}
