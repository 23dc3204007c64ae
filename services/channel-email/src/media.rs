//! Files of mails, fetched from the mailbox when they are wanted.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use weft_channel::{Media, MediaStream, SendError, Transport};

use crate::{
    Email,
    account::Account,
    inbound::{Part, Reference},
    mail,
    mailbox::{Mailbox, Spot},
};

/// The host gives opening a file half a minute.
const PATIENCE: Duration = Duration::from_secs(25);

/// Opens a file of a mail.
pub(crate) async fn fetch(
    email: &Email,
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let reference: Reference = serde_json::from_str(&media.reference)
        .map_err(|_| SendError::message_invalid("the file is not one of this mailbox"))?;
    let raw = raw(email, account, &reference.spot, transport).await?;
    let gone = || SendError::rejected("no_such_part", "the mail no longer has this file");
    let bytes = match reference.part {
        Part::File(index) => mail::file(&raw, index).ok_or_else(gone)?,
        Part::Html => mail::safe_html(&raw).ok_or_else(gone)?.into_bytes(),
        Part::Text => mail::parse(&raw, None).text.into_bytes(),
    };
    let size = u64::try_from(bytes.len()).ok();
    Ok(MediaStream {
        name: Some(media.name.clone()).filter(|name| !name.is_empty()),
        mime: Some(media.mime.clone()).filter(|mime| !mime.is_empty()),
        size,
        body: stream::iter([Ok(Bytes::from(bytes))]).boxed(),
    })
}

/// How large a mail is taken to be before it is read.
const ROOM: u32 = 20_000_000;

/// The mail, which is read once for all its files.
async fn raw(
    email: &Email,
    account: &Account,
    spot: &Spot,
    transport: &dyn Transport,
) -> Result<Bytes, SendError> {
    let key = format!("{}\0{}", account.owner()?.channel, serde_json::to_string(spot).unwrap_or_default());
    let load = async {
        let _room = email.room_for(ROOM).await;
        let mut mailbox = Mailbox::open(email, account, transport).await?;
        let gone = || SendError::rejected("mail_gone", "the mail is no longer in the mailbox");
        mailbox.read(spot, None, PATIENCE).await?.map(Bytes::from).ok_or_else(gone)
    };
    // whoever wants another file of the same mail waits for the same reading
    email.mails.try_get_with(key, Box::pin(load)).await.map_err(|error| SendError::clone(&error))
}
