use serde_json::Value;

use super::{Answer, Parameters, Refusal, Simulator, chat_of};

/// All that bots may react with, none with a variation selector: <https://core.telegram.org/bots/api#reactiontypeemoji>.
const EMOJIS: [&str; 73] = [
    "❤",
    "👍",
    "👎",
    "🔥",
    "🥰",
    "👏",
    "😁",
    "🤔",
    "🤯",
    "😱",
    "🤬",
    "😢",
    "🎉",
    "🤩",
    "🤮",
    "💩",
    "🙏",
    "👌",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤\u{200d}🔥",
    "🌚",
    "🌭",
    "💯",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨\u{200d}💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "🤝",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷\u{200d}♂",
    "🤷",
    "🤷\u{200d}♀",
    "😡",
];

/// Sets the bot's reaction to a message; an empty list takes it back.
pub(super) fn react(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let id = parameters.integer("message_id").unwrap_or_default();
    let given = parameters.object("reaction")?;
    let given = given.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let emoji = match given {
        [] => None,
        [one] => Some(allowed(one)?.to_owned()),
        _ => return Err(Refusal::bad_request("REACTIONS_TOO_MANY")),
    };
    simulator.world.change(|state| {
        let chat = chat_of(state, parameters)?;
        if chat.message(id).is_none() {
            return Err(Refusal::bad_request("message to react not found"));
        }
        chat.bot_reacts(id, emoji.clone());
        let chat_id = chat.id;
        if let Some(sent) = state.sent_message(chat_id, id) {
            sent.reaction = emoji;
        }
        Ok(Value::Bool(true))
    })
}

fn allowed(reaction: &Value) -> Result<&str, Refusal> {
    let emoji = reaction.get("emoji").and_then(Value::as_str);
    emoji.filter(|emoji| EMOJIS.contains(emoji)).ok_or_else(|| Refusal::bad_request("REACTION_INVALID"))
}
