//! One edge takes everything that goes out.

use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use weft_channel::{
    Change, File, Outbound, Part, ProviderCall, SendError, Transport, author, change::Change as What,
};

use super::{errors::is_window_closed, wire::Accepted};
use crate::{Access, Refusal, result};

/// Within the minute that the host gives a part with a file.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(50);
/// The tag that is for people only.
const HUMAN_AGENT: &str = "HUMAN_AGENT";

/// Where a business writes from.
#[derive(Clone)]
pub struct Desk<'a> {
    /// With whose token.
    pub access: Access<'a>,
    /// The node that the edge is of.
    pub node: &'a str,
    /// Every message has to say what it is for.
    pub says_type: bool,
    /// What to say of an answer that comes after the time for answers.
    pub late_tag: Option<&'a str>,
    /// The codes.
    pub meaning: fn(&Refusal) -> Option<SendError>,
}

/// One message.
pub struct Letter<'a> {
    /// Its fields.
    pub content: Map<String, Value>,
    /// The message it answers.
    pub reply_to: Option<&'a str>,
    /// What goes up with it.
    pub file: Option<&'a File>,
}

/// A sign for a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Somebody is typing.
    Typing,
    /// Their messages were seen.
    Seen,
}

impl Desk<'_> {
    /// Sends a message and gives its id. An answer refused for being late surely did not go: where a tag allows a person
    /// to answer still, it goes with that.
    pub async fn send(
        &self,
        message: &Outbound,
        letter: &Letter<'_>,
        transport: &dyn Transport,
    ) -> Result<String, SendError> {
        let mut is_late = false;
        let meaning = |refusal: &Refusal| {
            is_late = is_window_closed(refusal);
            (self.meaning)(refusal)
        };
        let call = self.call(message, letter, None)?;
        let outcome: Result<Accepted, SendError> = result(call, transport, meaning).await;
        let accepted: Accepted = match (outcome, self.late_tag_for(message)) {
            (Err(_), Some(tag)) if is_late => {
                result(self.call(message, letter, Some(tag))?, transport, self.meaning).await?
            }
            (outcome, _) => outcome?,
        };
        Ok(accepted.message_id)
    }

    /// Shows a contact something for a while.
    pub fn sign(&self, contact: &str, sign: Sign) -> Result<ProviderCall, SendError> {
        let action = match sign {
            Sign::Typing => "typing_on",
            Sign::Seen => "mark_seen",
        };
        let body = json!({"recipient": {"id": contact}, "sender_action": action});
        Ok(self.access.post(&[self.node, "messages"], "sender_action")?.json(body))
    }

    /// Shows a contact that somebody is typing, for 20 seconds at the most.
    pub async fn typing(&self, contact: &str, transport: &dyn Transport) -> Result<(), SendError> {
        let call = self.sign(contact, Sign::Typing)?;
        let _shown: IgnoredAny =
            result(call, transport, self.meaning).await.map_err(SendError::of_repeatable)?;
        Ok(())
    }

    /// Shows our side's reaction to a message, or none. There is one of ours at most: the newest. `name` says what the
    /// provider calls it.
    pub async fn react(
        &self,
        change: &Change,
        transport: &dyn Transport,
        name: fn(&str) -> Option<&str>,
    ) -> Result<(), SendError> {
        let (Some(What::React(react)), Some(id)) = (&change.change, change.provider_message_ids.last())
        else {
            return Err(SendError::unsupported("such a change"));
        };
        let (action, payload) = match react.emojis.last() {
            Some(emoji) => {
                let reaction = name(emoji)
                    .ok_or_else(|| SendError::message_invalid("the provider has no such reaction"))?;
                ("react", json!({"message_id": id, "reaction": reaction}))
            }
            None => ("unreact", json!({"message_id": id})),
        };
        let body =
            json!({"recipient": {"id": change.thread_id}, "sender_action": action, "payload": payload});
        let call = self.access.post(&[self.node, "messages"], "sender_action")?.json(body);
        let _shown: IgnoredAny =
            result(call, transport, self.meaning).await.map_err(SendError::of_repeatable)?;
        Ok(())
    }

    fn late_tag_for(&self, message: &Outbound) -> Option<&str> {
        let by_a_person = message.author.as_ref().is_some_and(|author| author.kind() == author::Kind::Agent);
        self.late_tag.filter(|tag| *tag != HUMAN_AGENT || by_a_person)
    }

    fn call(
        &self,
        message: &Outbound,
        letter: &Letter<'_>,
        tag: Option<&str>,
    ) -> Result<ProviderCall, SendError> {
        let call = self.access.post(&[self.node, "messages"], "messages")?;
        let mut fields = vec![("recipient", json!({"id": message.thread_id}))];
        match tag {
            Some(tag) => fields.extend([("messaging_type", json!("MESSAGE_TAG")), ("tag", json!(tag))]),
            None if self.says_type => fields.push(("messaging_type", json!("RESPONSE"))),
            None => {}
        }
        fields.push(("message", Value::Object(letter.content.clone())));
        fields.extend(letter.reply_to.map(|mid| ("reply_to", json!({"mid": mid}))));
        let Some(file) = letter.file else {
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
            return Ok(call.json(Value::Object(fields.collect())));
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fields = fields.iter().map(|(name, value)| Part::text(*name, text(value)));
        Ok(call.multipart(fields.chain([Part::file("filedata", file)]).collect()).timeout(UPLOAD_TIMEOUT))
    }
}
