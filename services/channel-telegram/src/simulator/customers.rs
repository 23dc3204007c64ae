use bytes::Bytes;
use serde_json::{Map, Value, json};
use weft_domain::Error;

use super::{Content, FileContent, Simulator, chat::Chat, files::Files, state::State};

const PHOTO: &[u8] = include_bytes!("samples/photo.jpg");
const DOCUMENT: &[u8] = include_bytes!("samples/document.pdf");
const VOICE: &[u8] = include_bytes!("samples/voice.ogg");

impl Simulator {
    /// Adds a customer, or gives one another name.
    pub fn add_customer(&self, chat_id: i64, first_name: &str, language: &str) {
        self.world.change(|state| state.chats.insert(chat_id, Chat::private(chat_id, first_name, language)));
    }

    /// Adds a group with the bot in it; its id is negative.
    pub fn add_group(&self, chat_id: i64, title: &str) {
        self.world.change(|state| state.chats.insert(chat_id, Chat::group(chat_id, title)));
    }

    /// Lets a customer do something; an unknown chat is made. Gives the number of the message, if it is one.
    pub fn customer_says(&self, chat_id: i64, content: Content) -> Result<i64, Error> {
        self.member_says(chat_id, chat_id.abs(), content)
    }

    /// The same for a member of a group.
    pub fn member_says(&self, chat_id: i64, user_id: i64, content: Content) -> Result<i64, Error> {
        let (now, bot) = (self.now(), self.settings.bot());
        self.world.change(|state| {
            state.chats.entry(chat_id).or_insert_with(|| unnamed(chat_id));
            Saying { state, chat_id, user_id, now, bot }.say(content)
        })
    }

    /// Makes a supergroup of a group; calls with the old id are refused from now on.
    pub fn upgrade_group(&self, chat_id: i64) -> Result<i64, Error> {
        let new_id = -1_000_000_000_000 - chat_id.abs();
        self.member_says(chat_id, 1_000_000_001, Content::Raw(json!({"migrate_to_chat_id": new_id})))?;
        self.world.change(|state| {
            let Some(old) = state.chats.get_mut(&chat_id) else { return };
            old.moved_to = Some(new_id);
            let title = old.shown.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
            state.chats.insert(new_id, Chat::group(new_id, &title));
        });
        self.member_says(new_id, 1_000_000_001, Content::Raw(json!({"migrate_from_chat_id": chat_id})))?;
        Ok(new_id)
    }
}

fn unnamed(chat_id: i64) -> Chat {
    if chat_id < 0 { Chat::group(chat_id, "Group") } else { Chat::private(chat_id, "Customer", "en") }
}

/// One act of a customer.
struct Saying<'a> {
    state: &'a mut State,
    chat_id: i64,
    user_id: i64,
    now: i64,
    bot: Value,
}

