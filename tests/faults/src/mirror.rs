//! Conversations and messages as one client knows them: from its socket alone, or from the database.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use weft_tests_fleet::{Client, Live};

/// What somebody knows.
pub(crate) struct Mirror {
    live: Option<Live>,
    conversations: BTreeMap<String, Value>,
    messages: BTreeMap<String, Value>,
}

impl Mirror {
    /// Follows everything from now on; what is there already is read, as a client does.
    pub(crate) async fn follow(client: &Client) -> Self {
        let live = Live::subscribe(client).await;
        Self { live: Some(live), ..Self::read(client).await }
    }

    /// What the database has.
    pub(crate) async fn read(client: &Client) -> Self {
        let mut all = Self { live: None, conversations: BTreeMap::new(), messages: BTreeMap::new() };
        for archived in [false, true] {
            for conversation in client.list(&format!("/v1/conversations?archived={archived}")).await {
                let id = text(&conversation["id"]);
                all.read_messages(client, &id).await;
                all.conversations.insert(id, shown(conversation));
            }
        }
        all
    }

    async fn read_messages(&mut self, client: &Client, conversation: &str) {
        self.messages.retain(|_, message| message["conversation_id"] != conversation);
        for message in client.list(&format!("/v1/conversations/{conversation}/messages?after_seq=0")).await {
            self.messages.insert(text(&message["id"]), message);
        }
    }

    /// Takes what the socket tells until it is over, and says which conversations it has seen to their end.
    pub(crate) async fn keep(
        mut self,
        (me, client): (usize, Client),
        over: CancellationToken,
        told: UnboundedSender<(usize, String)>,
    ) -> Self {
        let Some(mut live) = self.live.take() else { return self };
        while let Some(frame) = over.run_until_cancelled(live.next()).await {
            let Some(frame) = frame else { break };
            let data = &frame["data"];
            match frame["event"].as_str().unwrap_or_default() {
                "conversation.created" | "conversation.updated" => {
                    let conversation = data["conversation"].clone();
                    // it is told after the message, and is the last of what is told of that
                    let says = text(&conversation["last_message"]["text"]);
                    if says.starts_with("the end of ") {
                        told.send((me, says)).ok();
                    }
                    self.conversations.insert(text(&conversation["id"]), shown(conversation));
                }
                "message.created" | "message.updated" => {
                    let message = data["message"].clone();
                    self.messages.insert(text(&message["id"]), message);
                }
                "reaction.changed" => self.react(data),
                "regrouping.updated" => {
                    let both = [&data["regrouping"]["conversation"], &data["regrouping"]["other"]];
                    for one in both {
                        self.read_messages(&client, &text(&one["id"])).await;
                    }
                }
                _ => {}
            }
        }
        self
    }

    /// Somebody reacted, or took it back.
    fn react(&mut self, data: &Value) {
        let Some(message) = self.messages.get_mut(&text(&data["message_id"])) else { return };
        if message["reactions"].is_null() {
            message["reactions"] = json!([]);
        }
        let Some(all) = message["reactions"].as_array_mut() else { return };
        let is_it =
            |one: &Value| one["emoji"] == data["emoji"] && one["author"]["id"] == data["author"]["id"];
        let known = all.iter().any(is_it);
        if data["removed"] == true {
            all.retain(|one| !is_it(one));
        } else if !known {
            all.push(json!({"emoji": data["emoji"], "author": data["author"]}));
        }
    }

    /// How many conversations and messages.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.conversations.len(), self.messages.len())
    }

    /// Whether an answer has not ended yet.
    pub(crate) fn is_under_way(&self) -> bool {
        self.messages.values().any(|message| matches!(message["state"].as_str(), Some("queued" | "sending")))
    }

    /// Those in which something can be written.
    pub(crate) fn open_conversations(&self) -> Vec<String> {
        let open =
            self.conversations.iter().filter(|(_, conversation)| conversation["merged_into"].is_null());
        open.map(|(id, _)| id.clone()).collect()
    }

    /// Where it differs from what there is.
    pub(crate) fn differs_from(&self, truth: &Self) -> Vec<String> {
        let mut all = compared("conversation", &self.conversations, &truth.conversations);
        let told = |messages: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
            messages.iter().map(|(id, message)| (id.clone(), told(message.clone()))).collect()
        };
        all.extend(compared("message", &told(&self.messages), &told(&truth.messages)));
        all
    }
}

/// A conversation without what is of whoever asks, and of the moment it was written in.
fn shown(mut conversation: Value) -> Value {
    for own in ["marks", "reply", "last_message"] {
        conversation.as_object_mut().map(|fields| fields.remove(own));
    }
    conversation
}

/// A message as everybody is told of it: of reactions who reacted how.
fn told(mut message: Value) -> Value {
    let reactions = message["reactions"].as_array().cloned().unwrap_or_default();
    let mut who: Vec<String> =
        reactions.iter().map(|one| format!("{} {}", one["emoji"], one["author"]["id"])).collect();
    who.sort();
    message["reactions"] = json!(who);
    message
}

fn compared(what: &str, seen: &BTreeMap<String, Value>, truth: &BTreeMap<String, Value>) -> Vec<String> {
    let missing = truth.keys().filter(|id| !seen.contains_key(*id));
    let mut all: Vec<String> = missing.map(|id| format!("{what} {id} was never seen")).collect();
    for (id, one) in seen {
        match truth.get(id) {
            None => all.push(format!("{what} {id} is not there")),
            Some(other) if one != other => all.push(format!("{what} {id}: saw {one}, is {other}")),
            Some(_) => {}
        }
    }
    all
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
