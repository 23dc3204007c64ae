use serde_json::Value;

use super::{Reaction, Simulator, refusal::Refusal, state::State};

/// The message that is reacted to, which has to be one between the business and this customer.
pub(super) fn target<'a>(state: &State, number: &str, content: &'a Value) -> Result<&'a str, Refusal> {
    let id = content.get("message_id").and_then(Value::as_str).unwrap_or_default();
    let is_theirs = state.written.get(id).is_some_and(|from| from == number);
    let is_ours = || state.sent.iter().any(|sent| sent.id == id && sent.to == number);
    if is_theirs || is_ours() {
        return Ok(id);
    }
    Err(Refusal::new(400, 131_009, "Parameter value is not valid: reaction['message_id'] is of no message"))
}

/// Keeps the business's reaction, which takes the place of the one before; an empty one takes it back.
pub(super) fn set(state: &mut State, id: &str, emoji: &str) {
    let reaction = Some(emoji.to_owned()).filter(|emoji| !emoji.is_empty());
    match &reaction {
        Some(emoji) => drop(state.reactions.insert(id.to_owned(), emoji.clone())),
        None => drop(state.reactions.remove(id)),
    }
    if let Some(sent) = state.sent.iter_mut().rev().find(|sent| sent.id == id) {
        sent.reaction = reaction;
    }
}

impl Simulator {
    /// The business's reactions as they are now, to its own messages and to those of customers.
    pub fn reactions(&self) -> Vec<Reaction> {
        let state = self.world.lock();
        let reaction =
            |(id, emoji): (&String, &String)| Reaction { message_id: id.clone(), emoji: emoji.clone() };
        state.reactions.iter().map(reaction).collect()
    }
}
