use serde_json::Value;

use super::{
    Answer, Parameters, Refusal, Simulator, chat_of,
    send::{caption, check_buttons, text},
};

/// The files that words may stand under.
const CAPTIONED: [&str; 6] = ["animation", "audio", "document", "photo", "video", "voice"];

/// Older messages stay.
const DELETED_WITHIN: i64 = 48 * 60 * 60;

/// Changes the words of a message of the bot.
pub(super) fn edit_text(simulator: &Simulator, parameters: &Parameters) -> Answer {
    edit(simulator, parameters, "text", text(parameters)?)
}

/// Changes the words under a file of the bot.
pub(super) fn edit_caption(simulator: &Simulator, parameters: &Parameters) -> Answer {
    edit(simulator, parameters, "caption", caption(parameters)?)
}

fn edit(simulator: &Simulator, parameters: &Parameters, field: &str, words: String) -> Answer {
    let id = parameters.integer("message_id").unwrap_or_default();
    let markup = keyboard(parameters)?;
    let (now, bot) = (simulator.now(), simulator.settings.bot());
    simulator.world.change(|state| {
        let chat = chat_of(state, parameters)?;
        let missing = || Refusal::bad_request("message to edit not found");
        let mut message = chat.message(id).cloned().ok_or_else(missing)?;
        let fields = message.as_object_mut().ok_or_else(missing)?;
        if fields.get("from") != Some(&bot) {
            return Err(Refusal::bad_request("message can't be edited"));
        }
        let has_words = match field {
            "caption" => CAPTIONED.iter().any(|kind| fields.contains_key(*kind)),
            _ => fields.contains_key(field),
        };
        if !has_words {
            return Err(Refusal::bad_request(&format!("there is no {field} in the message to edit")));
        }
        let same = fields.get(field).and_then(Value::as_str).unwrap_or_default() == words;
        if same && fields.get("reply_markup") == markup.as_ref() {
            let why = "message is not modified: specified new message content and reply markup are exactly the \
                       same as a current content and reply markup of the message";
            return Err(Refusal::bad_request(why));
        }
        fields.insert(field.to_owned(), words.clone().into());
        fields.insert("edit_date".to_owned(), now.into());
        fields.remove("reply_markup");
        fields.extend(markup.map(|markup| ("reply_markup".to_owned(), markup)));
        chat.remember(id, message.clone());
        let chat_id = chat.id;
        if let Some(sent) = state.sent_message(chat_id, id) {
            (sent.text, sent.edited) = (words, true);
        }
        Ok(message)
    })
}

/// What is left out is taken away, as is a keyboard without buttons.
fn keyboard(parameters: &Parameters) -> Result<Option<Value>, Refusal> {
    let Some(markup) = parameters.object("reply_markup")? else { return Ok(None) };
    check_buttons(Some(&markup))?;
    let rows = markup.get("inline_keyboard").and_then(Value::as_array);
    let rows = rows.ok_or_else(|| Refusal::bad_request("inline keyboard expected"))?;
    Ok((!rows.is_empty()).then_some(markup))
}

/// Removes a message, whoever wrote it.
pub(super) fn delete(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let id = parameters.integer("message_id").unwrap_or_default();
    let now = simulator.now();
    simulator.world.change(|state| {
        let chat = chat_of(state, parameters)?;
        let message = chat.message(id).ok_or_else(|| Refusal::bad_request("message to delete not found"))?;
        let date = message.get("date").and_then(Value::as_i64).unwrap_or_default();
        if now - date > DELETED_WITHIN {
            return Err(Refusal::bad_request("message can't be deleted for everyone"));
        }
        chat.forget(id);
        let chat_id = chat.id;
        if let Some(sent) = state.sent_message(chat_id, id) {
            (sent.deleted, sent.reaction) = (true, None);
        }
        Ok(Value::Bool(true))
    })
}
