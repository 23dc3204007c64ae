//! Activities into events. Pure.

mod content;
mod invoke;
mod on_membership;
mod on_message;
mod on_reaction;
mod on_read;
mod place;
mod text;

use chrono::{DateTime, Utc};
use url::Url;
use weft_channel::{Event, Inbound, ReceiveError, Received, Typing, WebhookCall, inbound};

use crate::{
    Account,
    wire::{Activity, Head},
};

/// What an activity is read with.
struct Context<'a> {
    activity: &'a Activity,
    at: DateTime<Utc>,
}

/// Reads an activity, and notes where its conversation is answered.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    let head: Head = call.json()?;
    if head.channel_id != "msteams" {
        return Ok(Received::ignored(
            "other_channel",
            "the bot is connected to something else than Teams, too",
        ));
    }
    if !account.takes_tenant(head.tenant()) {
        return Ok(Received::ignored("other_tenant", "it is of an organisation that is not to be answered"));
    }
    let activity: Activity = call.json()?;
    let told = activity.timestamp.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let context =
        Context { activity: &activity, at: told.map_or(call.received_at, |instant| instant.to_utc()) };
    let received = context.read()?;
    let is_service = Url::parse(&head.service_url).is_ok_and(|url| account.is_service(&url));
    let route = is_service.then(|| (activity.conversation.id.clone(), head.service_url));
    Ok(Received { routes: route.into_iter().collect(), ..received })
}

impl Context<'_> {
    fn read(&self) -> Result<Received, ReceiveError> {
        if self.activity.from.as_ref().is_some_and(|from| from.app().is_some()) && self.is_of_people() {
            return Ok(Received::ignored("of_a_bot", "bots do not talk with bots"));
        }
        match self.activity.kind.as_str() {
            "message" => self.message(),
            "messageUpdate" => self.update(),
            "messageDelete" => self.delete(),
            "messageReaction" => self.reactions(),
            "typing" => self.event("", Event::Typing(Typing { on: true })).map(Received::event),
            "conversationUpdate" => self.membership(),
            "installationUpdate" => self.installation(),
            "invoke" => self.invoke(),
            "event" => self.read_receipt(),
            _ => Ok(Received::ignored("other_activity", "this kind of activity is not for conversations")),
        }
    }

    /// Whether it is of a kind that people do.
    fn is_of_people(&self) -> bool {
        matches!(self.activity.kind.as_str(), "message" | "messageUpdate" | "messageReaction" | "typing")
    }

    /// An event of this activity. What can happen to one message again and again is told apart by its time.
    fn event(&self, which: &str, what: Event) -> Result<Inbound, ReceiveError> {
        let activity = self.activity;
        let id = activity.id.as_deref().or(activity.reply_to_id.as_deref()).unwrap_or_default();
        let time = activity.timestamp.as_deref().unwrap_or_default();
        let (thread, sender) = self.thread()?;
        let key = match activity.kind.as_str() {
            "message" => format!("message:{}:{id}", activity.conversation.id),
            kind => format!("{kind}:{}:{id}:{time}:{which}", activity.conversation.id),
        };
        Ok(Inbound { sender, ..inbound::event(key, self.at, thread, what) })
    }

    /// What a message is called: an activity's id holds in its conversation only.
    fn message_id(&self, activity_id: &str) -> String {
        format!("{}/{activity_id}", self.activity.conversation.id)
    }

    fn own_message_id(&self) -> Result<String, ReceiveError> {
        let id = self.activity.id.as_deref().filter(|id| !id.is_empty());
        id.map(|id| self.message_id(id)).ok_or_else(|| wrong("it does not say which message it is"))
    }
}

fn wrong(why: &str) -> ReceiveError {
    ReceiveError { why: why.to_owned() }
}
