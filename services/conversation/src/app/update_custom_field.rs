use weft_domain::Result;
use weft_proto::conversation::v1::{CustomField, UpdateCustomFieldRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::create_custom_field::{choices, labelled};
use crate::{Context, lookup, show, store::custom_fields};

/// Changes label, choices or place of a field.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateCustomFieldRequest>,
) -> Result<Once<CustomField>> {
    let request = &call.message;
    let id = lookup::custom_field(&request.id)?;
    let label = &request.label.as_deref().map(labelled).transpose()?;
    let update = |tx: Tx| async move {
        let mut row = custom_fields::get(&tx, id).await?;
        if let Some(label) = label {
            row.label.clone_from(label);
        }
        row.position = request.position.unwrap_or(row.position);
        if !request.choices.is_empty() {
            row.choices = choices(show::stored(&row.kind)?, &request.choices)?;
        }
        row.updated_at = tx.now();
        custom_fields::save(&tx, &row).await?;
        show::custom_field(&row)
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, update).await
}
