use axum::extract::Multipart;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Sent, Settings, Shown, Simulator,
    check::{Upload, check},
    pusher::Happening,
    reactions::react,
    refusal::{Answer, Refusal},
    state::State,
};

const WINDOW: TimeDelta = TimeDelta::hours(24);
/// As long people may answer, where the app may say that they are people.
const LATE_WINDOW: TimeDelta = TimeDelta::days(7);
const MAX_QUESTIONS: usize = 4;

/// The parameters of a form as one object, and the file.
pub(super) async fn read_form(mut form: Multipart) -> Result<(Value, Option<Upload>), Refusal> {
    let unreadable = || Refusal::parameter("The form cannot be read");
    let (mut fields, mut file) = (Map::new(), None);
    while let Some(part) = form.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "filedata" {
            let mime = part.content_type().unwrap_or_default().to_owned();
            file = Some(Upload { mime, bytes: part.bytes().await.map_err(|_| unreadable())? });
            continue;
        }
        let text = part.text().await.map_err(|_| unreadable())?;
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        fields.insert(name, value);
    }
    Ok((Value::Object(fields), file))
}

/// Takes a message or a sign.
pub(super) fn send(simulator: &Simulator, body: &Value, file: Option<Upload>) -> Answer {
    let settings = &simulator.settings;
    let now = simulator.now();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let to = body.pointer("/recipient/id").and_then(Value::as_str);
    let to = to.ok_or_else(|| Refusal::parameter("The parameter recipient is required"))?;
    simulator.world.change(|state| {
        let wrote_at = state.customers.get(to).map(|customer| customer.wrote_at);
        let nobody = || Refusal::new(400, 100, Some(settings.rules.nobody), "No matching user found");
        let wrote_at = wrote_at.ok_or_else(nobody)?;
        if let Some(action) = text("sender_action") {
            let payload = body.get("payload").unwrap_or(&Value::Null);
            return match action {
                "typing_on" | "typing_off" | "mark_seen" => {
                    state.shown.push(Shown { to: to.to_owned(), action: action.to_owned() });
                    Ok(json!({"recipient_id": to}))
                }
                "react" | "unreact" => react(state, &settings.rules, to, action == "unreact", payload),
                _ => Err(Refusal::parameter("Param sender_action must be one of its values")),
            };
        }
        in_time(settings, text("messaging_type"), text("tag"), wrote_at, now)?;
        let message =
            body.get("message").ok_or_else(|| Refusal::parameter("The parameter message is required"))?;
        let checked = check(&settings.rules, message, file.as_ref())?;
        let id = format!("{}OUT{:06}", settings.rules.message_prefix, state.next());
        state.sent.push(Sent {
            id: id.clone(),
            to: to.to_owned(),
            kind: checked.kind,
            text: checked.text,
            message: message.clone(),
            tag: text("tag").map(str::to_owned),
            reply_to: body.pointer("/reply_to/mid").and_then(Value::as_str).map(str::to_owned),
            file_bytes: file.as_ref().map(|file| file.bytes.len()),
            reaction: None,
        });
        let app_id = Some(settings.app_id.as_str());
        echo(state, settings, to, &id, message, app_id, now);
        arrives(state, settings, to, &id, now);
        Ok(json!({"recipient_id": to, "message_id": id}))
    })
}

/// Whether one may write to somebody who wrote then.
fn in_time(
    settings: &Settings,
    kind: Option<&str>,
    tag: Option<&str>,
    wrote_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let window = match (kind, tag) {
        (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) if settings.human_agent => LATE_WINDOW,
        (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) => {
            return Err(Refusal::new(400, 10, None, "The app may not use the tag HUMAN_AGENT"));
        }
        (Some("MESSAGE_TAG"), _) => return Err(Refusal::parameter("Param tag must be one of its values")),
        (Some("RESPONSE" | "UPDATE"), None) => WINDOW,
        (None, None) if !settings.rules.needs_type => WINDOW,
        _ => return Err(Refusal::parameter("The parameter messaging_type is required")),
    };
    if wrote_at.is_some_and(|at| now - at <= window) {
        return Ok(());
    }
    let message = "This message is sent outside of allowed window.";
    Err(Refusal::new(400, 10, Some(settings.rules.window_closed), message))
}

/// Whoever writes for the business, its webhook hears of it.
pub(super) fn echo(
    state: &mut State,
    settings: &Settings,
    to: &str,
    id: &str,
    message: &Value,
    app_id: Option<&str>,
    now: DateTime<Utc>,
) {
    let mut fields = Map::from_iter([("mid".to_owned(), json!(id)), ("is_echo".to_owned(), json!(true))]);
    fields.extend(app_id.and_then(|id| id.parse::<u64>().ok()).map(|id| ("app_id".to_owned(), json!(id))));
    if let Some(text) = message.get("text") {
        fields.insert("text".to_owned(), text.clone());
    }
    if let Some(metadata) = message.get("metadata").filter(|_| settings.rules.tells_more) {
        fields.insert("metadata".to_owned(), metadata.clone());
    }
    if let Some(attachment) = message.get("attachment") {
        fields.insert("attachments".to_owned(), json!([attachment]));
    }
    state.push(Happening::from_us(settings, to, now, json!({"message": fields})));
}

/// The customer gets it, and reads it.
fn arrives(state: &mut State, settings: &Settings, to: &str, id: &str, now: DateTime<Utc>) {
    let watermark = now.timestamp_millis();
    if settings.rules.tells_more {
        let delivery = json!({"delivery": {"mids": [id], "watermark": watermark}});
        state.push(Happening::to_us(settings, to, now, delivery));
        let read = json!({"read": {"watermark": watermark}});
        state.push(Happening::to_us(settings, to, now, read));
    } else {
        state.push(Happening::to_us(settings, to, now, json!({"read": {"mid": id}})));
    }
}

/// Sets what people can begin with.
pub(super) fn set_profile(simulator: &Simulator, profile: Value) -> Answer {
    let questions = profile.pointer("/ice_breakers/0/call_to_actions").and_then(Value::as_array);
    let count = questions.map_or(0, Vec::len);
    let text = |question: &Value, name: &str| question.get(name).and_then(Value::as_str).map(str::len);
    let is_whole = |question: &Value| {
        text(question, "question").is_some_and(|length| length > 0) && text(question, "payload").is_some()
    };
    if !(1..=MAX_QUESTIONS).contains(&count) || !questions.is_some_and(|all| all.iter().all(is_whole)) {
        return Err(Refusal::parameter("ice_breakers must have 1 to 4 questions, each with a payload"));
    }
    simulator.world.change(|state| state.profile = profile);
    Ok(json!({"result": "success"}))
}
