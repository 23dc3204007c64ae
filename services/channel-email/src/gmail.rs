//! A mailbox over the Gmail API.
//!
//! - **Access**: `client_id`, `client_secret`, `refresh_token`; the host keeps the access token, and gets another once after a 401.
//! - **Reading**: per label (`inbox`, `spam_folder`, `sent_folder` hold their ids) `history.list` since the position, a history id, for mails that
//!   came or came under the label; of each the size (`format=minimal`), then the mail (`format=raw`). A history that does not go back so far
//!   (404) is replaced by the list of mails since two days before the position moved last, the oldest first: the position is an instant then,
//!   until all is read. A mailbox that was read over IMAP before begins so, too.
//! - **Being told**: with `pubsub_topic` Gmail is asked to tell when connecting and once a day (`users.watch`). A call of Pub/Sub only ends the
//!   waiting for new mail; it needs Google's signature (RS256, `aud` is the webhook's own address, `email` is `pubsub_service_account`).
//!   Without a topic, or when the call reaches another replica, mail is found within half a minute.
//! - **Sending**: `messages.send` with the mail as it is, from 3.5 MB on as an upload. Gmail's `threadId` comes from the mails of the thread, as
//!   long as the host remembers it (`Received::routes`). Hidden copies go as `Bcc`, which Gmail takes out. After an answer that was cut off, and
//!   before a second attempt, `rfc822msgid:` says whether the mail is among those sent; only if not, it is *unclear*.
//! - A null return path cannot be asked for: mail of programs has `Auto-Submitted` alone.

mod errors;
mod news;
mod push;
mod send;
mod watch;
mod wire;

pub(crate) use push::{Pushes, receive, verify};

use std::{fmt, time::Duration};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use futures::TryStreamExt as _;
use serde::de::DeserializeOwned;
use url::Url;
use weft_channel::{Download, ProviderCall, ProviderReply, SendError, Transport};

use crate::{Email, account::Account};

/// What the number of a [`crate::store::Position`] is worth here: a history id.
pub(crate) const BY_HISTORY: u32 = 0;
/// The instant, in milliseconds, before which everything was read: the history does not go back so far.
pub(crate) const BY_TIME: u32 = u32::MAX;

/// A whole mail as base64 in JSON: a third more than itself.
const MOST_ANSWER: u64 = 50 * 1024 * 1024;
/// With or without the signs at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A mailbox; every use of it is a call of its own.
pub(crate) struct Mailbox<'a> {
    account: &'a Account,
    transport: &'a dyn Transport,
}

impl<'a> Mailbox<'a> {
    pub(crate) fn new(account: &'a Account, transport: &'a dyn Transport) -> Self {
        Self { account, transport }
    }

    /// Whether a label exists.
    pub(crate) async fn has(&self, label: &str) -> Result<(), SendError> {
        match self.get::<wire::Label>("label", &["labels", label], &[]).await? {
            Some(_) => Ok(()),
            None => Err(SendError::account_invalid(format!("the mailbox has no folder “{label}”"))),
        }
    }

    /// Whether the permission is for this mailbox; and has Gmail tell of new mail where that is wanted.
    pub(crate) async fn check(&self, email: &Email) -> Result<(), SendError> {
        let profile = self.profile().await?;
        if !self.account.is_ours(&profile.email_address) && self.account.login() != profile.email_address {
            let theirs = profile.email_address;
            return Err(SendError::account_invalid(format!(
                "the permission is of another mailbox, {theirs}"
            )));
        }
        if self.account.is_told() {
            self.watch(email).await?;
        }
        Ok(())
    }

    /// A mail as it is; or its head and its first words. None: it is gone.
    pub(crate) async fn read(
        &self,
        id: &str,
        in_part: bool,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, SendError> {
        let format = if in_part { "metadata" } else { "raw" };
        let url = self.url(&["messages", id], &[("format", format)])?;
        let call = ProviderCall::get(url, "read").with_access_token().timeout(patience);
        let Download { status, headers, body } = self.transport.download(call, MOST_ANSWER).await?;
        let pieces: Vec<_> =
            body.try_collect().await.map_err(|error| SendError::from(error).of_repeatable())?;
        let reply = ProviderReply { status, headers, body: pieces.concat().into() };
        let Some(mail) = found::<wire::Message>(&reply)? else { return Ok(None) };
        if in_part {
            return Ok(Some(mail.beginning()));
        }
        let unreadable = || SendError::unreachable("Gmail's answer holds no mail");
        BASE64.decode(mail.raw.ok_or_else(unreadable)?).map(Some).map_err(|_| unreadable())
    }

    async fn profile(&self) -> Result<wire::Profile, SendError> {
        let profile = self.get("profile", &["profile"], &[]).await?;
        profile.ok_or_else(|| SendError::account_invalid("Gmail knows no such mailbox"))
    }

    /// Asks for something. None: there is no such thing.
    async fn get<T: DeserializeOwned>(
        &self,
        class: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<T>, SendError> {
        let call = ProviderCall::get(self.url(path, query)?, class).with_access_token();
        let reply =
            self.transport.call(call).await.map_err(|error| SendError::from(error).of_repeatable())?;
        found(&reply)
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, SendError> {
        let mut url = self.account.api_base.clone();
        let unusable = |()| SendError::account_invalid("the address of the Gmail API cannot be one");
        url.path_segments_mut()
            .map_err(unusable)?
            .pop_if_empty()
            .extend(["gmail", "v1", "users", "me"])
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

/// What an answer to a question holds.
fn found<T: DeserializeOwned>(reply: &ProviderReply) -> Result<Option<T>, SendError> {
    match reply.status.as_u16() {
        200..300 => reply.json().map(Some).map_err(SendError::of_repeatable),
        404 => Ok(None),
        _ => Err(errors::of(reply).of_repeatable()),
    }
}

impl fmt::Debug for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
