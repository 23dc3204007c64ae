use weft_domain::Result;
use weft_proto::conversation::v1::{ListViewsRequest, ListViewsResponse, View};
use weft_rpc::Accepted;
use weft_store::Tx;

use uuid::Uuid;

use crate::{
    Context, filter, show,
    store::{entity::saved_view, views},
    views::membership,
};

/// Lists the views one may see, with how many conversations are in each.
pub(crate) async fn run(context: &Context, call: Accepted<ListViewsRequest>) -> Result<ListViewsResponse> {
    let user = call.principal.user().uuid();
    let list = |tx| async move {
        let rows = views::seen_by(&tx, user).await?;
        Ok(ListViewsResponse { items: counted(&tx, &rows, user).await? })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}

/// Views as one user sees them.
pub(super) async fn counted(tx: &Tx, rows: &[saved_view::Model], user: Uuid) -> Result<Vec<View>> {
    let built = rows.iter().filter(|row| row.built).map(|row| row.set_id).collect();
    let counts = views::counts_for(tx, built, user).await?;
    let view = |row: &saved_view::Model| {
        let rule = filter::of_view(&row.filter.0.0).ok().filter(|_| row.built);
        let count = rule.map(|rule| counts.get(&membership(row, &rule, user)).copied().unwrap_or_default());
        show::view(row, count)
    };
    Ok(rows.iter().map(view).collect())
}
