use axum::{
    Router,
    extract::{Path, State as Shared},
    routing::post,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use weft_channel::simulation::control;

use super::{Simulator, pusher};

/// Somebody who writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    pub(super) name: String,
    pub(super) subscribed: bool,
    /// How often the bot asked for the profile.
    pub(super) asked_for: u32,
}

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Writes, or touches a button with this body; whoever does follows the bot.
    Text(String),
    /// Sends a picture with these words.
    Picture(String),
    /// Sends a sticker.
    Sticker(u64),
    /// Sends a place, in degrees.
    Location(f64, f64),
    /// Opens the chat with the context of a link.
    Opens(String),
    /// Stops following the bot.
    Unsubscribes,
}

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let say = |it: &Simulator, id: String, says| Ok(it.customer_says(&id, says));
    Router::new()
        .route("/simulator/customers/{id}/messages", control::lets("message_token", say))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/throttle/{calls}", post(throttle))
}

async fn throttle(Shared(simulator): Shared<Simulator>, Path(calls): Path<u32>) -> StatusCode {
    simulator.throttle(calls);
    StatusCode::NO_CONTENT
}

impl Simulator {
    /// Adds a customer who does not follow the bot yet, or gives one another name.
    pub fn add_customer(&self, id: &str, name: &str) {
        self.world.lock().customers.entry(id.to_owned()).or_default().name = name.to_owned();
    }

    /// Lets a customer do something; an unknown one is made. Gives the token of it.
    pub fn customer_says(&self, id: &str, says: Says) -> u64 {
        self.world.change(|state| {
            let message_token = state.next_token();
            let picture = format!("{}/files/picture.gif", state.base);
            let customer = state.customers.entry(id.to_owned()).or_default();
            let user =
                json!({"id": id, "name": customer.name, "language": "en", "country": "BG", "api_version": 8});
            let message = |content: Value| json!({"event": "message", "sender": user, "message": content});
            customer.subscribed = match says {
                Says::Opens(_) => customer.subscribed,
                Says::Unsubscribes => false,
                _ => true,
            };
            let mut callback = match says {
                Says::Text(text) => message(json!({"type": "text", "text": text})),
                Says::Picture(text) => message(
                    json!({"type": "picture", "text": text, "media": picture, "file_name": "picture.gif"}),
                ),
                Says::Sticker(sticker) => message(json!({"type": "sticker", "sticker_id": sticker})),
                Says::Location(lat, lon) => {
                    message(json!({"type": "location", "location": {"lat": lat, "lon": lon}}))
                }
                Says::Opens(context) => json!({
                    "event": "conversation_started",
                    "type": "open",
                    "context": context,
                    "user": user,
                    "subscribed": customer.subscribed,
                }),
                Says::Unsubscribes => json!({"event": "unsubscribed", "user_id": id}),
            };
            if let Some(fields) = callback.as_object_mut() {
                fields.insert("timestamp".to_owned(), pusher::now().into());
                fields.insert("message_token".to_owned(), message_token.into());
            }
            state.pushes.push_back(callback);
            message_token
        })
    }
}
