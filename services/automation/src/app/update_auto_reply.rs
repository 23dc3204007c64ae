use weft_domain::{Error, Result};
use weft_proto::automation::v1::{AutoReply, UpdateAutoReplyRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    create_auto_reply::{again, channels, check, hours, occasion, save},
    create_business_hours::named,
};
use crate::{Context, lookup, show, store::auto_replies};

/// Changes an automatic reply.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateAutoReplyRequest>,
) -> Result<Once<AutoReply>> {
    let request = &call.message;
    let id = lookup::auto_reply(&request.id)?;
    let name = &request.name.as_deref().map(named).transpose()?;
    let occasion = request.occasion.as_deref().map(occasion).transpose()?;
    let given = request.channel_ids.as_ref();
    let channels = &given.map(|given| channels(&given.items, "channel_ids.items")).transpose()?;
    let hours = request.business_hours_id.as_deref().map(hours).transpose()?;
    let again = request.again_after_hours.map(again).transpose()?;
    if let Some(text) = &request.text {
        check(context, text).await?;
    }
    let update = |tx: Tx| async move {
        let before = auto_replies::take(&tx, id).await?.ok_or_else(|| Error::not_found("auto_reply"))?;
        let mut row = before.clone();
        row.name = name.clone().unwrap_or(row.name);
        row.occasion = occasion.map(|occasion| occasion.to_string()).unwrap_or(row.occasion);
        row.text = request.text.clone().unwrap_or(row.text);
        row.channels = channels.clone().unwrap_or(row.channels);
        row.hours_id = hours.unwrap_or(row.hours_id);
        row.again_after_hours = again.unwrap_or(row.again_after_hours);
        row.enabled = request.enabled.unwrap_or(row.enabled);
        if row == before {
            return Ok(show::auto_reply(&row));
        }
        row.updated_at = tx.now();
        save(&tx, &row).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, update).await
}
