use tonic::Request;
use uuid::Uuid;
use weft_domain::{
    Error, ErrorCode, Result, TenantId,
    conversation::{AuthorKind, Direction, Kind, MAX_ATTACHMENTS},
    delivery::State,
    id,
};
use weft_proto::{
    AsJson,
    conversation::v1::{Message, SendMessageRequest},
    media::v1::{DescribeFilesRequest, File},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    drop_draft, fill_template, forward_message, mentions, preview_message, rich_words, set_message_purpose,
    together,
};
use crate::{
    Context,
    actor::{Actor, Writer},
    deliver, events, lookup,
    notify::Notices,
    reply::{self, Window},
    show::{self, Surroundings},
    store::{
        content::{Content, StoredAttachment, StoredButton, StoredCard, StoredLocation},
        conversations,
        entity::{conversation, message},
        kinds::Kinds,
        messages,
    },
    threads,
};

/// Buttons, contact card and location together, as stored: the message has to fit into one event.
const MAX_CONTENT_BYTES: usize = 64 * 1024;

/// A message as it is asked for, checked as far as that goes without the database.
pub(crate) struct Draft {
    pub(super) conversation: Uuid,
    reply_to: Option<Uuid>,
    kind: Kind,
    pub(super) text: String,
    pub(super) content: Content,
    pub(super) internal: bool,
    /// The only channel that it can go by.
    channel: Option<Uuid>,
    /// What its writer calls it.
    client_id: Option<String>,
}

impl Draft {
    /// Words to the contact, and nothing else.
    pub(super) fn of_words(conversation: Uuid, text: &str) -> Self {
        let (kind, content) = (Kind::Text, Content::default());
        let text = text.to_owned();
        Self {
            conversation,
            reply_to: None,
            kind,
            text,
            content,
            internal: false,
            channel: None,
            client_id: None,
        }
    }

    /// What it answers must be a message of its conversation.
    pub(super) async fn answers_there(&self, tx: &Tx) -> Result<()> {
        match self.reply_to {
            Some(reply_to) => answers_there(tx, self.conversation, reply_to).await,
            None => Ok(()),
        }
    }
}

/// Writes to the contact, or a note among us. The answer comes before the provider has it.
pub(crate) async fn run(context: &Context, call: Accepted<SendMessageRequest>) -> Result<Once<Message>> {
    let draft = &draft(context, call.principal.tenant, &call.message).await?;
    let kinds = &context.kinds.all().await?;
    let writer = &Writer::of(&call.principal);
    let scope = context.store.tenant(call.principal.tenant);
    if call.message.dry_run {
        let value = scope.read(|tx| async move { preview_message::run(&tx, draft, kinds).await }).await?;
        return Ok(Once { value, replayed: false });
    }
    scope.write_once(&call.intent, |tx| async move { send(&tx, writer, draft, kinds).await }).await
}

/// Writes what somebody sends now; what its writer called so before is shown again, and changes nothing.
async fn send(tx: &Tx, writer: &Writer, draft: &Draft, kinds: &Kinds) -> Result<Message> {
    let conversation = conversations::advance(tx, draft.conversation, 0).await?;
    if let Some(client_id) = &draft.client_id
        && let Some(written) = messages::by_client_id(tx, conversation.id, client_id).await?
    {
        return show::message(&written);
    }
    let mut notices = Notices::default();
    let message = append(tx, conversation, writer, draft, (kinds, &mut notices)).await?;
    drop_draft::run(tx, writer, draft).await?;
    notices.write(tx).await?;
    Ok(message)
}

/// Checks what is asked for, and looks up what it names.
pub(crate) async fn draft(
    context: &Context,
    tenant: TenantId,
    request: &SendMessageRequest,
) -> Result<Draft> {
    let attachments = attachments(context, tenant, request).await?;
    let place = request.location.as_ref();
    if place.is_some_and(|place| {
        !(-90.0..=90.0).contains(&place.latitude) || !(-180.0..=180.0).contains(&place.longitude)
    }) {
        return Err(Error::invalid_field(
            "location",
            "latitude goes from -90 to 90, longitude from -180 to 180",
        ));
    }
    together::products(request)?;
    let (words, rich) = rich_words::run(&request.text, request.rich.as_ref(), request.html.as_deref())?;
    let purpose = request.purpose.as_deref().map(set_message_purpose::purpose).transpose()?.flatten();
    let mut content = Content {
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
        products: request.products.clone().map(AsJson),
        mentions: mentions::read(context, tenant, request).await?,
        ..Content::default()
    };
    let (mut text, mut channel) = (words, None);
    if let Some(of) = &request.forward_of {
        together::forwardable(request)?;
        (text, content.rich) =
            forward_message::run(context, tenant, request.internal, (text, rich), of, &mut content).await?;
    } else {
        content.rich = rich.map(AsJson);
    }
    if let Some(values) = &request.template {
        let made = fill_template::run(context, tenant, request, values, &content).await?;
        (text, channel) = (made.text, Some(made.channel));
        content.buttons = made.buttons;
        content.template = Some(AsJson(made.filled));
    }
    content.purpose = purpose;
    let looks = content.rich.take();
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
    // words have a limit of their own
    content.rich = looks;
    Ok(Draft {
        conversation: lookup::conversation(&request.conversation_id)?,
        reply_to: reply_to(request.reply_to.as_deref())?,
        kind: together::kind(&content, &text)?,
        text,
        content,
        internal: request.internal,
        channel,
        client_id: request.client_id.clone().filter(|id| !id.is_empty()),
    })
}

