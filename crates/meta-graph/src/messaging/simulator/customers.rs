use serde_json::{Value, json};
use weft_domain::Error;

use super::{Content, Simulator, messages::echo, pusher::Happening, state::Customer};

const PHOTO: &[u8] = include_bytes!("samples/photo.png");
const INVOICE: &[u8] = include_bytes!("samples/invoice.pdf");

impl Simulator {
    /// Adds a customer, or gives one another name.
    pub fn add_customer(&self, id: &str, name: &str) {
        self.world.change(|state| state.customers.entry(id.to_owned()).or_default().name = name.to_owned());
    }

    /// Lets a customer do something; an unknown one is made. Gives the message's id.
    pub fn customer_says(&self, id: &str, content: Content) -> Result<String, Error> {
        let settings = &self.settings;
        let now = self.now();
        let mid =
            self.world.change(|state| format!("{}IN{:06}", settings.rules.message_prefix, state.next()));
        let happened = self.fields(&mid, content)?;
        let writes = happened.get("message").is_some_and(|message| message.get("is_deleted").is_none())
            || happened.get("postback").is_some();
        self.world.change(|state| {
            let customer = state.customers.entry(id.to_owned()).or_insert_with(unknown);
            if writes {
                customer.wrote_at = Some(now);
                state.written.insert(mid.clone(), id.to_owned());
            }
            state.push(Happening::to_us(settings, id, now, happened));
        });
        Ok(mid)
    }

    /// Lets a person of the business answer in Meta's own inbox.
    pub fn inbox_says(&self, customer: &str, text: &str) -> String {
        let (settings, now) = (&self.settings, self.now());
        self.world.change(|state| {
            let id = format!("{}INBOX{:06}", settings.rules.message_prefix, state.next());
            echo(state, settings, customer, &id, &json!({"text": text}), None, now);
            id
        })
    }

    /// Lets somebody write to another account of the same app.
    pub fn somebody_says_elsewhere(&self, account: &str, text: &str) {
        let (settings, now) = (&self.settings, self.now());
        self.world.change(|state| {
            let mid = format!("{}ELSE{:06}", settings.rules.message_prefix, state.next());
            let elsewhere = super::Settings { account: account.to_owned(), ..settings.as_ref().clone() };
            let message = json!({"message": {"mid": mid, "text": text}});
            state.push(Happening::to_us(&elsewhere, "7000000000000999", now, message));
        });
    }

    fn fields(&self, mid: &str, content: Content) -> Result<Value, Error> {
        let file = |kind: &str, name: &str, mime: &'static str, bytes: &'static [u8]| json!({"type": kind, "payload": {"url": self.store(name, mime, bytes)}});
        let message = |attachment: Value| json!({"message": {"mid": mid, "attachments": [attachment]}});
        Ok(match content {
            Content::Text(text) => json!({"message": {"mid": mid, "text": text}}),
            Content::Reply { to, text } => {
                json!({"message": {"mid": mid, "text": text, "reply_to": {"mid": to}}})
            }
            Content::Image {} => message(file("image", "photo.png", "image/png", PHOTO)),
            Content::File {} => message(file("file", "invoice-17.pdf", "application/pdf", INVOICE)),
            Content::Choice { to, payload } => self.choice(mid, to.as_deref(), &payload)?,
            Content::Reaction { message_id, emoji } if emoji.is_empty() => {
                json!({"reaction": {"mid": message_id, "action": "unreact"}})
            }
            Content::Reaction { message_id, emoji } => {
                json!({"reaction": {"mid": message_id, "action": "react", "reaction": "other", "emoji": emoji}})
            }
            Content::Edit { message_id, text } => {
                json!({"message_edit": {"mid": message_id, "text": text, "num_edit": 1}})
            }
            Content::Unsend { message_id } => json!({"message": {"mid": message_id, "is_deleted": true}}),
            Content::StoryReply { text } => {
                let url = self.store("", "image/png", PHOTO);
                let story = json!({"id": "17900000000000001", "url": url});
                json!({"message": {"mid": mid, "text": text, "reply_to": {"story": story}}})
            }
            Content::StoryMention {} => message(file("story_mention", "", "image/png", PHOTO)),
            Content::Raw(fields) if fields.is_object() => fields,
            Content::Raw(_) => return Err(Error::invalid_field("raw", "it must be an object")),
        })
    }

    /// What a choice under a message gives, or one to begin with.
    fn choice(&self, mid: &str, to: Option<&str>, wanted: &str) -> Result<Value, Error> {
        let none = || Error::invalid_field("payload", "there is no such choice");
        let state = self.world.lock();
        let Some(to) = to else {
            let questions = state.profile.pointer("/ice_breakers/0/call_to_actions");
            let question = questions.and_then(|all| item(all, wanted, "question")).ok_or_else(none)?;
            return Ok(postback(mid, &question, wanted));
        };
        let sent = state.sent.iter().find(|sent| sent.id == to).ok_or_else(none)?;
        let title = |pointer: &str| item(sent.message.pointer(pointer)?, wanted, "title");
        if let Some(title) = title("/quick_replies") {
            return Ok(json!({"message": {"mid": mid, "text": title, "quick_reply": {"payload": wanted}}}));
        }
        let title = title("/attachment/payload/buttons").ok_or_else(none)?;
        Ok(postback(mid, &title, wanted))
    }
}

fn item(list: &Value, wanted: &str, label: &str) -> Option<String> {
    let is_meant = |item: &&Value| item.get("payload").and_then(Value::as_str) == Some(wanted);
    let found = list.as_array()?.iter().find(is_meant)?;
    Some(found.get(label)?.as_str()?.to_owned())
}

fn postback(mid: &str, title: &str, payload: &str) -> Value {
    json!({"postback": {"mid": mid, "title": title, "payload": payload}})
}

fn unknown() -> Customer {
    Customer { name: "Customer".to_owned(), ..Customer::default() }
}
