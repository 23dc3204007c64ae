use uuid::Uuid;
use weft_domain::{Result, TenantId, id};
use weft_proto::conversation::v1::{KeepTranscriptRequest, Message, attachment};

use super::{passes::passes, show, transcribe_file};
use crate::{
    Context,
    store::{heard, settings},
};

/// Writes down the voice messages that a contact's message carries, when the tenant wants that: each once, after `attempts` as often as may help.
pub(crate) async fn run(context: &Context, tenant: TenantId, message: &Message, attempts: u32) -> Result<()> {
    let voices: Vec<&str> = message
        .attachments
        .iter()
        .filter(|one| one.kind() == attachment::Kind::Voice && one.state() == attachment::State::Available)
        .filter(|one| one.transcript.is_none())
        .map(|one| one.id.as_str())
        .collect();
    if voices.is_empty() {
        return Ok(());
    }
    let usual = &context.language;
    let find = |tx| async move { settings::find(&tx, usual).await };
    if !context.store.tenant(tenant).read(find).await?.transcribe {
        return Ok(());
    }
    for file in voices {
        hear(context, tenant, &message.id, file, attempts).await?;
    }
    Ok(())
}

async fn hear(context: &Context, tenant: TenantId, message: &str, file: &str, attempts: u32) -> Result<()> {
    let uuid = id::parse::<id::File>("attachment.id", file)?.uuid();
    let scope = context.store.tenant(tenant);
    if scope.read(|tx| async move { heard::knows(&tx, uuid).await }).await? {
        return Ok(());
    }
    let heard = match transcribe_file::hear(context, tenant, file, "").await {
        Ok(heard) => heard,
        Err(error) if passes(&error, attempts) => return Err(error),
        Err(error) => {
            tracing::info!(tenant.id = %tenant, message.id = message, error = %error, "a voice message cannot be written down");
            return note(context, tenant, uuid, error.reason()).await;
        }
    };
    let request = KeepTranscriptRequest {
        tenant_id: tenant.to_string(),
        message_id: message.to_owned(),
        file_id: file.to_owned(),
        transcript: Some(show::transcript(&heard)),
    };
    match context
        .transcripts
        .clone()
        .keep_transcript(request)
        .await
        .map_err(|status| weft_rpc::error(&status))
    {
        Err(error) if passes(&error, attempts) => Err(error),
        // it was taken back meanwhile
        Err(error) => note(context, tenant, uuid, error.reason()).await,
        Ok(_kept) => note(context, tenant, uuid, "ok").await,
    }
}

async fn note(context: &Context, tenant: TenantId, file: Uuid, result: &str) -> Result<()> {
    let write = |tx| async move { heard::note(&tx, file, result).await };
    context.store.tenant(tenant).write(write).await
}
