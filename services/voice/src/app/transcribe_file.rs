use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::{
    conversation::v1::KeepTranscriptRequest,
    voice::v1::{TranscribeRequest, Transcription},
};
use weft_rpc::Accepted;
use weft_store::Once;

use super::{earlier, show};
use crate::{Context, engine::Heard, language, store::settings};

/// Writes down what is said in a file, and keeps it beside the attachment when a message is named.
pub(crate) async fn run(context: &Context, call: Accepted<TranscribeRequest>) -> Result<Once<Transcription>> {
    let tenant = call.principal.tenant;
    if let Some(done) = earlier::find(context, tenant, &call.intent).await? {
        return Ok(done);
    }
    let TranscribeRequest { file_id, message_id, language } = call.message;
    if let Some(message) = &message_id {
        call.principal.require("conversation.read")?;
        id::parse::<id::Message>("message_id", message)?;
    }
    let heard = hear(context, tenant, &file_id, &language).await?;
    if let Some(message_id) = message_id {
        let request = KeepTranscriptRequest {
            tenant_id: tenant.to_string(),
            message_id,
            file_id,
            transcript: Some(show::transcript(&heard)),
        };
        let kept = context.transcripts.clone().keep_transcript(request).await;
        kept.map_err(|status| unknown(weft_rpc::error(&status)))?;
    }
    let shown = &show::transcription(&heard);
    context.store.tenant(tenant).write_once(&call.intent, |_tx| async move { Ok(shown.clone()) }).await
}

/// What is said in a file of the tenant, in the tenant's language when none is named.
pub(super) async fn hear(context: &Context, tenant: TenantId, file: &str, wanted: &str) -> Result<Heard> {
    let usual = &context.language;
    let find = |tx| async move { settings::find(&tx, usual).await };
    let usual = context.store.tenant(tenant).read(find).await?.language;
    let language = language::or_usual("language", wanted, &usual)?;
    let recording = context.files.read(tenant, file).await?;
    context.engines.hear(&recording, &language).await
}

fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    Error::invalid("unknown_message", "no such message").with_field("message_id")
}
