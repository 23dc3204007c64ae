use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Sent, Settings, Shown, Simulator,
    check::check,
    pusher::Change,
    reactions,
    refusal::{Answer, Refusal},
    state::{Customer, State},
};

/// So many messages may go to the same person at once; each is forgiven after six seconds.
const PAIR_BURST: usize = 45;
const PAIR_SECONDS: i64 = 6;
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// Takes a message, or a sign that one was read.
pub(super) fn send(simulator: &Simulator, body: &Value) -> Answer {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if text("messaging_product") != Some("whatsapp") {
        return Err(Refusal::parameter("The parameter messaging_product is required."));
    }
    let now = simulator.now();
    let settings = &simulator.settings;
    simulator.world.change(|state| {
        if text("status") == Some("read") {
            return show(
                state,
                text("message_id").unwrap_or_default(),
                body.get("typing_indicator").is_some(),
            );
        }
        let kind = text("type").unwrap_or("text");
        let content =
            body.get(kind).ok_or_else(|| Refusal::parameter(format!("The parameter {kind} is required.")))?;
        let checked = check(state, kind, content)?;
        let number = recipient(state, text("to"), text("recipient"))?;
        let target = (kind == "reaction").then(|| reactions::target(state, &number, content)).transpose()?;
        let id = state.message_id();
        let opaque = text("biz_opaque_callback_data").unwrap_or_default().to_owned();
        let written = Written { id: &id, number: &number, opaque: &opaque, now };
        let Some(customer) = state.customers.get_mut(&number) else {
            written.fails(state, settings, 131_026, "Message undeliverable");
            return Ok(accepted(&id, &number, text("recipient")));
        };
        within_pair_limit(customer, now)?;
        // a template opens the window, free words need it open
        if kind != "template" && customer.wrote_at.is_none_or(|at| now - at > WINDOW) {
            written.fails(state, settings, 131_047, "Re-engagement message");
            return Ok(accepted(&id, &number, text("recipient")));
        }
        if let Some(target) = target {
            reactions::set(state, target, &checked.text);
            // nobody hears whether it was delivered or seen
            state.push(Change::status(settings, written.status("sent")));
            return Ok(accepted(&id, &number, text("recipient")));
        }
        state.sent.push(Sent {
            id: id.clone(),
            to: number.clone(),
            kind: kind.to_owned(),
            text: checked.text,
            content: content.clone(),
            file_bytes: checked.file_bytes,
            reaction: None,
        });
        written.arrives(state, settings);
        Ok(accepted(&id, &number, text("recipient")))
    })
}

fn show(state: &mut State, message_id: &str, typing: bool) -> Answer {
    if !state.written.contains_key(message_id) {
        return Err(Refusal::parameter("The message_id is of no message to this number"));
    }
    state.shown.push(Shown { message_id: message_id.to_owned(), typing });
    Ok(json!({"success": true}))
}

/// The number written to; `to` counts for more.
fn recipient(state: &State, to: Option<&str>, user: Option<&str>) -> Result<String, Refusal> {
    if let Some(to) = to {
        let digits = to.trim_start_matches('+');
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        return is_number
            .then(|| digits.to_owned())
            .ok_or_else(|| Refusal::parameter("Param to is not a number"));
    }
    let user = user.ok_or_else(|| Refusal::parameter("The parameter to is required."))?;
    let found = state.customers.iter().find(|(_, customer)| customer.user_id == user);
    found.map(|(number, _)| number.clone()).ok_or_else(|| Refusal::parameter("Param recipient is nobody"))
}

fn within_pair_limit(customer: &mut Customer, now: DateTime<Utc>) -> Result<(), Refusal> {
    let forgiven = now - TimeDelta::seconds(PAIR_SECONDS * i64::try_from(PAIR_BURST).unwrap_or_default());
    while customer.written_to.front().is_some_and(|at| *at < forgiven) {
        customer.written_to.pop_front();
    }
    if customer.written_to.len() >= PAIR_BURST {
        let message = "Business Account, Consumer Account pair rate limit hit";
        return Err(Refusal::new(400, 131_056, message));
    }
    customer.written_to.push_back(now);
    Ok(())
}

fn accepted(id: &str, number: &str, user: Option<&str>) -> Value {
    let contact = match user {
        Some(user) => json!({"input": user, "user_id": user}),
        None => json!({"input": number, "wa_id": number}),
    };
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id}]})
}

/// A message that the business wrote.
struct Written<'a> {
    id: &'a str,
    number: &'a str,
    opaque: &'a str,
    now: DateTime<Utc>,
}

impl Written<'_> {
    fn fails(&self, state: &mut State, settings: &Settings, code: i64, title: &str) {
        let mut status = self.status("failed");
        if let Some(fields) = status.as_object_mut() {
            let error =
                json!({"code": code, "title": title, "message": title, "error_data": {"details": title}});
            fields.insert("errors".to_owned(), json!([error]));
        }
        state.push(Change::status(settings, status));
    }

    fn arrives(&self, state: &mut State, settings: &Settings) {
        // now and then in the wrong order, as it happens
        let order = match state.sent.total() % 3 {
            0 => ["sent", "read", "delivered"],
            _ => ["sent", "delivered", "read"],
        };
        let user = state.customers.get(self.number).map(|customer| customer.user_id.clone());
        for name in order {
            let mut status = self.status(name);
            if let (Some(user), Some(fields)) = (&user, status.as_object_mut()) {
                fields.insert("recipient_user_id".to_owned(), json!(user));
            }
            state.push(Change::status(settings, status));
        }
    }

    fn status(&self, status: &str) -> Value {
        json!({
            "id": self.id,
            "status": status,
            "timestamp": self.now.timestamp().to_string(),
            "recipient_id": self.number,
            "biz_opaque_callback_data": self.opaque,
        })
    }
}
