use serde_json::Value;

use super::{Answer, Parameters, Refusal, Simulator, chat_of};

/// Changes a message of the bot.
pub(super) fn edit_text(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let text = parameters.text("text").unwrap_or_default();
    let id = parameters.integer("message_id").unwrap_or_default();
    let markup = parameters.object("reply_markup")?;
    let now = simulator.now();
    simulator.world.change(|state| {
        let chat = chat_of(state, parameters)?;
        let missing = || Refusal::bad_request("message to edit not found");
        let mut message = chat.message(id).cloned().ok_or_else(missing)?;
        let fields = message.as_object_mut().ok_or_else(missing)?;
        let same_text = fields.get("text").and_then(Value::as_str) == Some(&text);
        if same_text && fields.get("reply_markup") == markup.as_ref() {
            let why = "message is not modified: specified new message content and reply markup are exactly the \
                       same as a current content and reply markup of the message";
            return Err(Refusal::bad_request(why));
        }
        fields.insert("text".to_owned(), text.into());
        fields.insert("edit_date".to_owned(), now.into());
        fields.remove("reply_markup");
        fields.extend(markup.map(|markup| ("reply_markup".to_owned(), markup)));
        chat.remember(id, message.clone());
        Ok(message)
    })
}

/// Removes a message.
pub(super) fn delete(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let id = parameters.integer("message_id").unwrap_or_default();
    simulator.world.change(|state| {
        let removed = chat_of(state, parameters)?.forget(id);
        removed.map(|_| Value::Bool(true)).ok_or_else(|| Refusal::bad_request("message to delete not found"))
    })
}
