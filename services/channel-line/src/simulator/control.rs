use axum::Router;
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use weft_channel::simulation::control;

use super::{
    Simulator,
    state::{Customer, State},
};

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Writes.
    Text(String),
    /// Sends a picture.
    Image,
    /// Sends a film, which LINE first has to prepare.
    Video,
    /// Sends a sticker with these keywords.
    Sticker(Vec<String>),
    /// Sends a place, in degrees.
    Location(f64, f64),
    /// Touches a button with this payload.
    Postback(String),
    /// Takes back a message.
    Unsend(String),
    /// Adds the account as a friend.
    Follow,
    /// Blocks the account.
    Unfollow,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Too many calls.
    RateLimit,
    /// No messages left this month.
    MonthlyLimit,
    /// LINE fails.
    ServerError,
}

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let say = |it: &Simulator, user: String, says| Ok(it.customer_says(&user, says));
    Router::new()
        .route("/simulator/customers/{user}/messages", control::lets("message_id", say))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/faults", control::takes(Simulator::fail_next))
}

impl Simulator {
    /// Adds a customer, or gives one another name.
    pub fn add_customer(&self, user: &str, name: &str) {
        self.world.lock().customers.entry(user.to_owned()).or_default().name = name.to_owned();
    }

    /// Lets the next call fail.
    pub fn fail_next(&self, fault: Fault) {
        self.world.lock().faults.push_back(fault);
    }

    /// Whom the account showed that it is typing.
    pub fn typing(&self) -> Vec<String> {
        self.world.lock().typing.clone()
    }

    /// The tokens of messages that were marked as read.
    pub fn marked_as_read(&self) -> Vec<String> {
        self.world.lock().read.clone()
    }

    /// Lets a customer do something; an unknown one is made. Gives the id of the message, if it is one.
    pub fn customer_says(&self, user: &str, says: Says) -> String {
        self.world.change(|state| {
            state
                .customers
                .entry(user.to_owned())
                .or_insert_with(|| Customer { name: "Customer".to_owned(), ..Customer::default() });
            let id = state.next_id();
            let event = state.event(user, &id, says);
            state.pushes.push_back(event);
            id
        })
    }
}

impl State {
    fn event(&mut self, user: &str, id: &str, says: Says) -> Value {
        let provider = json!({"type": "line"});
        let message = |content: Value| {
            let mut fields = content.as_object().cloned().unwrap_or_default();
            fields.insert("id".to_owned(), id.into());
            fields.insert("markAsReadToken".to_owned(), format!("m{id}").into());
            json!({"type": "message", "replyToken": format!("rt_{id}"), "message": fields})
        };
        let what = match says {
            Says::Text(text) => {
                message(json!({"type": "text", "text": text, "quoteToken": format!("q{id}")}))
            }
            Says::Image => {
                self.files.insert(id.to_owned(), ("image/png", 0));
                message(json!({"type": "image", "contentProvider": provider}))
            }
            Says::Video => {
                self.files.insert(id.to_owned(), ("video/mp4", 1));
                message(json!({"type": "video", "duration": 1000, "contentProvider": provider}))
            }
            Says::Sticker(keywords) => message(json!({
                "type": "sticker",
                "packageId": "446",
                "stickerId": "1988",
                "stickerResourceType": "STATIC",
                "keywords": keywords,
            })),
            Says::Location(latitude, longitude) => {
                message(json!({"type": "location", "latitude": latitude, "longitude": longitude}))
            }
            Says::Postback(data) => json!({"type": "postback", "postback": {"data": data}}),
            Says::Unsend(message_id) => json!({"type": "unsend", "unsend": {"messageId": message_id}}),
            Says::Follow => self.block(user, false),
            Says::Unfollow => self.block(user, true),
        };
        let mut event: Map<String, Value> = what.as_object().cloned().unwrap_or_default();
        let around = json!({
            "mode": "active",
            "timestamp": Utc::now().timestamp_millis(),
            "webhookEventId": Uuid::new_v4().simple().to_string(),
            "deliveryContext": {"isRedelivery": false},
            "source": {"type": "user", "userId": user},
        });
        event.extend(around.as_object().cloned().unwrap_or_default());
        Value::Object(event)
    }

    fn block(&mut self, user: &str, blocked: bool) -> Value {
        let customer = self.customers.entry(user.to_owned()).or_default();
        let was_blocked = std::mem::replace(&mut customer.blocked, blocked);
        if blocked {
            return json!({"type": "unfollow"});
        }
        json!({"type": "follow", "follow": {"isUnblocked": was_blocked}})
    }
}
