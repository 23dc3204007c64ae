use weft_domain::{Result, parse_word};
use weft_proto::conversation::v1::{ListCustomFieldsRequest, ListCustomFieldsResponse};
use weft_rpc::Accepted;

use crate::{Context, custom_fields::Of, show, store::custom_fields};

/// Lists the fields in their order.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListCustomFieldsRequest>,
) -> Result<ListCustomFieldsResponse> {
    let of: Option<Of> = call.message.of.as_deref().map(|word| parse_word("of", word)).transpose()?;
    let of = of.map(|of| of.to_string());
    let list = |tx| async move {
        let rows = custom_fields::all(&tx, of.as_deref()).await?;
        Ok(ListCustomFieldsResponse { items: rows.iter().map(show::custom_field).collect::<Result<_>>()? })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
