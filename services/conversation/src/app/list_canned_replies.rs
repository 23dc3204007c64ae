use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListCannedRepliesRequest, ListCannedRepliesResponse};
use weft_rpc::Accepted;
use weft_store::page;

use super::create_canned_reply::category;
use crate::{
    Context,
    search::fold_words,
    show,
    store::canned_replies::{self, Wanted},
};

/// Lists the replies one may use, by their names.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListCannedRepliesRequest>,
) -> Result<ListCannedRepliesResponse> {
    let (request, user) = (&call.message, call.principal.user().uuid());
    let size = page::size(request.page_size)?;
    let after: Option<(String, Uuid)> = page::decode(&request.page_token)?;
    let wanted = &Wanted {
        category: request.category.as_deref().map(category),
        words: request.q.as_deref().map(fold_words).filter(|words| !words.is_empty()),
    };
    let list = |tx| async move {
        let rows = canned_replies::page(&tx, user, wanted, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.name_key.clone(), row.id))?;
        Ok(ListCannedRepliesResponse {
            items: rows.iter().map(show::canned_reply).collect(),
            next_page_token,
        })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
