use weft_domain::Result;
use weft_proto::conversation::v1::{GetSilenceSettingsRequest, SilenceSettings};
use weft_rpc::Accepted;

use crate::{Context, show, store::silence};

/// Shows what becomes of conversations in which nobody writes any more.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<GetSilenceSettingsRequest>,
) -> Result<SilenceSettings> {
    let scope = context.store.tenant(call.principal.tenant);
    scope.read(|tx| async move { Ok(show::silence_settings(&silence::get(&tx).await?)) }).await
}
