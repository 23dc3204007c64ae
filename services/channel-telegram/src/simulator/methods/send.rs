use serde_json::{Map, Value, json};
use url::Url;

use super::{Answer, Parameters, Refusal, Simulator, chat_of, entities::words};
use crate::simulator::{Sent, SentFile, chat::Chat, sent::forget_old_files};

/// What a method sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A file in this parameter, of at most so many bytes.
    File(&'static str, usize),
    Location,
    Venue,
    Contact,
}

const MB: usize = 1_000_000;

/// The methods that send.
pub(super) const SENDS: [(&str, Kind); 12] = [
    ("sendMessage", Kind::Text),
    ("sendPhoto", Kind::File("photo", 10 * MB)),
    ("sendDocument", Kind::File("document", 50 * MB)),
    ("sendVoice", Kind::File("voice", 50 * MB)),
    ("sendAudio", Kind::File("audio", 50 * MB)),
    ("sendVideo", Kind::File("video", 50 * MB)),
    ("sendAnimation", Kind::File("animation", 50 * MB)),
    ("sendSticker", Kind::File("sticker", 50 * MB)),
    ("sendVideoNote", Kind::File("video_note", 50 * MB)),
    ("sendLocation", Kind::Location),
    ("sendVenue", Kind::Venue),
    ("sendContact", Kind::Contact),
];

const MAX_TEXT: usize = 4096;
const MAX_CAPTION: usize = 1024;
const MAX_CALLBACK_DATA: usize = 64;

/// Sends, or refuses what the real one refuses.
pub(super) fn send(simulator: &Simulator, method: &str, kind: Kind, mut parameters: Parameters) -> Answer {
    let markup = parameters.object("reply_markup")?;
    check_buttons(markup.as_ref())?;
    let reply = parameters.object("reply_parameters")?;
    let (now, bot) = (simulator.now(), simulator.settings.bot());
    simulator.world.change(|state| {
        chat_of(state, &parameters)?;
        let file = match kind {
            Kind::File(name, max) => Some(uploaded(&mut parameters, name, max)?),
            _ => None,
        };
        let content = match (&file, kind) {
            (Some(file), Kind::File(name, _)) => {
                let stored = state.files.store(name, "bin", file.bytes.clone());
                let object = json!({
                    "file_id": stored.id,
                    "file_unique_id": stored.unique_id,
                    "file_size": file.size,
                    "file_name": file.name,
                    "mime_type": file.mime,
                });
                let value = if name == "photo" { json!([object]) } else { object };
                captioned(name, value, &parameters)?
            }
            _ => plain(kind, &parameters)?,
        };
        let chat = chat_of(state, &parameters)?;
        check_reply(chat, reply.as_ref())?;
        let id = chat.next_message_id();
        let mut fields = Map::new();
        fields.insert("message_id".to_owned(), id.into());
        fields.insert("from".to_owned(), bot);
        fields.insert("chat".to_owned(), chat.shown.clone());
        fields.insert("date".to_owned(), now.into());
        let topic = parameters.integer("message_thread_id");
        fields.extend(topic.map(|topic| ("message_thread_id".to_owned(), topic.into())));
        fields.extend(content);
        fields.extend(markup.map(|markup| ("reply_markup".to_owned(), markup)));
        let message = Value::Object(fields);
        chat.remember(id, message.clone());
        let chat_id = chat.id;
        let text = parameters.text("text").or_else(|| parameters.text("caption")).unwrap_or_default();
        let parameters = Value::Object(std::mem::take(&mut parameters.values));
        state.sent.push(Sent {
            method: method.to_owned(),
            chat_id,
            message_id: id,
            text,
            parameters,
            file,
            edited: false,
            deleted: false,
            reaction: None,
        });
        forget_old_files(&mut state.sent);
        Ok(message)
    })
}

