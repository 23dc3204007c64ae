use weft_domain::Result;
use weft_proto::voice::v1::{Settings, UpdateVoiceSettingsRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use super::get_settings::show;
use crate::{Context, language, store::settings};

/// Changes what is done with voice messages that come from now on.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateVoiceSettingsRequest>,
) -> Result<Once<Settings>> {
    let UpdateVoiceSettingsRequest { transcribe, language } = call.message;
    let wanted = language.map(|tag| language::or_usual("language", &tag, &context.language)).transpose()?;
    let (wanted, usual) = (&wanted, &context.language);
    let change = |tx| async move {
        let mut row = settings::find(&tx, usual).await?;
        row.transcribe = transcribe.unwrap_or(row.transcribe);
        row.language = wanted.clone().unwrap_or(row.language);
        settings::put(&tx, &row).await?;
        Ok(show(row))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, change).await
}
