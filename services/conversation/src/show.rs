//! Rows as the API shows them.

use std::collections::HashMap;

use uuid::Uuid;
use weft_domain::{
    Error, Result,
    conversation::{AuthorKind, Direction, Kind, Mark, Priority, Purpose, Status},
    delivery::State,
    id,
};
use weft_proto::{
    conversation::v1::{
        self as api, attachment, author, content, conversation as conversation_api, message as message_api,
    },
    convert::timestamp,
    struct_json,
};
use weft_store::Tx;

mod at_hand;
mod concerns;
mod merges;
mod of_contacts;
mod organised;
mod regroupings;
mod settings;
mod written;

pub(crate) use at_hand::{canned_reply, saved_macro};
pub(crate) use concerns::{holder, notification, reader};
pub(crate) use merges::{merge, merges, suggestions};
pub(crate) use of_contacts::{
    contact_export, contact_import, contact_import_error, contact_note, conversation_changed, export_id,
    import_id,
};
pub(crate) use organised::{bulk_action, bulk_action_id, bulk_action_item, custom_field, tag, view, view_id};
pub(crate) use regroupings::{regrouping, regroupings};
pub(crate) use settings::{contact_settings, silence_settings};
pub(crate) use written::{ScheduledState, draft, empty_draft, scheduled};

use crate::store::{
    contacts,
    content::{
        Content, StoredAttachment, StoredButton, StoredCall, StoredCard, StoredCopy, StoredLocation,
        StoredReaction, StoredTranscript,
    },
    entity::{contact, contact_identity, conversation, conversation_mark, message},
    marks, messages, people,
};

/// A message.
pub(crate) fn message(row: &message::Model) -> Result<api::Message> {
    let direction: Direction = stored(&row.direction)?;
    let kind: Kind = stored(&row.kind)?;
    let state: State = stored(&row.state)?;
    let author_kind: AuthorKind = stored(&row.author_kind)?;
    Ok(api::Message {
        id: message_id(row.id),
        conversation_id: conversation_id(row.conversation_id),
        seq: positive(row.seq),
        direction: message_api::Direction::from(direction).into(),
        author: Some(author(author_kind, row.author_id, &row.author_name)),
        kind: content::Kind::from(kind).into(),
        text: row.text.clone(),
        attachments: row.content.attachments.iter().map(attachment).collect(),
        location: row.content.location.as_ref().map(location),
        contact_card: row.content.contact_card.as_ref().map(card),
        reply_to: row.reply_to.map(message_id),
        buttons: row.content.buttons.iter().map(button).collect(),
        state: message_api::State::from(state).into(),
        state_reason: row.state_reason.clone(),
        provider_message_id: row.external_id.clone(),
        edited_at: row.edited_at.map(timestamp),
        deleted_at: row.deleted_at.map(timestamp),
        created_at: Some(timestamp(row.created_at)),
        preview: None,
        channel_id: channel_id(row.channel_id),
        call: row.content.call.as_ref().map(call),
        template: row.content.template.as_ref().and_then(|template| template.0.values.clone()),
        products: row.content.products.as_ref().map(|products| products.0.clone()),
        order: row.content.order.as_ref().map(|order| order.0.clone()),
        reactions: row.content.reactions.iter().map(reaction).collect::<Result<_>>()?,
        contact_copy: row.content.copy.as_ref().map(contact_copy),
        client_id: row.client_id.clone(),
        forward_of: row.content.forward_of.map(message_id),
        mentions: row.content.mentions.iter().copied().map(user_id).collect(),
        purpose: purpose(&row.content)?.into(),
        rich: row.content.rich.as_ref().map(|rich| rich.0.clone()),
    })
}

/// What a message is for.
fn purpose(content: &Content) -> Result<message_api::Purpose> {
    let purpose: Option<Purpose> = content.purpose.as_deref().map(stored).transpose()?;
    Ok(purpose.unwrap_or_default().into())
}

/// An author by kind, id and name.
fn author(kind: AuthorKind, id: Option<Uuid>, name: &str) -> api::Author {
    let shown = id.map(|uuid| match kind {
        AuthorKind::Contact => contact_id(uuid),
        _ => id::from_uuid::<id::User>(uuid).to_string(),
    });
    api::Author {
        kind: author::Kind::from(kind).into(),
        id: shown.unwrap_or_default(),
        name: name.to_owned(),
    }
}

/// A reaction.
pub(crate) fn reaction(stored_one: &StoredReaction) -> Result<api::Reaction> {
    let kind: AuthorKind = stored(&stored_one.author_kind)?;
    Ok(api::Reaction {
        author: Some(author(kind, stored_one.author_id, &stored_one.author_name)),
        emoji: stored_one.emoji.clone(),
        created_at: Some(timestamp(stored_one.at)),
        contact_copy: stored_one.copy.as_ref().map(contact_copy),
    })
}

