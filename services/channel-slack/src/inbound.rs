//! Calls into events. Pure.

mod content;
mod interaction;
mod on_change;
mod on_message;
mod on_reaction;
mod place;
mod text;

use chrono::{DateTime, Utc};
use weft_channel::{ReceiveError, Received, WebhookCall, WebhookReply, inbound};

use crate::{
    Account,
    verify::{is_form, is_probe},
    wire::{Event, Message, Webhook, Wrapped},
};

/// Reads a call: an event, what somebody did with a button, or a greeting.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    if is_probe(call) {
        return Ok(Received::ignored("ssl_check", "it only looks at our certificate"));
    }
    if is_form(call) {
        let received = interaction::receive(account, &call.body)?;
        // text here would be shown to the person
        return Ok(Received { reply: WebhookReply::text(""), ..received });
    }
    match call.json()? {
        Webhook::UrlVerification { challenge } => {
            Ok(Received { reply: WebhookReply::text(challenge), ..Received::default() })
        }
        Webhook::EventCallback(wrapped) if wrapped.teams().any(|team| team == account.team_id) => {
            Ok(event(account, &wrapped).unwrap_or_else(|error| inbound::unreadable(error, &wrapped.event)))
        }
        Webhook::EventCallback(_) => Ok(Received::ignored("other_workspace", "it is of another workspace")),
        Webhook::AppRateLimited { .. } => {
            Ok(Received::ignored("app_rate_limited", "Slack left out events: there were too many in an hour"))
        }
        Webhook::Other => Ok(Received::ignored("unknown_call", "this kind of call is not for conversations")),
    }
}

fn event(account: &Account, wrapped: &Wrapped) -> Result<Received, ReceiveError> {
    match inbound::read(&wrapped.event)? {
        Event::Message(message) => self::message(account, wrapped, message),
        Event::AppMention(mention) => on_message::said(account, wrapped, &mention),
        Event::ReactionAdded(reaction) => on_reaction::reacted(wrapped, &reaction, false),
        Event::ReactionRemoved(reaction) => on_reaction::reacted(wrapped, &reaction, true),
        Event::AppUninstalled => Ok(disconnected("the app was removed from the workspace: install it again")),
        Event::TokensRevoked { tokens } if !tokens.bot.is_empty() => {
            Ok(disconnected("the bot token was revoked: install the app again and save the new one"))
        }
        Event::TokensRevoked { .. } => Ok(Received::ignored("tokens_revoked", "it is a person's token")),
        Event::Other => Ok(Received::ignored("other_event", "this kind of event is not for conversations")),
    }
}

fn message(account: &Account, wrapped: &Wrapped, message: Message) -> Result<Received, ReceiveError> {
    match message.said.subtype.as_deref() {
        None | Some("file_share" | "me_message" | "thread_broadcast") => {
            on_message::said(account, wrapped, &message)
        }
        Some("message_changed") => on_change::changed(account, wrapped, &message),
        Some("message_deleted") => on_change::deleted(wrapped, &message),
        Some("bot_message") => Ok(Received::ignored("of_an_app", "apps do not talk with apps")),
        Some("channel_join" | "channel_leave") => {
            Ok(Received::ignored("membership", "who comes and goes is not for conversations"))
        }
        Some(_) => Ok(Received::ignored("other_message", "it is about the channel, not of a person")),
    }
}

fn disconnected(why: &str) -> Received {
    Received { account_fault: Some(why.to_owned()), ..Received::default() }
}

fn wrong(why: &str) -> ReceiveError {
    ReceiveError { why: why.to_owned() }
}

/// The instant that a message's id says: seconds and microseconds.
fn instant(ts: &str) -> Option<DateTime<Utc>> {
    let (seconds, micros) = ts.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(micros) || micros.len() != 6 {
        return None;
    }
    DateTime::from_timestamp(seconds.parse().ok()?, micros.parse::<u32>().ok()?.checked_mul(1000)?)
}
