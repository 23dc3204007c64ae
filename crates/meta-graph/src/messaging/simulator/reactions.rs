use serde_json::{Value, json};

use super::{
    Reaction, Rules, Simulator,
    refusal::{Answer, Refusal},
    state::State,
};

/// Sets the business's reaction to a message between it and this customer, or takes it back.
pub(super) fn react(state: &mut State, rules: &Rules, to: &str, removes: bool, payload: &Value) -> Answer {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("message_id").ok_or_else(|| Refusal::parameter("Param payload[message_id] is required"))?;
    let is_theirs = state.written.get(id).is_some_and(|from| from == to);
    if !is_theirs && !state.sent.iter().any(|sent| sent.id == id && sent.to == to) {
        return Err(Refusal::parameter("Param payload[message_id] is of no message with this person"));
    }
    let reaction = match text("reaction") {
        _ if removes => None,
        Some(name) if rules.reactions.is_empty() || rules.reactions.contains(&name) => Some(name.to_owned()),
        _ => return Err(Refusal::parameter("Param payload[reaction] must be one of its values")),
    };
    match &reaction {
        Some(name) => drop(state.reactions.insert(id.to_owned(), name.clone())),
        None => drop(state.reactions.remove(id)),
    }
    if let Some(sent) = state.sent.iter_mut().rev().find(|sent| sent.id == id) {
        sent.reaction = reaction;
    }
    Ok(json!({"recipient_id": to}))
}

impl Simulator {
    /// The business's reactions as they are now, to its own messages and to those of customers.
    pub fn reactions(&self) -> Vec<Reaction> {
        let state = self.world.lock();
        let reaction =
            |(id, name): (&String, &String)| Reaction { message_id: id.clone(), reaction: name.clone() };
        state.reactions.iter().map(reaction).collect()
    }
}
