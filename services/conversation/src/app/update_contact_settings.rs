use weft_domain::Result;
use weft_proto::conversation::v1::{ContactSettings, UpdateContactSettingsRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, address, show,
    store::{entity::contact_settings, settings},
};

/// Changes how contacts' channels are joined, from the next message on.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateContactSettingsRequest>,
) -> Result<Once<ContactSettings>> {
    let country = call.message.country.as_deref();
    let country = &country.map(|country| address::read_country("country", country)).transpose()?;
    let join_channels = call.message.join_channels;
    let change = |tx: Tx| async move {
        let before = settings::get(&tx).await?;
        let after = contact_settings::Model {
            join_channels: join_channels.unwrap_or(before.join_channels),
            country: country.clone().unwrap_or(before.country),
            ..before
        };
        settings::put(&tx, &after).await?;
        Ok(show::contact_settings(&after))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, change).await
}
