//! Handing a mail over.

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::Url;
use weft_channel::{ProviderCall, Retry, SendError};

use super::{BASE64, Mailbox, errors, wire};
use crate::compose::Mail;

/// A body of JSON may have 5 MB; a larger mail is uploaded.
const MOST_IN_JSON: usize = 3_500_000;
/// A mail with files takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

impl Mailbox<'_> {
    /// Hands a mail over, into Gmail's own thread where that is known. `again`: it may have gone before.
    pub(crate) async fn send(
        &self,
        mail: &Mail,
        thread: Option<String>,
        again: bool,
    ) -> Result<Vec<String>, SendError> {
        if again && self.has_sent(&mail.id).await? {
            return Ok(Vec::new());
        }
        let mut sent = self.post(mail, thread.as_deref()).await;
        if thread.is_some() && sent.as_ref().is_err_and(|error| error.code() == "404") {
            // somebody deleted the thread
            sent = self.post(mail, None).await;
        }
        match sent {
            Err(doubt) if doubt.retry() == Retry::AskPerson => match self.has_sent(&mail.id).await {
                Ok(true) => Ok(Vec::new()),
                // it may still be on its way
                _ => Err(doubt),
            },
            sent => sent.map(|()| Vec::new()),
        }
    }

    async fn post(&self, mail: &Mail, thread: Option<&str>) -> Result<(), SendError> {
        let raw = with_hidden(mail);
        let mut about: Map<String, Value> =
            thread.map(|thread| ("threadId".to_owned(), thread.into())).into_iter().collect();
        let call = if raw.len() > MOST_IN_JSON {
            let boundary = hex::encode(Sha256::digest(&raw));
            ProviderCall::post(self.upload_url()?, "send").bytes(
                format!("multipart/related; boundary={boundary}"),
                in_parts(&about.into(), &raw, &boundary),
            )
        } else {
            about.insert("raw".to_owned(), BASE64.encode(raw).into());
            ProviderCall::post(self.url(&["messages", "send"], &[])?, "send").json(about.into())
        };
        let reply = self.transport.call(call.with_access_token().timeout(PATIENCE)).await?;
        if !reply.status.is_success() {
            return Err(errors::of(&reply));
        }
        reply.json::<wire::Named>().map(drop)
    }

    fn upload_url(&self) -> Result<Url, SendError> {
        let mut url = self.url(&["messages", "send"], &[("uploadType", "multipart")])?;
        let base = self.account.api_base.path().trim_end_matches('/');
        let path = url.path().strip_prefix(base).unwrap_or_default();
        url.set_path(&format!("{base}/upload{path}"));
        Ok(url)
    }

    /// Whether a mail of ours is among those that were sent.
    async fn has_sent(&self, id: &str) -> Result<bool, SendError> {
        let query = format!("rfc822msgid:{id}");
        let asked = [("labelIds", "SENT"), ("q", query.as_str())];
        let listed: Option<wire::Listed> = self.get("list", &["messages"], &asked).await?;
        Ok(listed.is_some_and(|listed| !listed.messages.is_empty()))
    }
}

/// Gmail takes the recipients from the headers, and this one out.
fn with_hidden(mail: &Mail) -> Vec<u8> {
    let hidden: Vec<String> = mail.envelope.hidden.iter().map(ToString::to_string).collect();
    if hidden.is_empty() {
        return mail.raw.clone();
    }
    [format!("Bcc: {}\r\n", hidden.join(",\r\n ")).as_bytes(), mail.raw.as_slice()].concat()
}

/// A body of two parts (RFC 2387): what is said about a mail, and the mail.
fn in_parts(about: &Value, raw: &[u8], boundary: &str) -> Vec<u8> {
    let head = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{about}\r\n\
         --{boundary}\r\nContent-Type: message/rfc822\r\n\r\n"
    );
    [head.as_bytes(), raw, format!("\r\n--{boundary}--\r\n").as_bytes()].concat()
}
