use axum::{Json, Router, extract::State as Shared, routing::post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use weft_auth::RsaSigner;
use weft_channel::simulation::control;
use weft_domain::Error;

use super::{Forgery, Simulator, activities, pusher};

/// What a person does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Writes to the bot.
    Text(String),
    /// Writes in a channel and calls the bot by its name.
    Channel(String),
    /// Sends a picture.
    Picture,
    /// Sends another file.
    File,
    /// Changes a message into this.
    Edit(String, String),
    /// Takes a message back.
    Delete(String),
    /// Reacts to a message with a sign of this kind.
    React(String, String),
    /// Types.
    Typing,
    /// Touches a button under a message, which gives this back.
    Press(String, Value),
    /// Touches a button of this verb that wants an answer at once.
    Execute(String),
    /// Installs the bot.
    Install,
    /// Removes it.
    Uninstall,
    /// Blocks it: it cannot write any more.
    Block,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Too many calls.
    Throttled,
    /// No token that was given holds any more.
    TokensTakenBack,
    /// 412: try again.
    TryAgain,
    /// A gateway's page with 502.
    BadGateway,
    /// A gateway's page with 504.
    GatewayTimeout,
    /// The bot was removed from the conversation.
    Removed,
}

/// What people enter in the Azure portal.
#[derive(Deserialize)]
struct Webhook {
    url: Url,
}

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let enter = |it: &Simulator, webhook: Webhook| it.call_at(webhook.url);
    let say = |it: &Simulator, user: String, says| Ok(it.customer_says(&user, says));
    Router::new()
        .route("/simulator/webhook", control::takes(enter))
        .route("/simulator/customers/{user}/messages", control::lets("id", say))
        .route("/simulator/forgeries", post(forge))
        .route("/simulator/keys", post(rotate))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/faults", control::takes(Simulator::fail_next))
}

async fn forge(Shared(simulator): Shared<Simulator>, Json(forgery): Json<Forgery>) -> Json<Value> {
    Json(json!({"answered": simulator.forge(forgery).await}))
}

async fn rotate(Shared(simulator): Shared<Simulator>) -> StatusCode {
    match simulator.rotate_key() {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Simulator {
    /// Enters where to call, as people do in the Azure portal. Nobody greets it.
    pub fn call_at(&self, url: Url) {
        self.world.change(|state| state.webhook = Some(url));
    }

    /// Adds a person, or gives one another name.
    pub fn add_person(&self, user: &str, name: &str) {
        self.world.lock().people.insert(user.to_owned(), name.to_owned());
    }

    /// Lets the next call fail.
    pub fn fail_next(&self, fault: Fault) {
        self.world.lock().faults.push_back(fault);
    }

    /// The conversations in which the bot showed that it is typing.
    pub fn typing(&self) -> Vec<String> {
        self.world.lock().typing.clone()
    }

    /// Signs with another key from now on; the old ones stay published.
    pub fn rotate_key(&self) -> Result<(), Error> {
        let name = format!("simulated-{}", self.world.lock().keys.len() + 1);
        let key = RsaSigner::generate(&name)?;
        self.world.lock().keys.push(key);
        Ok(())
    }

    /// Lets a person do something; an unknown one is made. Gives the id of the message, if it is one.
    pub fn customer_says(&self, user: &str, says: Says) -> String {
        self.world.change(|state| {
            state.people.entry(user.to_owned()).or_insert_with(|| "Customer".to_owned());
            let (id, activity) = activities::of(state, user, says);
            state.push(activity);
            id
        })
    }

    /// Delivers an activity that is not what it says to be; gives the status it is answered with, when it is.
    pub async fn forge(&self, forgery: Forgery) -> Option<u16> {
        let (_, activity) =
            activities::of(&mut self.world.lock(), "29:forger", Says::Text("I am Ada".to_owned()));
        pusher::push_forged(self, &activity, forgery).await
    }
}
