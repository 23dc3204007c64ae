use tonic::Request;
use uuid::Uuid;
use weft_auth::{Principal, Subject};
use weft_domain::{
    Error, ErrorCode, Result,
    conversation::{AuthorKind, Direction, Kind, MAX_ATTACHMENTS, Status},
    delivery::State,
    id,
};
use weft_proto::{
    conversation::v1::{Message, SendMessageRequest},
    media::v1::{DescribeFilesRequest, File},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, deliver, events, lookup,
    show::{self, Surroundings},
    store::{
        content::{Content, StoredAttachment, StoredButton, StoredCard, StoredLocation},
        conversations,
        entity::{conversation, message},
        messages, people,
    },
};

/// Buttons, contact card and location together, as stored: the message has to fit into one event.
const MAX_CONTENT_BYTES: usize = 64 * 1024;

/// A message as it is asked for, checked as far as that goes without the database.
struct Draft {
    conversation: Uuid,
    reply_to: Option<Uuid>,
    kind: Kind,
    text: String,
    content: Content,
    internal: bool,
}

/// Writes to the contact, or a note among us. The answer comes before the provider has it.
pub(crate) async fn run(context: &Context, call: Accepted<SendMessageRequest>) -> Result<Once<Message>> {
    let draft = &draft(context, &call).await?;
    let principal = &call.principal;
    let scope = context.store.tenant(principal.tenant);
    scope.write_once(&call.intent, |tx| async move { write(&tx, principal, draft).await }).await
}

async fn draft(context: &Context, call: &Accepted<SendMessageRequest>) -> Result<Draft> {
    let request = &call.message;
    let attachments = attachments(context, call).await?;
    let place = request.location.as_ref();
    if place.is_some_and(|place| {
        !(-90.0..=90.0).contains(&place.latitude) || !(-180.0..=180.0).contains(&place.longitude)
    }) {
        return Err(Error::invalid_field(
            "location",
            "latitude goes from -90 to 90, longitude from -180 to 180",
        ));
    }
    let content = Content {
        attachments,
        location: place.map(|place| StoredLocation {
            latitude: place.latitude,
            longitude: place.longitude,
            title: place.title.clone(),
            address: place.address.clone(),
        }),
        contact_card: request.contact_card.as_ref().map(|card| StoredCard {
            name: card.name.clone(),
            phones: card.phones.clone(),
            emails: card.emails.clone(),
        }),
        buttons: request
            .buttons
            .iter()
            .map(|button| StoredButton {
                title: button.title.clone(),
                payload: if button.payload.is_empty() {
                    button.title.clone()
                } else {
                    button.payload.clone()
                },
                url: button.url.clone(),
            })
            .collect(),
        ..Content::default()
    };
    let bytes = serde_json::to_vec(&content).map_err(Error::internal)?.len();
    if bytes > MAX_CONTENT_BYTES {
        return Err(Error::new(
            ErrorCode::TooLarge,
            "message_too_large",
            format!(
                "what a message carries besides its text may have {MAX_CONTENT_BYTES} bytes; this is {bytes}"
            ),
        ));
    }
    Ok(Draft {
        conversation: lookup::conversation(&request.conversation_id)?,
        reply_to: request
            .reply_to
            .as_deref()
            .map(|text| id::parse::<id::Message>("reply_to", text))
            .transpose()?
            .map(|id| id.uuid()),
        kind: kind(&content, &request.text)?,
        text: request.text.clone(),
        content,
        internal: request.internal,
    })
}

fn kind(content: &Content, text: &str) -> Result<Kind> {
    let has_text = !text.trim().is_empty();
    if !content.attachments.is_empty() {
        return Ok(Kind::Attachment);
    }
    match (&content.location, &content.contact_card) {
        (Some(_), Some(_)) => Err(Error::invalid_field(
            "contact_card",
            "send the location and the contact card as two messages",
        )),
        (Some(_), None) => Ok(Kind::Location),
        (None, Some(_)) => Ok(Kind::ContactCard),
        (None, None) if has_text => Ok(Kind::Text),
        (None, None) => {
            Err(Error::invalid("empty_message", "give `text`, `attachments`, `location` or `contact_card`")
                .with_field("text"))
        }
    }
}

