//! The Bot API's objects, as far as we use them. Unknown fields are many, and more come.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) is_bot: bool,
    #[serde(default)]
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) language_code: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) title: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) username: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
    pub(crate) from: Option<User>,
    pub(crate) sender_chat: Option<Chat>,
    pub(crate) author_signature: Option<String>,
    pub(crate) chat: Chat,
    pub(crate) date: i64,
    pub(crate) edit_date: Option<i64>,
    pub(crate) reply_to_message: Option<MessageRef>,
    pub(crate) migrate_to_chat_id: Option<i64>,
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) entities: Vec<Entity>,
    pub(crate) caption: Option<String>,
    #[serde(default)]
    pub(crate) caption_entities: Vec<Entity>,
    pub(crate) animation: Option<FileObject>,
    #[serde(default)]
    pub(crate) photo: Vec<FileObject>,
    pub(crate) live_photo: Option<FileObject>,
    pub(crate) video: Option<FileObject>,
    pub(crate) video_note: Option<FileObject>,
    pub(crate) voice: Option<FileObject>,
    pub(crate) audio: Option<FileObject>,
    pub(crate) sticker: Option<FileObject>,
    pub(crate) document: Option<FileObject>,
    pub(crate) venue: Option<Venue>,
    pub(crate) location: Option<Location>,
    pub(crate) contact: Option<Contact>,
    pub(crate) dice: Option<Dice>,
    pub(crate) web_app_data: Option<WebAppData>,
}

#[derive(Deserialize)]
pub(crate) struct MessageRef {
    pub(crate) message_id: i64,
    pub(crate) chat: Option<ChatRef>,
}

#[derive(Deserialize)]
pub(crate) struct ChatRef {
    pub(crate) id: i64,
}

/// Offsets and lengths count UTF-16 code units.
#[derive(Deserialize)]
pub(crate) struct Entity {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) url: Option<String>,
}

/// Any of the file objects; each has some of these.
#[derive(Deserialize)]
pub(crate) struct FileObject {
    pub(crate) file_id: String,
    #[serde(default)]
    pub(crate) file_unique_id: String,
    pub(crate) file_size: Option<u64>,
    pub(crate) file_name: Option<String>,
    pub(crate) mime_type: Option<String>,
    pub(crate) performer: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) emoji: Option<String>,
    #[serde(default)]
    pub(crate) is_animated: bool,
    #[serde(default)]
    pub(crate) is_video: bool,
    pub(crate) file_path: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Location {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

#[derive(Deserialize)]
pub(crate) struct Venue {
    pub(crate) location: Location,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) address: String,
}

#[derive(Deserialize)]
pub(crate) struct Contact {
    pub(crate) phone_number: String,
    #[serde(default)]
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Dice {
    pub(crate) emoji: String,
    pub(crate) value: i64,
}

#[derive(Deserialize)]
pub(crate) struct WebAppData {
    pub(crate) data: String,
    pub(crate) button_text: String,
}

#[derive(Deserialize)]
pub(crate) struct CallbackQuery {
    pub(crate) id: String,
    pub(crate) from: User,
    pub(crate) message: Option<CallbackMessage>,
    pub(crate) data: Option<String>,
}

/// May be inaccessible: then it has only its id and chat.
#[derive(Deserialize)]
pub(crate) struct CallbackMessage {
    pub(crate) message_id: i64,
    pub(crate) chat: Chat,
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
    pub(crate) reply_markup: Option<Keyboard>,
}

#[derive(Deserialize)]
pub(crate) struct Keyboard {
    #[serde(default)]
    pub(crate) inline_keyboard: Vec<Vec<Button>>,
}

#[derive(Deserialize)]
pub(crate) struct Button {
    #[serde(default)]
    pub(crate) text: String,
    pub(crate) callback_data: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct MessageReaction {
    pub(crate) chat: Chat,
    pub(crate) message_id: i64,
    pub(crate) user: Option<User>,
    pub(crate) actor_chat: Option<Chat>,
    pub(crate) date: i64,
    pub(crate) old_reaction: Vec<ReactionType>,
    pub(crate) new_reaction: Vec<ReactionType>,
}

#[derive(Deserialize)]
pub(crate) struct ReactionType {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) emoji: Option<String>,
    pub(crate) custom_emoji_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ChatMemberUpdated {
    pub(crate) chat: Chat,
    pub(crate) from: User,
    pub(crate) date: i64,
    pub(crate) new_chat_member: ChatMember,
}

#[derive(Deserialize)]
pub(crate) struct ChatMember {
    pub(crate) status: String,
    pub(crate) can_send_messages: Option<bool>,
}

/// What every method answers.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    pub(crate) ok: bool,
    pub(crate) result: Option<Value>,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) parameters: Parameters,
}

#[derive(Default, Deserialize)]
pub(crate) struct Parameters {
    pub(crate) retry_after: Option<u64>,
    pub(crate) migrate_to_chat_id: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) message_id: i64,
    pub(crate) chat: ChatRef,
}