/// What the contact sees of a change.
fn contact_copy(stored: &StoredCopy) -> api::ContactCopy {
    let state = api::contact_copy::State::from_str_name(&stored.state).unwrap_or_default();
    api::ContactCopy { state: state.into(), reason: stored.reason.clone() }
}

/// A file of a message.
pub(crate) fn attachment(stored: &StoredAttachment) -> api::Attachment {
    let state = match (&stored.file, stored.unavailable.is_empty()) {
        (Some(_), _) => attachment::State::Available,
        (None, true) => attachment::State::Pending,
        (None, false) => attachment::State::Unavailable,
    };
    api::Attachment {
        id: stored.file.map(|file| id::from_uuid::<id::File>(file).to_string()).unwrap_or_default(),
        kind: attachment::Kind::from_str_name(&stored.kind).unwrap_or(attachment::Kind::File).into(),
        name: stored.name.clone(),
        mime: stored.mime.clone(),
        size: stored.size,
        state: state.into(),
        detail: stored.unavailable.clone(),
        transcript: stored.transcript.as_ref().map(transcript),
    }
}

/// A call.
fn call(stored: &StoredCall) -> api::Call {
    let state = api::call::State::from_str_name(&stored.state).unwrap_or_default();
    let outcome = api::call::Outcome::from_str_name(&stored.outcome).unwrap_or_default();
    let has_ended = state == api::call::State::Ended;
    api::Call {
        state: state.into(),
        outcome: if has_ended { outcome } else { api::call::Outcome::Unspecified }.into(),
        seconds: stored.seconds,
        choices: stored.choices.clone(),
    }
}

/// What is said in a file.
fn transcript(stored: &StoredTranscript) -> api::Transcript {
    api::Transcript {
        text: stored.text.clone(),
        language: stored.language.clone(),
        confidence: stored.confidence,
    }
}

/// A place.
pub(crate) fn location(stored: &StoredLocation) -> api::Location {
    api::Location {
        latitude: stored.latitude,
        longitude: stored.longitude,
        title: stored.title.clone(),
        address: stored.address.clone(),
    }
}

/// A contact card.
pub(crate) fn card(stored: &StoredCard) -> api::ContactCard {
    api::ContactCard {
        name: stored.name.clone(),
        phones: stored.phones.clone(),
        emails: stored.emails.clone(),
    }
}

/// An answer to choose.
pub(crate) fn button(stored: &StoredButton) -> api::Button {
    api::Button { title: stored.title.clone(), payload: stored.payload.clone(), url: stored.url.clone() }
}

/// A contact with its identities.
pub(crate) fn contact(row: &contact::Model, identities: &[contact_identity::Model]) -> api::Contact {
    let mine = identities.iter().filter(|identity| identity.contact_id == row.id);
    api::Contact {
        id: contact_id(row.id),
        name: row.name.clone(),
        email: row.email.clone(),
        phone: row.phone.clone(),
        language: row.language.clone(),
        identities: mine
            .map(|identity| api::contact::Identity {
                channel_id: channel_id(identity.channel_id),
                channel_kind: identity.channel_kind.clone(),
                external_id: identity.external_id.clone(),
                username: identity.username.clone(),
                reachable: identity.reachable,
                address: identity.address.clone(),
            })
            .collect(),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
        merged_into: row.merged_into.map(contact_id),
        fields: Some(struct_json::from_json(&row.fields.0)),
        tags: row.tags.0.clone(),
        blocked_at: row.blocked_at.map(timestamp),
    }
}

/// What conversations need besides their own rows.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    contacts: HashMap<Uuid, contact::Model>,
    channels: HashMap<Uuid, String>,
    last_messages: HashMap<Uuid, message::Model>,
}

impl Surroundings {
    /// Loads what these conversations need, in three queries however many they are.
    pub(crate) async fn load(tx: &Tx, rows: &[conversation::Model]) -> Result<Self> {
        Self::default().completed(tx, rows).await
    }

    /// What is at hand; only the rest is loaded.
    pub(crate) fn known(
        contacts: HashMap<Uuid, contact::Model>,
        last_messages: HashMap<Uuid, message::Model>,
    ) -> Self {
        Self { contacts, channels: HashMap::new(), last_messages }
    }

    /// Loads what is missing for these conversations.
    pub(crate) async fn completed(mut self, tx: &Tx, rows: &[conversation::Model]) -> Result<Self> {
        let contacts = rows.iter().map(|row| row.contact_id).filter(|id| !self.contacts.contains_key(id));
        let contacts = contacts::by_ids(tx, contacts.collect()).await?;
        let messages = rows.iter().filter_map(|row| row.last_message_id);
        let messages = messages.filter(|id| !self.last_messages.contains_key(id));
        let messages = messages::by_ids(tx, messages.collect()).await?;
        self.channels = people::channel_names(tx, rows.iter().map(|row| row.channel_id).collect()).await?;
        self.contacts.extend(contacts);
        self.last_messages.extend(messages);
        Ok(self)
    }