/// The files as `media` knows them; one of another tenant is as unknown as one that never was.
async fn attachments(
    context: &Context,
    call: &Accepted<SendMessageRequest>,
) -> Result<Vec<StoredAttachment>> {
    let ids: Vec<String> = call.message.attachments.iter().map(|file| file.id.clone()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if ids.len() > MAX_ATTACHMENTS {
        return Err(Error::invalid_field(
            "attachments",
            format!("a message carries at most {MAX_ATTACHMENTS} files"),
        ));
    }
    let request = DescribeFilesRequest { tenant_id: call.principal.tenant.to_string(), ids: ids.clone() };
    let answer = context.files.clone().describe_files(Request::new(request)).await;
    let files = answer.map_err(|status| weft_rpc::error(&status))?.into_inner().items;
    ids.iter()
        .enumerate()
        .map(|(index, wanted)| {
            let file = files.iter().find(|file| file.id == *wanted);
            let field = format!("attachments[{index}].id");
            file.ok_or_else(|| {
                Error::invalid("unknown_file", "no such file; upload it first").with_field(&field)
            })
            .and_then(stored)
        })
        .collect()
}

fn stored(file: &File) -> Result<StoredAttachment> {
    let kind = match file.mime.split_once('/') {
        Some(("image", _)) => "image",
        Some(("video", _)) => "video",
        Some(("audio", "ogg" | "opus")) => "voice",
        Some(("audio", _)) => "audio",
        _ => "file",
    };
    Ok(StoredAttachment {
        file: Some(id::parse::<id::File>("attachments", &file.id)?.uuid()),
        kind: kind.to_owned(),
        name: file.name.clone(),
        mime: file.mime.clone(),
        size: file.size,
        ..StoredAttachment::default()
    })
}

async fn write(tx: &Tx, principal: &Principal, draft: &Draft) -> Result<Message> {
    let mut conversation = conversations::advance(tx, draft.conversation, 1).await?;
    let status: Status = show::stored(&conversation.status)?;
    if !status.is_live() && !draft.internal {
        return Err(conversation_closed());
    }
    if let Some(reply_to) = draft.reply_to {
        let answered = messages::by_ids(tx, vec![reply_to]).await?.remove(&reply_to);
        if answered.is_none_or(|message| message.conversation_id != conversation.id) {
            return Err(Error::invalid(
                "unknown_message",
                "`reply_to` must be a message of this conversation",
            )
            .with_field("reply_to"));
        }
    }
    let message = row(tx, principal, draft, &conversation).await?;
    messages::insert(tx, [&message]).await?;
    conversation.last_message_id = Some(message.id);
    conversation.active_at = message.created_at;
    conversation.updated_at = message.created_at;
    events::message_created(tx, &message)?;
    if !draft.internal {
        conversation.waiting_since = None;
        conversation.read_seq = message.seq;
        conversation.unread_count = 0;
        deliver::release_next(tx, &mut conversation).await?;
    }
    conversations::save(tx, &conversation).await?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&conversation)).await?;
    events::conversation_updated(tx, &conversation, &surroundings)?;
    show::message(&message)
}

/// Why nothing is sent in a closed conversation.
pub(super) fn conversation_closed() -> Error {
    Error::precondition(
        "conversation_closed",
        "this conversation is closed; nothing can be sent in it any more",
    )
}

async fn row(
    tx: &Tx,
    principal: &Principal,
    draft: &Draft,
    conversation: &conversation::Model,
) -> Result<message::Model> {
    let user = principal.user().uuid();
    let author_name = people::person(tx, user).await?.map(|person| person.name).unwrap_or_default();
    let author_kind = match principal.subject {
        Subject::User(..) => AuthorKind::Agent,
        Subject::Token(..) => AuthorKind::Bot,
    };
    let (direction, state) = if draft.internal {
        (Direction::Internal, State::Received)
    } else {
        (Direction::Outbound, State::Queued)
    };
    Ok(message::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        conversation_id: conversation.id,
        seq: conversation.last_seq,
        channel_id: conversation.channel_id,
        direction: direction.to_string(),
        author_kind: author_kind.to_string(),
        author_id: Some(user),
        author_name,
        kind: draft.kind.to_string(),
        text: draft.text.clone(),
        content: draft.content.clone(),
        reply_to: draft.reply_to,
        external_id: None,
        state: state.to_string(),
        state_reason: None,
        attempt: 1,
        repeatable: false,
        due_at: None,
        expires_at: (!draft.internal).then(|| tx.now() + deliver::WORTH_SENDING),
        edited_at: None,
        deleted_at: None,
        created_at: tx.now(),
    })
}
