use serde_json::{Value, json};
use weft_channel::simulation::fields;

use super::{APP_ID, Says, TENANT, state::State};

/// Where conversations are answered, below the address of all.
const REGION: &str = "emea";
/// The thread of a channel that the bot is in.
const CHANNEL: &str = "19:support@thread.tacv2;messageid=1767225600000";

/// What comes of what a person does: an activity and its id.
pub(super) fn of(state: &mut State, user: &str, says: Says) -> (String, Value) {
    let id = state.next_id();
    let service = format!("{}/{REGION}/", state.base);
    let mut place = State::personal(user);
    let what = match says {
        Says::Text(text) => {
            json!({"type": "message", "id": id, "text": text, "textFormat": "plain", "attachments": [
                {"contentType": "text/html", "content": format!("<p>{text}</p>")},
            ]})
        }
        Says::Channel(text) => {
            place = CHANNEL.to_owned();
            let called = "<at>Acme Support</at>";
            let us = json!({"id": bot(), "name": "Acme Support"});
            let mention = json!({"type": "mention", "mentioned": us, "text": called});
            json!({"type": "message", "id": id, "text": format!("{called} {text}"), "entities": [mention]})
        }
        Says::Picture => json!({"type": "message", "id": id, "attachments": [
            {"contentType": "image/*", "contentUrl": format!("{service}v3/attachments/{id}/views/original")},
        ]}),
        Says::File => {
            let download = format!("{}/download?tempauth=x", state.base);
            let content = json!({"downloadUrl": download, "uniqueId": id, "fileType": "pdf"});
            json!({"type": "message", "id": id, "attachments": [
                {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "order.pdf", "content": content},
            ]})
        }
        Says::Edit(message, text) => {
            json!({"type": "messageUpdate", "id": message, "text": text, "channelData": {"eventType": "editMessage"}})
        }
        Says::Delete(message) => {
            json!({"type": "messageDelete", "id": message, "channelData": {"eventType": "softDeleteMessage"}})
        }
        Says::React(message, kind) => {
            json!({"type": "messageReaction", "replyToId": message, "reactionsAdded": [{"type": kind}]})
        }
        Says::Typing => json!({"type": "typing", "id": id}),
        Says::Press(message, data) => {
            json!({"type": "message", "id": id, "replyToId": message, "value": data})
        }
        Says::Execute(verb) => {
            let action = json!({"type": "Action.Execute", "verb": verb});
            json!({"type": "invoke", "id": id, "name": "adaptiveCard/action", "value": {"action": action}})
        }
        Says::Install => json!({"type": "installationUpdate", "id": id, "action": "add"}),
        Says::Uninstall => json!({"type": "installationUpdate", "id": id, "action": "remove"}),
        Says::Block => {
            state.blocked.insert(user.to_owned());
            json!({"type": "conversationUpdate", "id": id, "membersRemoved": [{"id": bot()}]})
        }
    };
    if what.get("type").and_then(Value::as_str) == Some("message") {
        state.activities.insert((place.clone(), id.clone()), false);
    }
    let name = state.people.get(user).cloned().unwrap_or_default();
    let kind = if place == CHANNEL { "channel" } else { "personal" };
    let around = json!({
        "timestamp": chrono::Utc::now().to_rfc3339(),
        "serviceUrl": service,
        "channelId": "msteams",
        "from": {"id": user, "name": name},
        "conversation": {"conversationType": kind, "tenantId": TENANT, "id": place},
        "recipient": {"id": bot(), "name": "Acme Support"},
        "locale": "en-US",
    });
    let mut activity = fields(around);
    activity.extend(fields(what));
    let mut data = activity.remove("channelData").map(fields).unwrap_or_default();
    data.insert("tenant".to_owned(), json!({"id": TENANT}));
    activity.insert("channelData".to_owned(), Value::Object(data));
    (id, Value::Object(activity))
}

fn bot() -> String {
    format!("28:{APP_ID}")
}
