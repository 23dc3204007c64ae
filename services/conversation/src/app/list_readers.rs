use weft_domain::Result;
use weft_proto::conversation::v1::{ListReadersRequest, ListReadersResponse};
use weft_rpc::Accepted;

use crate::{
    Context, lookup, show,
    store::{conversations, people, readers},
};

/// Lists who of ours has read how far, who read last first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListReadersRequest>,
) -> Result<ListReadersResponse> {
    let id = lookup::conversation(&call.message.id)?;
    let list = |tx| async move {
        conversations::get(&tx, id).await?;
        let rows = readers::of(&tx, id).await?;
        let people = people::people(&tx, rows.iter().map(|row| row.user_id).collect()).await?;
        let name = |user| people.get(user).map(|person| person.name.as_str()).unwrap_or_default();
        let items = rows.iter().map(|row| show::reader(row, name(&row.user_id))).collect();
        Ok(ListReadersResponse { items })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
