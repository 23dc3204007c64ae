use serde_json::{Value, json};

use super::{
    Simulator,
    api::{Answer, Refusal},
    check::{self, text},
    events,
    state::{Place, State},
};
use crate::emoji;

impl Simulator {
    /// Changes a post of the app. What is not given stays.
    pub(super) fn update(&self, body: &Value) -> Answer {
        self.world.change(|state| {
            let (place, old) = find(state, body, "ts")?;
            if !is_ours(&old) {
                return Err(Refusal::Code("cant_update_message"));
            }
            check::message(body).map_err(Refusal::Code)?;
            let edited = json!({"text": text(body, "text"), "edited": {"user": events::BOT_USER, "ts": state.next_ts()}});
            let new = events::with(old.clone(), edited);
            state.messages.insert(place.clone(), new.clone());
            if let Some(sent) = state.sent_message(&place) {
                sent.edit(body);
            }
            let (channel, ts) = place;
            let changed = events::told(state, &channel, events::changed(&new, &old));
            state.push(changed);
            Ok(json!({"channel": channel, "ts": ts, "text": text(body, "text")}))
        })
    }

    /// Takes a post of the app back.
    pub(super) fn delete(&self, body: &Value) -> Answer {
        self.world.change(|state| {
            let (place, old) = find(state, body, "ts")?;
            if !is_ours(&old) {
                return Err(Refusal::Code("cant_delete_message"));
            }
            state.forget(&place);
            if let Some(sent) = state.sent_message(&place) {
                sent.deleted = true;
                sent.reactions.clear();
            }
            let (channel, ts) = place;
            let deleted = events::told(state, &channel, events::deleted(&ts, &old));
            state.push(deleted);
            Ok(json!({"channel": channel, "ts": ts}))
        })
    }

    /// Lets the app react to a message, whoever wrote it, or take that back.
    pub(super) fn react(&self, body: &Value, removes: bool) -> Answer {
        let name = text(body, "name");
        self.world.change(|state| {
            let (place, _) = find(state, body, "timestamp")?;
            if emoji::named(name).is_none() {
                return Err(Refusal::Code("invalid_name"));
            }
            let reactions = state.reactions.entry(place.clone()).or_default();
            match (reactions.iter().position(|given| given == name), removes) {
                (None, false) => reactions.push(name.to_owned()),
                (Some(at), true) => drop(reactions.remove(at)),
                (Some(_), false) => return Err(Refusal::Code("already_reacted")),
                (None, true) => return Err(Refusal::Code("no_reaction")),
            }
            let reactions = reactions.clone();
            if let Some(sent) = state.sent_message(&place) {
                sent.reactions = reactions;
            }
            let (channel, ts) = place;
            let kind = if removes { "reaction_removed" } else { "reaction_added" };
            let event = events::reaction(kind, events::BOT_USER, name, &channel, &ts);
            let reacted = events::told(state, &channel, event);
            state.push(reacted);
            Ok(json!({}))
        })
    }
}

/// The message that is meant, and where it is.
fn find(state: &State, body: &Value, named: &str) -> Result<(Place, Value), Refusal> {
    let place = (text(body, "channel").to_owned(), text(body, named).to_owned());
    if !state.knows(&place.0) {
        return Err(Refusal::Code("channel_not_found"));
    }
    let message = state.messages.get(&place).cloned().ok_or(Refusal::Code("message_not_found"))?;
    Ok((place, message))
}

fn is_ours(message: &Value) -> bool {
    message.get("bot_id").is_some()
}
