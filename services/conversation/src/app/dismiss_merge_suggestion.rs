use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{DismissMergeSuggestionRequest, MergeSuggestion};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{Context, lookup, show::suggestions as shown, store::suggestions};

/// Says that the two are not one person.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<DismissMergeSuggestionRequest>,
) -> Result<Once<MergeSuggestion>> {
    let id = lookup::suggestion(&call.message.id)?;
    let dismiss = |tx: Tx| async move {
        let mut row = suggestions::get(&tx, id).await?;
        if row.state == suggestions::OPEN {
            suggestions::decide(&tx, row.first_id, row.second_id, suggestions::DISMISSED).await?;
            suggestions::DISMISSED.clone_into(&mut row.state);
        }
        let mut items = shown(&tx, std::slice::from_ref(&row)).await?;
        items.pop().ok_or_else(|| Error::not_found("suggestion"))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, dismiss).await
}
