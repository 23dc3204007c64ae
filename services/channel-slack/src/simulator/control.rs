use axum::{Json, Router, extract::State as Shared, routing::post};
use http::StatusCode;
use serde::Deserialize;
use url::Url;
use weft_channel::simulation::control;

use super::{Simulator, events, pusher};

/// What a person does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Writes to the app.
    Text(String),
    /// Writes in a channel.
    Channel(String),
    /// Writes in a channel and calls the app by its name.
    Mention(String),
    /// Sends a picture.
    File,
    /// Changes a message into this.
    Edit(String, String),
    /// Takes a message back.
    Delete(String),
    /// Reacts to a message with a sign of this name.
    React(String, String),
    /// Presses the button with this value under a message.
    Press(String, String),
    /// Removes the app.
    Uninstall,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Too many calls.
    RateLimited,
    /// The token does not hold any more.
    TokenRevoked,
    /// A permission is missing.
    MissingScope,
    /// Slack fails, and may have done it.
    InternalError,
    /// The app was put out of the channel.
    NotInChannel,
    /// A gateway's page with 502.
    GatewayPage,
}

#[derive(Deserialize)]
struct Webhook {
    url: Url,
}

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let say = |it: &Simulator, user: String, says| Ok(it.customer_says(&user, says));
    Router::new()
        .route("/simulator/webhook", post(webhook))
        .route("/simulator/customers/{user}/messages", control::lets("ts", say))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/reactions", control::shows(Simulator::reactions))
        .route("/simulator/faults", control::takes(Simulator::fail_next))
}

/// What people enter in the app's console.
async fn webhook(
    Shared(simulator): Shared<Simulator>,
    Json(webhook): Json<Webhook>,
) -> Result<StatusCode, (StatusCode, &'static str)> {
    match simulator.call_at(webhook.url).await {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err((StatusCode::BAD_REQUEST, "the address did not give the challenge back")),
    }
}

impl Simulator {
    /// Enters where to call, as people do in the app's console. False when the address does not give the challenge back.
    pub async fn call_at(&self, url: Url) -> bool {
        let is_there = pusher::greet(self, &url).await;
        if is_there {
            self.world.change(|state| state.webhook = Some(url));
        }
        is_there
    }

    /// Adds a person, or gives one another name.
    pub fn add_person(&self, user: &str, name: &str) {
        self.world.lock().people.insert(user.to_owned(), name.to_owned());
    }

    /// Lets the next call fail.
    pub fn fail_next(&self, fault: Fault) {
        self.world.lock().faults.push_back(fault);
    }

    /// Lets a person do something; an unknown one is made. Gives the id of the message, if it is one.
    pub fn customer_says(&self, user: &str, says: Says) -> String {
        self.world.change(|state| {
            state.people.entry(user.to_owned()).or_insert_with(|| "Customer".to_owned());
            let (ts, pushes) = events::of(state, user, says);
            pushes.into_iter().for_each(|push| state.push(push));
            ts
        })
    }
}
