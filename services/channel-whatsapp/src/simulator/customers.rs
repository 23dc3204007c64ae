use std::collections::VecDeque;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use weft_domain::Error;

use super::{
    Content, FileContent, Simulator,
    pusher::Change,
    state::{Customer, State},
    templates,
};

const PHOTO: &[u8] = include_bytes!("samples/photo.png");
const INVOICE: &[u8] = include_bytes!("samples/invoice.pdf");

impl Simulator {
    /// Adds a customer with this number, or gives one another name.
    pub fn add_customer(&self, number: &str, name: &str) {
        self.world.change(|state| drop(customer(state, number, name)));
    }

    /// From now on webhooks do not tell the customer's number.
    pub fn hide_number(&self, number: &str) {
        self.world.change(|state| {
            if let Some(customer) = state.customers.get_mut(number) {
                customer.shows_number = false;
            }
        });
    }

    /// The id that the business knows a customer by.
    pub fn user_id(&self, number: &str) -> Option<String> {
        self.world.lock().customers.get(number).map(|customer| customer.user_id.clone())
    }

    /// Lets a customer do something; an unknown one is made. Gives the message's id.
    pub fn customer_says(&self, number: &str, content: Content) -> Result<String, Error> {
        let fields = self.fields(content)?;
        let (now, settings) = (self.now(), &self.settings);
        Ok(self.world.change(|state| {
            let id = state.message_id();
            if !state.customers.contains_key(number) {
                drop(customer(state, number, "Customer"));
            }
            state.written.insert(id.clone(), number.to_owned());
            let Some(customer) = state.customers.get_mut(number) else { return id };
            customer.wrote_at = Some(now);
            let mut message = Map::new();
            let mut contact = json!({"profile": {"name": customer.name}, "user_id": customer.user_id});
            if let Some(shown) = contact.as_object_mut().filter(|_| customer.shows_number) {
                shown.insert("wa_id".to_owned(), json!(number));
                message.insert("from".to_owned(), json!(number));
            }
            message.insert("from_user_id".to_owned(), json!(customer.user_id));
            message.insert("id".to_owned(), json!(id));
            message.insert("timestamp".to_owned(), json!(now.timestamp().to_string()));
            message.extend(fields);
            state.push(Change::message(settings, contact, Value::Object(message)));
            id
        }))
    }

    /// Lets somebody write to another number of the same app.
    pub fn somebody_says_elsewhere(&self, waba_id: &str, phone_number_id: &str, text: &str) {
        let now = self.now().timestamp().to_string();
        self.world.change(|state| {
            let id = state.message_id();
            let message =
                json!({"from": "447700900999", "id": id, "timestamp": now, "type": "text", "text": {"body": text}});
            state.push(Change::elsewhere(waba_id, phone_number_id, message));
        });
    }

    fn fields(&self, content: Content) -> Result<Map<String, Value>, Error> {
        let fields = match content {
            Content::Text(text) => json!({"type": "text", "text": {"body": text}}),
            Content::Reply { to, text } => {
                json!({"type": "text", "text": {"body": text}, "context": self.context(&to)})
            }
            Content::Image(file) => {
                json!({"type": "image", "image": self.file(&file, PHOTO, "image/png", None)})
            }
            Content::Document(file) => {
                let name = Some("invoice-17.pdf");
                json!({"type": "document", "document": self.file(&file, INVOICE, "application/pdf", name)})
            }
            Content::Location { latitude, longitude } => {
                json!({"type": "location", "location": {"latitude": latitude, "longitude": longitude}})
            }
            Content::Choice { to, id } => self.choice(&to, &id)?,
            Content::Reaction { message_id, emoji } => {
                json!({"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}})
            }
            Content::Raw(fields) => fields,
        };
        let not_an_object = || Error::invalid_field("raw", "it must be an object");
        fields.as_object().cloned().ok_or_else(not_an_object)
    }

    fn context(&self, id: &str) -> Value {
        json!({"from": self.settings.number, "id": id})
    }

    fn file(&self, content: &FileContent, sample: &'static [u8], mime: &str, name: Option<&str>) -> Value {
        let bytes = content.bytes.clone().unwrap_or_else(|| Bytes::from_static(sample));
        let mut file = json!({"id": self.store(mime, bytes), "mime_type": mime});
        if let Some(fields) = file.as_object_mut() {
            fields.extend(name.map(|name| ("filename".to_owned(), json!(name))));
            let caption = Some(&content.caption).filter(|caption| !caption.is_empty());
            fields.extend(caption.map(|caption| ("caption".to_owned(), json!(caption))));
        }
        file
    }

    /// The answer that a choice under a message gives.
    fn choice(&self, to: &str, id: &str) -> Result<Value, Error> {
        let state = self.world.lock();
        let sent = state.sent.iter().find(|sent| sent.id == to).map(|sent| &sent.content);
        if let Some(answer) = sent.and_then(|content| templates::answer(&state, content, id)) {
            return Ok(json!({"type": "button", "button": answer, "context": self.context(to)}));
        }
        let items = |pointer: &str| {
            let items = sent.and_then(|content| content.pointer(pointer)).and_then(Value::as_array);
            items.cloned().unwrap_or_default()
        };
        let replies = items("/action/buttons").into_iter().filter_map(|button| button.get("reply").cloned());
        let rows = items("/action/sections/0/rows");
        let is_meant = |item: &Value| item.get("id").and_then(Value::as_str) == Some(id);
        let (kind, chosen) = match (replies.into_iter().find(is_meant), rows.into_iter().find(is_meant)) {
            (Some(reply), _) => ("button_reply", reply),
            (None, Some(row)) => ("list_reply", row),
            (None, None) => {
                return Err(Error::invalid_field("id", "there is no such choice under this message"));
            }
        };
        drop(state);
        Ok(
            json!({"type": "interactive", "interactive": {"type": kind, kind: chosen}, "context": self.context(to)}),
        )
    }
}

fn customer(state: &mut State, number: &str, name: &str) -> Option<Customer> {
    let count = state.next();
    let customer = Customer {
        name: name.to_owned(),
        user_id: format!("GB.{:020}", 30_000_000_000_000_000_u64 + count),
        shows_number: true,
        wrote_at: None,
        written_to: VecDeque::new(),
    };
    state.customers.insert(number.to_owned(), customer)
}
