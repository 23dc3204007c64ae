use weft_domain::{Error, Result, id};
use weft_proto::voice::v1::{GetSpokenAnswerRequest, SpokenAnswer};
use weft_rpc::Accepted;

use super::show;
use crate::{Context, store::answers};

/// Shows what became of the spoken answer to a voice message.
pub(crate) async fn run(context: &Context, call: Accepted<GetSpokenAnswerRequest>) -> Result<SpokenAnswer> {
    let message = id::parse_lookup::<id::Message>(&call.message.message_id);
    let message = message.map_err(|_| Error::not_found("spoken answer"))?.uuid();
    let find = |tx| async move { answers::get(&tx, message).await };
    show::answer(&context.store.tenant(call.principal.tenant).read(find).await?)
}