    /// A conversation.
    pub(crate) fn conversation(&self, row: &conversation::Model) -> Result<api::Conversation> {
        let status: Status = stored(&row.status)?;
        let priority: Priority = stored(&row.priority)?;
        let last_message =
            row.last_message_id.and_then(|id| self.last_messages.get(&id)).map(message).transpose()?;
        let contact_name = self.contacts.get(&row.contact_id).map(|contact| contact.name.clone());
        let channel_name = self.channels.get(&row.channel_id).cloned();
        Ok(api::Conversation {
            id: conversation_id(row.id),
            contact: Some(conversation_api::Party {
                id: contact_id(row.contact_id),
                name: contact_name.unwrap_or_default(),
            }),
            channel: Some(conversation_api::Via {
                id: channel_id(row.channel_id),
                kind: row.channel_kind.clone(),
                name: channel_name.unwrap_or_else(|| row.channel_kind.clone()),
            }),
            status: conversation_api::Status::from(status).into(),
            priority: conversation_api::Priority::from(priority).into(),
            assignee: row.assignee.map(user_id),
            team: row.team.map(team_id),
            unread_count: u32::try_from(row.unread_count).unwrap_or_default(),
            last_message,
            last_seq: positive(row.last_seq),
            waiting_since: row.waiting_since.map(timestamp),
            created_at: Some(timestamp(row.created_at)),
            updated_at: Some(timestamp(row.updated_at)),
            title: row.title.clone().unwrap_or_default(),
            contact_wrote_at: row.contact_wrote_at.map(timestamp),
            reply: None,
            snoozed_until: row.snoozed_until.map(timestamp),
            tags: row.tags.0.clone(),
            archived_at: row.archived_at.map(timestamp),
            fields: Some(struct_json::from_json(&row.fields.0)),
            marks: Vec::new(),
            merged_into: row.merged_into.map(conversation_id),
            detached: status.is_live() && !row.holds_thread,
        })
    }
}

/// A conversation as somebody asks for it: with their own marks.
pub(crate) async fn conversation_for(
    tx: &Tx,
    row: &conversation::Model,
    user: Uuid,
) -> Result<api::Conversation> {
    let mut shown = conversation(tx, row).await?;
    let mut theirs = marks::of_user(tx, user, vec![row.id]).await?;
    shown.marks = marks_of(&theirs.remove(&row.id).unwrap_or_default())?;
    Ok(shown)
}

/// Somebody's marks on one conversation.
pub(crate) fn marks_of(rows: &[conversation_mark::Model]) -> Result<Vec<i32>> {
    let mut marks = rows.iter().map(|row| stored(&row.mark)).collect::<Result<Vec<Mark>>>()?;
    marks.sort_unstable();
    Ok(marks.into_iter().map(|mark| conversation_api::Mark::from(mark).into()).collect())
}

/// One conversation with all it needs.
pub(crate) async fn conversation(tx: &Tx, row: &conversation::Model) -> Result<api::Conversation> {
    Surroundings::load(tx, std::slice::from_ref(row)).await?.conversation(row)
}

/// A message's id as shown.
pub(crate) fn message_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Message>(uuid).to_string()
}

/// A conversation's id as shown.
pub(crate) fn conversation_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Conversation>(uuid).to_string()
}

/// A channel's id as shown.
pub(crate) fn channel_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Channel>(uuid).to_string()
}

/// A merge's id as shown.
pub(crate) fn merge_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Merge>(uuid).to_string()
}

/// The id of a merge or split of conversations as shown.
pub(crate) fn regrouping_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Regrouping>(uuid).to_string()
}

/// A merge suggestion's id as shown.
pub(crate) fn suggestion_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Suggestion>(uuid).to_string()
}

/// A scheduled message's id as shown.
pub(crate) fn scheduled_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Scheduled>(uuid).to_string()
}

/// A user's id as shown.
pub(crate) fn user_id(uuid: Uuid) -> String {
    id::from_uuid::<id::User>(uuid).to_string()
}

/// A team's id as shown.
pub(crate) fn team_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Team>(uuid).to_string()
}

/// A contact's id as shown.
pub(crate) fn contact_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Contact>(uuid).to_string()
}

/// Reads a word that we wrote ourselves.
pub(crate) fn stored<T: std::str::FromStr>(word: &str) -> Result<T> {
    word.parse().map_err(|_| Error::internal(format!("the database holds an unknown word: {word}")))
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
