use weft_domain::Result;
use weft_proto::conversation::v1::{ContactSettings, GetContactSettingsRequest};
use weft_rpc::Accepted;

use crate::{Context, show, store::settings};

/// Shows how contacts' channels are joined.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<GetContactSettingsRequest>,
) -> Result<ContactSettings> {
    let scope = context.store.tenant(call.principal.tenant);
    scope.read(|tx| async move { Ok(show::contact_settings(&settings::get(&tx).await?)) }).await
}
