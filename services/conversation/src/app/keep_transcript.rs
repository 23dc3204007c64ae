use weft_domain::{Error, Result, id};
use weft_proto::conversation::v1::{KeepTranscriptRequest, Message, Transcript};

use crate::{
    Context, deliver, events, lookup, show,
    store::{content::StoredTranscript, messages},
};

/// Keeps what is said in a message's file beside it. The first one stays: what agents have read does not change.
pub(crate) async fn run(context: &Context, request: KeepTranscriptRequest) -> Result<Message> {
    let tenant = id::parse::<id::Tenant>("tenant_id", &request.tenant_id)?;
    let message = lookup::message(&request.message_id)?;
    let file = id::parse::<id::File>("file_id", &request.file_id)?.uuid();
    let transcript = &stored(request.transcript.unwrap_or_default());
    let keep = |tx| async move {
        let (_, mut row) = deliver::take(&tx, message).await?;
        let attachment = row.content.attachments.iter_mut().find(|one| one.file == Some(file));
        let attachment = attachment.ok_or_else(not_attached)?;
        if attachment.transcript.is_none() {
            attachment.transcript = Some(transcript.clone());
            messages::save(&tx, &row).await?;
            events::message_updated(&tx, &row)?;
        }
        show::message(&row)
    };
    context.store.tenant(tenant).write(keep).await
}

fn not_attached() -> Error {
    Error::precondition("not_attached", "the message does not carry this file")
}

/// A transcript as it is stored.
pub(super) fn stored(given: Transcript) -> StoredTranscript {
    StoredTranscript { text: given.text, language: given.language, confidence: given.confidence }
}
