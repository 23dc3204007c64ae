//! The Bot API's methods, as far as an adapter needs them, refusing what the real ones refuse.

mod entities;
mod get_updates;
mod messages;
mod react;
mod send;
mod set_webhook;

use serde_json::{Value, json};

use super::{
    ChatAction, Simulator,
    answer::{Answer, Refusal},
    chat::Chat,
    parameters::Parameters,
    state::State,
};

/// Names of methods are case-insensitive.
pub(super) async fn handle(simulator: &Simulator, method: &str, parameters: Parameters) -> Answer {
    let name = method.to_ascii_lowercase();
    match name.as_str() {
        "getme" => Ok(simulator.settings.bot()),
        "setwebhook" => set_webhook::set(simulator, &parameters),
        "deletewebhook" => Ok(set_webhook::delete(simulator, &parameters)),
        "getwebhookinfo" => Ok(set_webhook::info(simulator)),
        "getupdates" => get_updates::get(simulator, &parameters).await,
        "getfile" => get_file(simulator, &parameters),
        "sendchataction" => chat_action(simulator, &parameters),
        "answercallbackquery" => answer_callback(simulator, &parameters),
        "editmessagetext" => messages::edit_text(simulator, &parameters),
        "editmessagecaption" => messages::edit_caption(simulator, &parameters),
        "deletemessage" => messages::delete(simulator, &parameters),
        "setmessagereaction" => react::react(simulator, &parameters),
        _ => match send::SENDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((known, kind)) => send::send(simulator, known, *kind, parameters),
            None => Err(Refusal::method_not_found()),
        },
    }
}

/// The chat that a call names, if the bot may write there.
fn chat_of<'a>(state: &'a mut State, parameters: &Parameters) -> Result<&'a mut Chat, Refusal> {
    let text = parameters.text("chat_id").filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Refusal::bad_request("chat_id is empty"))?;
    let id: i64 = text.parse().map_err(|_| Refusal::bad_request("chat not found"))?;
    let chat = state.chats.get_mut(&id).ok_or_else(|| Refusal::bad_request("chat not found"))?;
    if let Some(new_id) = chat.moved_to {
        return Err(Refusal::migrated(new_id));
    }
    match (chat.closed, chat.is_private()) {
        (false, _) => Ok(chat),
        (true, true) => Err(Refusal::forbidden("bot was blocked by the user")),
        (true, false) => Err(Refusal::forbidden("bot was kicked from the group chat")),
    }
}

/// What the public service gives at most.
const MAX_DOWNLOAD: usize = 20 * 1024 * 1024;

fn get_file(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let id = parameters.text("file_id").unwrap_or_default();
    let state = simulator.world.lock();
    let file = state
        .files
        .by_id(&id)
        .ok_or_else(|| Refusal::bad_request("wrong file_id or the file is temporarily unavailable"))?;
    if file.bytes.len() > MAX_DOWNLOAD {
        return Err(Refusal::bad_request("file is too big"));
    }
    Ok(json!({
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.bytes.len(),
        "file_path": file.path,
    }))
}

fn chat_action(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let action = parameters.text("action").unwrap_or_default();
    simulator.world.change(|state| {
        let chat_id = chat_of(state, parameters)?.id;
        if action.is_empty() {
            return Err(Refusal::bad_request("wrong parameter action in request"));
        }
        state.actions.push(ChatAction { chat_id, action });
        Ok(Value::Bool(true))
    })
}

fn answer_callback(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let id = parameters.text("callback_query_id").unwrap_or_default();
    simulator.world.change(|state| {
        let number: u64 = id.parse().unwrap_or_default();
        let known = number
            .checked_sub(4_382_000_000_000_000_000)
            .is_some_and(|count| (1..=state.callbacks).contains(&count));
        if !known {
            let why = "query is too old and response timeout expired or query ID is invalid";
            return Err(Refusal::bad_request(why));
        }
        state.answered.push(id);
        Ok(Value::Bool(true))
    })
}
