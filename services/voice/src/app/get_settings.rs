use weft_domain::Result;
use weft_proto::voice::v1::{GetVoiceSettingsRequest, Settings};
use weft_rpc::Accepted;

use crate::{Context, store::settings};

/// Shows what is done with voice messages.
pub(crate) async fn run(context: &Context, call: Accepted<GetVoiceSettingsRequest>) -> Result<Settings> {
    let usual = &context.language;
    let find = |tx| async move { settings::find(&tx, usual).await };
    context.store.tenant(call.principal.tenant).read(find).await.map(show)
}

/// A tenant's settings.
pub(super) fn show(row: settings::Model) -> Settings {
    Settings { transcribe: row.transcribe, language: row.language }
}
