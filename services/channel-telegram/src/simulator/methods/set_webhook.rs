use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Answer, Parameters, Refusal, Simulator};
use crate::simulator::webhook::Webhook;

/// Sets the webhook; an empty address removes it.
pub(super) fn set(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let address = parameters.text("url").unwrap_or_default();
    if address.is_empty() {
        return Ok(delete(simulator, parameters));
    }
    let url = Webhook::parse(&address).map_err(Refusal::bad_request)?;
    let secret = parameters.text("secret_token");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if secret.as_ref().is_some_and(|secret| secret.len() > 256 || !secret.bytes().all(is_plain)) {
        return Err(Refusal::bad_request("secret token contains unallowed characters"));
    }
    let connections = parameters.integer("max_connections").unwrap_or(40).clamp(1, 100);
    let allowed = allowed_updates(parameters)?;
    simulator.world.change(|state| {
        if state.webhook.set_at.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return Err(Refusal::too_many_requests(1));
        }
        if let Some(allowed) = allowed {
            state.updates.allowed = allowed;
        }
        if parameters.flag("drop_pending_updates") {
            state.updates.clear();
        }
        // who polls now has to give way
        state.poller += 1;
        state.webhook = Webhook {
            url: Some(url),
            secret,
            max_connections: usize::try_from(connections).unwrap_or(1),
            set_at: Some(Instant::now()),
            ..Webhook::default()
        };
        Ok(Value::Bool(true))
    })
}

/// Removes the webhook.
pub(super) fn delete(simulator: &Simulator, parameters: &Parameters) -> Value {
    simulator.world.change(|state| {
        let set_at = state.webhook.set_at;
        state.webhook = Webhook { set_at, ..Webhook::default() };
        if parameters.flag("drop_pending_updates") {
            state.updates.clear();
        }
    });
    Value::Bool(true)
}

/// How the webhook does.
pub(super) fn info(simulator: &Simulator) -> Value {
    let state = simulator.world.lock();
    let webhook = &state.webhook;
    let mut info = json!({
        "url": webhook.url.as_ref().map_or("", |url| url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": state.updates.pending(),
        "max_connections": webhook.max_connections,
        "allowed_updates": state.updates.allowed,
    });
    if let (Some((date, why)), Some(fields)) = (&webhook.last_error, info.as_object_mut()) {
        fields.insert("last_error_date".to_owned(), (*date).into());
        fields.insert("last_error_message".to_owned(), why.as_str().into());
    }
    info
}

/// None keeps the setting before.
pub(super) fn allowed_updates(parameters: &Parameters) -> Result<Option<Vec<String>>, Refusal> {
    let Some(list) = parameters.object("allowed_updates")? else { return Ok(None) };
    let kinds = list.as_array().ok_or_else(|| Refusal::bad_request("can't parse allowed_updates"))?;
    Ok(Some(kinds.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()))
}
