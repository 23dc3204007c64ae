use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;
use weft_channel::{
    File, Outbound, Part, ProviderCall, Receipt, SendError, Transport, plan::buttons_as_text,
};

use super::{destination::Destination, looks};
use crate::{
    Account, api,
    wire::{UploadPlace, Uploaded},
};

/// Within the minute that the host gives a part with a file.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(40);

/// Asks for a place, puts the file there, and shows it in the channel: only the last makes it be seen.
pub(super) async fn send(
    account: &Account,
    message: &Outbound,
    file: &File,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let id = put_up(account, file, transport).await.map_err(SendError::of_repeatable)?;

    let to = Destination::of(message);
    let mut warnings = to.warnings;
    let mut body = Map::new();
    body.insert("files".to_owned(), json!([{"id": id, "title": file.name}]));
    body.insert("channel_id".to_owned(), to.channel.into());
    if let Some(ts) = to.thread_ts {
        body.insert("thread_ts".to_owned(), ts.into());
    }
    let mut words = vec![looks::words(&message.text, message.rich.as_ref())];
    if !message.buttons.is_empty() {
        words.push(looks::words(&buttons_as_text(&message.buttons), None));
        warnings
            .push("Slack shows no buttons under files: the choices were sent as numbered text".to_owned());
    }
    words.retain(|paragraph| !paragraph.is_empty());
    if !words.is_empty() {
        body.insert("initial_comment".to_owned(), words.join("\n\n").into());
    }
    let call = api::json(account, "files.completeUploadExternal", Value::Object(body))?;
    let done: Uploaded = api::result(call, transport).await?;
    let shown = done.files.into_iter().next().map_or(id, |file| file.id);
    // the message's own id is told to nobody who asks
    Ok(Receipt { warnings, ..Receipt::of(format!("file:{shown}")) })
}

async fn put_up(account: &Account, file: &File, transport: &dyn Transport) -> Result<String, SendError> {
    let fields = [("filename", file.name.clone()), ("length", file.bytes.len().to_string())];
    let call = api::form(account, "files.getUploadURLExternal", &fields)?;
    let place: UploadPlace = api::result(call, transport).await?;
    let url = Url::parse(&place.upload_url).ok().filter(|url| account.is_of_slack(url)).ok_or_else(|| {
        SendError::Unreadable { why: "the place for the file is not with Slack".to_owned() }
    })?;
    let call =
        ProviderCall::post(url, "upload").multipart(vec![Part::file("file", file)]).timeout(UPLOAD_TIMEOUT);
    let reply = transport.call(call).await?;
    if reply.status.is_success() { Ok(place.file_id) } else { Err(reply.error_of_status()) }
}
