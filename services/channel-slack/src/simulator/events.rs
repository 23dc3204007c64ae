use bytes::Bytes;
use serde_json::{Value, json};
use weft_channel::simulation::{PNG, fields};

use super::{
    Says, TEAM,
    files::described,
    pusher::Push,
    state::{State, StoredFile},
};

/// The app's own user.
pub(super) const BOT_USER: &str = "U0BOT00001";
/// The app, as messages name it.
pub(super) const BOT: &str = "B0SIM00001";
/// A channel that the app is in.
pub(super) const CHANNEL: &str = "C0SUPPORT1";

/// An event as it is delivered.
pub(super) fn wrapped(number: u64, event: Value) -> Value {
    json!({
        "token": "deprecated", "team_id": TEAM, "api_app_id": "A0SIM00001", "type": "event_callback",
        "event_id": format!("Ev{number:09}"), "event_time": chrono::Utc::now().timestamp(),
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": true}],
        "is_ext_shared_channel": false, "event": event,
    })
}

/// A message as an event of its channel.
pub(super) fn placed(message: Value, channel: &str) -> Value {
    let kind = if channel.starts_with('D') { "im" } else { "channel" };
    with(message, json!({"channel": channel, "channel_type": kind}))
}

/// What comes of what a person does: the message's id, and what the app is told.
pub(super) fn of(state: &mut State, user: &str, says: Says) -> (String, Vec<Push>) {
    let channel = State::direct(user);
    let event = match says {
        Says::Text(text) => return said(state, user, &channel, json!({"text": text})),
        Says::Channel(text) => return said(state, user, CHANNEL, json!({"text": text})),
        Says::Mention(text) => {
            let words = format!("<@{BOT_USER}> {text}");
            let (ts, mut pushes) = said(state, user, CHANNEL, json!({"text": words}));
            let again = json!({"type": "app_mention", "user": user, "text": words, "ts": ts, "channel": CHANNEL, "event_ts": ts});
            // it comes twice, as two events
            pushes.push(Push::Event(wrapped(state.next(), again)));
            return (ts, pushes);
        }
        Says::File => {
            let id = format!("F0SIM{:05}", state.next());
            let content = Bytes::from_static(PNG);
            let file = StoredFile {
                name: "lid.png".to_owned(),
                mime: "image/png",
                length: content.len(),
                content: Some(content),
            };
            let shown = described(&state.base, &id, &file);
            state.files.insert(id, file);
            return said(
                state,
                user,
                &channel,
                json!({"subtype": "file_share", "text": "", "files": [shown]}),
            );
        }
        Says::Edit(ts, text) => {
            let place = (channel.clone(), ts.clone());
            let old = state.messages.get(&place).cloned().unwrap_or_default();
            let edited = json!({"text": text, "edited": {"user": user, "ts": state.next_ts()}});
            let new = with(old.clone(), edited);
            state.messages.insert(place, new.clone());
            changed(&new, &old)
        }
        Says::Delete(ts) => {
            let old = state.forget(&(channel.clone(), ts.clone())).unwrap_or_default();
            deleted(&ts, &old)
        }
        Says::React(ts, name) => reaction("reaction_added", user, &name, &channel, &ts),
        Says::Press(ts, value) => return pressed(state, user, &channel, &ts, &value),
        Says::Uninstall => json!({"type": "app_uninstalled"}),
    };
    let ts = state.next_ts();
    (ts.clone(), vec![at(state, &channel, event, &ts)])
}

/// An event of now in a channel, as it is delivered.
pub(super) fn told(state: &mut State, channel: &str, event: Value) -> Push {
    let ts = state.next_ts();
    at(state, channel, event, &ts)
}

fn at(state: &mut State, channel: &str, event: Value, ts: &str) -> Push {
    let event = with(event, json!({"ts": ts, "event_ts": ts}));
    Push::Event(wrapped(state.next(), placed(event, channel)))
}

/// A message is another now.
pub(super) fn changed(new: &Value, old: &Value) -> Value {
    json!({"type": "message", "subtype": "message_changed", "hidden": true, "message": new, "previous_message": old})
}

/// A message is gone.
pub(super) fn deleted(ts: &str, old: &Value) -> Value {
    json!({"type": "message", "subtype": "message_deleted", "hidden": true, "deleted_ts": ts, "previous_message": old})
}

/// Somebody reacted to a message, or took that back.
pub(super) fn reaction(kind: &str, user: &str, name: &str, channel: &str, ts: &str) -> Value {
    let item = json!({"type": "message", "channel": channel, "ts": ts});
    json!({"type": kind, "user": user, "reaction": name, "item": item})
}

fn said(state: &mut State, user: &str, channel: &str, what: Value) -> (String, Vec<Push>) {
    let ts = state.next_ts();
    let message =
        with(json!({"type": "message", "user": user, "ts": ts, "event_ts": ts, "team": TEAM}), what);
    state.messages.insert((channel.to_owned(), ts.clone()), message.clone());
    (ts, vec![Push::Event(wrapped(state.next(), placed(message, channel)))])
}

fn pressed(state: &mut State, user: &str, channel: &str, ts: &str, value: &str) -> (String, Vec<Push>) {
    let at = state.next_ts();
    let name = state.people.get(user).cloned().unwrap_or_default();
    let button = json!({
        "type": "button", "action_id": "choice_1", "value": value, "action_ts": at,
        "text": {"type": "plain_text", "text": value},
    });
    let payload = json!({
        "type": "block_actions", "team": {"id": TEAM, "domain": "acme"}, "user": {"id": user, "username": name},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": false},
        "message": {"type": "message", "ts": ts}, "actions": [button],
    });
    (at, vec![Push::Interaction(payload)])
}

/// An object with more fields.
pub(super) fn with(value: Value, more: Value) -> Value {
    let mut all = fields(value);
    all.extend(fields(more));
    Value::Object(all)
}
