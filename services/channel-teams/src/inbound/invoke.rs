use http::StatusCode;
use serde_json::{Value, json};
use weft_channel::{Event, MessageReceived, ReceiveError, Received, WebhookReply, inbound};

use super::{Context, on_message::chosen};
use crate::wire::Executed;

impl Context<'_> {
    /// Something that wants an answer at once.
    pub(super) fn invoke(&self) -> Result<Received, ReceiveError> {
        match self.activity.name.as_deref() {
            Some("adaptiveCard/action") => self.executed(),
            Some("fileConsent/invoke") => {
                let ignored = Received::ignored("file_consent", "files go as links, which need no consent");
                Ok(Received { reply: reply(StatusCode::OK, json!({})), ..ignored })
            }
            _ => {
                let ignored =
                    Received::ignored("other_invoke", "this kind of invoke is not for conversations");
                Ok(Received { reply: reply(StatusCode::NOT_IMPLEMENTED, json!({})), ..ignored })
            }
        }
    }

    fn executed(&self) -> Result<Received, ReceiveError> {
        let value = self.activity.value.as_ref().unwrap_or(&Value::Null);
        let Executed { action } = inbound::read(value)?;
        let said = match action.data.filter(|data| !data.is_null()) {
            Some(data) => chosen(&data),
            None => MessageReceived {
                text: action.verb.clone(),
                postback: Some(action.verb),
                ..MessageReceived::default()
            },
        };
        let reply_to = self.activity.reply_to_id.as_deref().map(|id| self.message_id(id));
        let message = MessageReceived { id: self.own_message_id()?, reply_to, ..said };
        let thanks = json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Thanks"});
        let received = Received::event(self.event("", Event::Message(message))?);
        Ok(Received { reply: reply(StatusCode::OK, thanks), ..received })
    }
}

fn reply(status: StatusCode, body: Value) -> WebhookReply {
    WebhookReply { status, body: body.to_string().into(), ..WebhookReply::default() }
}