impl Saying<'_> {
    fn say(&mut self, content: Content) -> Result<i64, Error> {
        let fields = match content {
            Content::Text(text) => json!({"text": text}),
            Content::Start(payload) => json!({"text": format!("/start {payload}").trim_end()}),
            Content::Reply { to, text } => {
                let answered = self.message(to)?;
                json!({"text": text, "reply_to_message": answered})
            }
            Content::Photo(file) => self.photo(&file),
            Content::Document(file) => self.file("document", "pdf", DOCUMENT, "application/pdf", file),
            Content::Voice(file) => self.file("voice", "oga", VOICE, "audio/ogg", file),
            Content::Location { latitude, longitude } => {
                json!({"location": {"latitude": latitude, "longitude": longitude}})
            }
            Content::Contact { phone, name } => {
                json!({"contact": {"phone_number": phone, "first_name": name}})
            }
            Content::Raw(fields) => fields,
            Content::Edit { message_id, text } => return self.edit(message_id, &text),
            Content::Callback { message_id, data } => return self.callback(message_id, &data),
            Content::Reaction { message_id, emoji } => return Ok(self.react(message_id, emoji)),
            Content::Block => return Ok(self.set_closed(true)),
            Content::Unblock => return Ok(self.set_closed(false)),
        };
        Ok(self.message_with(fields))
    }

    fn message_with(&mut self, content: Value) -> i64 {
        let (from, now, chat_id) = (self.from(), self.now, self.chat_id);
        let chat = self.chat();
        let id = chat.next_message_id();
        let mut fields = Map::new();
        fields.insert("message_id".to_owned(), id.into());
        fields.insert("from".to_owned(), from);
        fields.insert("chat".to_owned(), chat.shown.clone());
        fields.insert("date".to_owned(), now.into());
        if let Value::Object(content) = content {
            fields.extend(content);
        }
        let message = Value::Object(fields);
        chat.remember(id, message.clone());
        self.state.updates.push(chat_id, "message", message);
        id
    }

    fn photo(&mut self, content: &FileContent) -> Value {
        let bytes = content.bytes.clone().unwrap_or_else(|| Bytes::from_static(PHOTO));
        let small = file_object(&mut self.state.files, "photos", "jpg", bytes.clone());
        let large = file_object(&mut self.state.files, "photos", "jpg", bytes);
        with_caption(json!({"photo": [small, large]}), &content.caption)
    }

    fn file(
        &mut self,
        kind: &str,
        extension: &str,
        sample: &'static [u8],
        mime: &str,
        content: FileContent,
    ) -> Value {
        let bytes = content.bytes.unwrap_or_else(|| Bytes::from_static(sample));
        let mut object = file_object(&mut self.state.files, &format!("{kind}s"), extension, bytes);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("mime_type".to_owned(), content.mime.as_deref().unwrap_or(mime).into());
            if kind == "document" {
                let name = content.name.unwrap_or_else(|| "invoice-1042.pdf".to_owned());
                fields.insert("file_name".to_owned(), name.into());
            } else {
                fields.insert("duration".to_owned(), 1.into());
            }
        }
        let mut fields = Map::new();
        fields.insert(kind.to_owned(), object);
        with_caption(Value::Object(fields), &content.caption)
    }

    fn edit(&mut self, message_id: i64, text: &str) -> Result<i64, Error> {
        let mut message = self.message(message_id)?;
        if let Some(fields) = message.as_object_mut() {
            fields.insert("edit_date".to_owned(), self.now.into());
            fields.insert("text".to_owned(), text.into());
        }
        self.chat().remember(message_id, message.clone());
        self.state.updates.push(self.chat_id, "edited_message", message);
        Ok(message_id)
    }

    fn callback(&mut self, message_id: i64, data: &str) -> Result<i64, Error> {
        let message = self.message(message_id)?;
        let rows = message.pointer("/reply_markup/inline_keyboard").and_then(Value::as_array);
        let mut buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        if !buttons.any(|button| button.get("callback_data").and_then(Value::as_str) == Some(data)) {
            return Err(Error::invalid("no_such_button", "the message has no such button"));
        }
        self.state.callbacks += 1;
        let id = 4_382_000_000_000_000_000 + self.state.callbacks;
        let query = json!({
            "id": id.to_string(),
            "from": self.from(),
            "message": message,
            "chat_instance": "-1234567890123456789",
            "data": data,
        });
        self.state.updates.push(self.chat_id, "callback_query", query);
        Ok(message_id)
    }

    fn react(&mut self, message_id: i64, emoji: Option<String>) -> i64 {
        let (user, now) = (self.from(), self.now);
        let reactions = |emoji: &Option<String>| -> Vec<Value> {
            emoji.iter().map(|emoji| json!({"type": "emoji", "emoji": emoji})).collect()
        };
        let new = reactions(&emoji);
        let chat = self.chat();
        let old = chat.react(message_id, emoji);
        let update = json!({
            "chat": chat.shown,
            "message_id": message_id,
            "user": user,
            "date": now,
            "old_reaction": reactions(&old),
            "new_reaction": new,
        });
        self.state.updates.push(self.chat_id, "message_reaction", update);
        message_id
    }

    fn set_closed(&mut self, closed: bool) -> i64 {
        let (from, now, bot) = (self.from(), self.now, self.bot.clone());
        let chat = self.chat();
        chat.closed = closed;
        let (old, new) = if closed { ("member", "kicked") } else { ("kicked", "member") };
        let member = |status: &str| json!({"user": bot, "status": status});
        let update = json!({
            "chat": chat.shown,
            "from": from,
            "date": now,
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        });
        self.state.updates.push(self.chat_id, "my_chat_member", update);
        0
    }

    fn message(&mut self, id: i64) -> Result<Value, Error> {
        self.chat().message(id).cloned().ok_or_else(|| Error::not_found("message"))
    }

    fn from(&mut self) -> Value {
        let user_id = self.user_id;
        let chat = self.chat();
        if chat.is_private() {
            return chat.customer.clone();
        }
        json!({"id": user_id, "is_bot": false, "first_name": format!("Member {}", user_id % 1000)})
    }

    fn chat(&mut self) -> &mut Chat {
        let id = self.chat_id;
        self.state.chats.entry(id).or_insert_with(|| unnamed(id))
    }
}

fn file_object(files: &mut Files, folder: &str, extension: &str, bytes: Bytes) -> Value {
    let size = bytes.len();
    let file = files.store(folder, extension, bytes);
    json!({"file_id": file.id, "file_unique_id": file.unique_id, "file_size": size})
}

fn with_caption(mut content: Value, caption: &str) -> Value {
    if let (false, Some(fields)) = (caption.is_empty(), content.as_object_mut()) {
        fields.insert("caption".to_owned(), caption.into());
    }
    content
}