fn uploaded(parameters: &mut Parameters, name: &str, max: usize) -> Result<SentFile, Refusal> {
    let Some(file) = parameters.files.remove(name) else {
        let what = match parameters.text(name) {
            None => format!("there is no {name} in the request"),
            Some(_) => "wrong file identifier/HTTP URL specified".to_owned(),
        };
        return Err(Refusal::bad_request(&what));
    };
    if file.bytes.is_empty() {
        return Err(Refusal::bad_request("file must be non-empty"));
    }
    if file.size > max {
        return Err(Refusal::too_large());
    }
    Ok(file)
}

fn captioned(name: &str, file: Value, parameters: &Parameters) -> Result<Map<String, Value>, Refusal> {
    let mut content = Map::new();
    content.insert(name.to_owned(), file);
    let caption = caption(parameters)?;
    if !caption.is_empty() {
        content.insert("caption".to_owned(), caption.into());
    }
    Ok(content)
}

/// The words under a file, if they are not too long.
pub(super) fn caption(parameters: &Parameters) -> Result<String, Refusal> {
    let caption = words(parameters, "caption")?;
    if caption.chars().count() > MAX_CAPTION {
        return Err(Refusal::bad_request("message caption is too long"));
    }
    Ok(caption)
}

fn plain(kind: Kind, parameters: &Parameters) -> Result<Map<String, Value>, Refusal> {
    let needed = |name: &str| {
        let given = parameters.text(name).filter(|text| !text.is_empty());
        given.ok_or_else(|| Refusal::bad_request(&format!("parameter \"{name}\" is required")))
    };
    let place = || match (parameters.number("latitude"), parameters.number("longitude")) {
        (Some(latitude), Some(longitude)) => Ok(json!({"latitude": latitude, "longitude": longitude})),
        _ => Err(Refusal::bad_request("latitude and longitude are required")),
    };
    let content = match kind {
        Kind::Text => json!({"text": text(parameters)?}),
        Kind::Location => json!({"location": place()?}),
        Kind::Venue => {
            let (title, address) = (needed("title")?, needed("address")?);
            json!({"venue": {"location": place()?, "title": title, "address": address}, "location": place()?})
        }
        Kind::Contact => {
            let (phone, name) = (needed("phone_number")?, needed("first_name")?);
            json!({"contact": {"phone_number": phone, "first_name": name}})
        }
        Kind::File(..) => Value::Null,
    };
    Ok(content.as_object().cloned().unwrap_or_default())
}

/// The words of a message, if they can be sent.
pub(super) fn text(parameters: &Parameters) -> Result<String, Refusal> {
    let text = words(parameters, "text")?;
    if text.trim().is_empty() {
        return Err(Refusal::bad_request("message text is empty"));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(Refusal::bad_request("message is too long"));
    }
    Ok(text)
}

fn check_reply(chat: &Chat, reply: Option<&Value>) -> Result<(), Refusal> {
    let Some(reply) = reply else { return Ok(()) };
    let id = reply.get("message_id").and_then(Value::as_i64).unwrap_or_default();
    let lenient = reply.get("allow_sending_without_reply").and_then(Value::as_bool).unwrap_or_default();
    if lenient || chat.message(id).is_some() {
        return Ok(());
    }
    Err(Refusal::bad_request("message to be replied not found"))
}

/// Refuses buttons that cannot be shown.
pub(super) fn check_buttons(markup: Option<&Value>) -> Result<(), Refusal> {
    let rows = markup.and_then(|markup| markup.get("inline_keyboard")).and_then(Value::as_array);
    for button in rows.into_iter().flatten().filter_map(Value::as_array).flatten() {
        let field = |name: &str| button.get(name).and_then(Value::as_str);
        if field("text").is_none_or(str::is_empty) {
            return Err(Refusal::bad_request(
                "can't parse inline keyboard button: Text buttons are unallowed",
            ));
        }
        if let Some(url) = field("url")
            && !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "tg"))
        {
            let what = format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL");
            return Err(Refusal::bad_request(&what));
        }
        if field("callback_data").is_some_and(|data| data.is_empty() || data.len() > MAX_CALLBACK_DATA) {
            return Err(Refusal::bad_request("BUTTON_DATA_INVALID"));
        }
    }
    Ok(())
}
