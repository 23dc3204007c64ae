//! One part of a message into one message.

use serde_json::json;
use weft_channel::{Files, Outbound, Receipt, SendError, Transport, attachment::Kind};
use weft_meta_graph::messaging::{Letter, Limits, Words, attachment, words};

use crate::Account;

const LIMITS: Limits = Limits { chars: 2000, bytes: None };

/// Sends one part; a file goes up with the same call.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let (content, file) = match message.attachments.first() {
        Some(given) => {
            let file = files.get(given)?;
            let fields = attachment(message, kind(given.kind()), json!({}))?;
            (Words { fields, warnings: Vec::new() }, Some(file))
        }
        None => (words(message, LIMITS)?, None),
    };
    let mut fields = content.fields;
    // comes back in the echo
    fields.insert("metadata".to_owned(), json!(message.message_id));
    let reply_to = message.reply_to.as_deref().filter(|mid| mid.starts_with("m_"));
    let letter = Letter { content: fields, reply_to, file };
    let mid = account.desk().send(message, &letter, transport).await?;
    Ok(Receipt { warnings: content.warnings, ..Receipt::of(mid) })
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Image | Kind::Sticker => "image",
        Kind::Video => "video",
        Kind::Audio | Kind::Voice => "audio",
        Kind::File => "file",
    }
}