/// Whether a message is one of this conversation.
pub(super) async fn answers_there(tx: &Tx, conversation: Uuid, reply_to: Uuid) -> Result<()> {
    let answered = messages::by_ids(tx, vec![reply_to]).await?.remove(&reply_to);
    if answered.is_some_and(|message| message.conversation_id == conversation) {
        return Ok(());
    }
    let words = "`reply_to` must be a message of this conversation";
    Err(Error::invalid("unknown_message", words).with_field("reply_to"))
}

/// What a request answers, by its id.
pub(super) fn reply_to(text: Option<&str>) -> Result<Option<Uuid>> {
    Ok(text.map(|text| id::parse::<id::Message>("reply_to", text)).transpose()?.map(|id| id.uuid()))
}

/// The files as `media` knows them; one of another tenant is as unknown as one that never was.
pub(super) async fn attachments(
    context: &Context,
    tenant: TenantId,
    request: &SendMessageRequest,
) -> Result<Vec<StoredAttachment>> {
    let ids: Vec<String> = request.attachments.iter().map(|file| file.id.clone()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if ids.len() > MAX_ATTACHMENTS {
        return Err(Error::invalid_field(
            "attachments",
            format!("a message carries at most {MAX_ATTACHMENTS} files"),
        ));
    }
    let request = DescribeFilesRequest { tenant_id: tenant.to_string(), ids: ids.clone() };
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

/// A file as a message carries it.
pub(super) fn stored(file: &File) -> Result<StoredAttachment> {
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

/// Writes the message down, and has it go when it is its turn. Whom it concerns is told when the notices are written.
pub(crate) async fn write(
    tx: &Tx,
    writer: &Writer,
    draft: &Draft,
    kinds: &Kinds,
    notices: &mut Notices,
) -> Result<Message> {
    let conversation = conversations::advance(tx, draft.conversation, 0).await?;
    append(tx, conversation, writer, draft, (kinds, notices)).await
}

async fn append(
    tx: &Tx,
    mut conversation: conversation::Model,
    writer: &Writer,
    draft: &Draft,
    (kinds, notices): (&Kinds, &mut Notices),
) -> Result<Message> {
    reply::not_merged(&conversation)?;
    conversation.last_seq += 1;
    let window =
        Window::for_writer(&conversation, kinds.get(&conversation.channel_kind), tx.now(), writer.kind);
    if !draft.internal
        && let Some(refusal) = reply::refusal(&conversation, &window, draft.content.template.is_some())
    {
        return Err(refusal);
    }
    if !draft.internal {
        reply::may_go(tx, &conversation).await?;
    }
    if draft.channel.is_some_and(|channel| channel != conversation.channel_id) {
        let words =
            "the conversation was moved to another channel just now; look which templates that one has";
        return Err(Error::conflict("conflict", words));
    }
    draft.answers_there(tx).await?;
    let mut message = row(tx, writer, draft, &conversation).await?;
    // What can go only until the window ends is worth nothing after; a template goes then, too.
    if draft.content.template.is_none()
        && let (Some(expires_at), Some(end)) = (message.expires_at, window.end())
    {
        message.expires_at = Some(expires_at.min(end));
    }
    messages::insert(tx, [&message]).await?;
    if writer.is_here() {
        notices.read(writer.user, conversation.id, message.seq);
    }
    let by = Actor { kind: writer.kind, id: writer.id(), name: message.author_name.clone() };
    notices.mentioned(&message, &by);
    conversation.last_message_id = Some(message.id);
    conversation.active_at = message.created_at;
    conversation.updated_at = message.created_at;
    events::message_created(tx, &message)?;
    if !draft.internal {
        // what is said by itself is no answer, and nobody has read anything
        if writer.kind != AuthorKind::System {
            conversation.waiting_since = None;
            conversation.read_seq = message.seq;
            conversation.unread_count = 0;
            threads::take(tx, &mut conversation).await?;
        }
        deliver::release_next(tx, &mut conversation, notices).await?;
    }
    conversations::save(tx, &conversation).await?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&conversation)).await?;
    events::conversation_updated(tx, &conversation, &surroundings)?;
    show::message(&message)
}

async fn row(
    tx: &Tx,
    writer: &Writer,
    draft: &Draft,
    conversation: &conversation::Model,
) -> Result<message::Model> {
    let by = Actor::of(tx, writer).await?;
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
        author_kind: by.kind.to_string(),
        author_id: by.id,
        author_name: by.name,
        kind: draft.kind.to_string(),
        text: draft.text.clone(),
        content: draft.content.clone(),
        reply_to: draft.reply_to,
        client_id: draft.client_id.clone(),
        external_id: None,
        state: state.to_string(),
        state_reason: None,
        attempt: 1,
        repeatable: false,
        due_at: None,
        expires_at: (!draft.internal).then(|| tx.now() + deliver::worth_sending(by.kind)),
        edited_at: None,
        deleted_at: None,
        created_at: tx.now(),
    })
}
