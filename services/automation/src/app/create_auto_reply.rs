use uuid::Uuid;
use weft_domain::{Error, Result, id, parse_word};
use weft_proto::{
    automation::v1::{AutoReply, CreateAutoReplyRequest},
    conversation::v1::CheckAutomaticMessageRequest,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::create_business_hours::named;
use crate::{
    Context,
    auto_reply::Occasion,
    show,
    store::{
        auto_replies::{self, Channels, Model},
        business_hours,
    },
};

/// So many a tenant has.
const MOST: u64 = 100;
const MOST_CHANNELS: usize = 100;
/// Once in so many hours, unless somebody says otherwise.
const USUAL_HOURS: u32 = 12;
/// A month.
pub(crate) const MOST_HOURS: u32 = 720;

/// Saves an automatic reply.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CreateAutoReplyRequest>,
) -> Result<Once<AutoReply>> {
    let request = &call.message;
    let name = &named(&request.name)?;
    let occasion = occasion(&request.occasion)?;
    let channels = &channels(&request.channel_ids, "channel_ids")?;
    let hours_id = request.business_hours_id.as_deref().map(hours).transpose()?.flatten();
    let again = again(request.again_after_hours.unwrap_or(USUAL_HOURS))?;
    check(context, &request.text).await?;
    let create = |tx: Tx| async move {
        if auto_replies::count(&tx).await? >= MOST {
            let words = format!("there are {MOST} automatic replies already; delete some of them first");
            return Err(Error::precondition("too_many_auto_replies", words));
        }
        let row = Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            name: name.clone(),
            occasion: occasion.to_string(),
            text: request.text.clone(),
            channels: channels.clone(),
            hours_id,
            again_after_hours: again,
            enabled: request.enabled.unwrap_or(true),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        save(&tx, &row).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

/// Writes it, if its hours are there.
pub(super) async fn save(tx: &Tx, row: &Model) -> Result<AutoReply> {
    match row.hours_id {
        Some(hours) => {
            business_hours::take(tx, hours).await?.ok_or_else(unknown_hours)?;
        }
        None if row.occasion == Occasion::OutsideHours.to_string() => {
            let words = "`outside_hours` needs `business_hours_id`: say which hours";
            return Err(Error::invalid_field("business_hours_id", words));
        }
        None => {}
    }
    auto_replies::save(tx, row).await?;
    Ok(show::auto_reply(row))
}

/// A text that can be filled in.
pub(super) async fn check(context: &Context, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid_field("text", "`text` must not be empty"));
    }
    let request = CheckAutomaticMessageRequest { text: text.to_owned() };
    let answer = context.automatic.clone().check_automatic_message(request).await;
    answer.map(drop).map_err(|status| weft_rpc::error(&status))
}

/// When it is said.
pub(super) fn occasion(word: &str) -> Result<Occasion> {
    parse_word("occasion", word)
}

/// Channels, each once.
pub(super) fn channels(given: &[String], field: &str) -> Result<Channels> {
    if given.len() > MOST_CHANNELS {
        let words = format!("`{field}` has at most {MOST_CHANNELS} items");
        return Err(Error::invalid_field(field, words));
    }
    let mut channels = Vec::with_capacity(given.len());
    for (index, text) in given.iter().enumerate() {
        let channel = id::parse::<id::Channel>(&format!("{field}[{index}]"), text)?.uuid();
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    Ok(Channels(channels))
}

/// Hours by their id; none, if that is empty.
pub(super) fn hours(text: &str) -> Result<Option<Uuid>> {
    if text.is_empty() {
        return Ok(None);
    }
    id::parse::<id::BusinessHours>("business_hours_id", text).map(|id| Some(id.uuid()))
}

/// In how many hours it is said again.
pub(super) fn again(hours: u32) -> Result<i32> {
    let is_fine = (1..=MOST_HOURS).contains(&hours);
    i32::try_from(hours).ok().filter(|_| is_fine).ok_or_else(|| {
        let words = format!("`again_after_hours` must be 1 to {MOST_HOURS}");
        Error::invalid_field("again_after_hours", words)
    })
}

fn unknown_hours() -> Error {
    let words = "`business_hours_id` must be the id of business hours of this tenant";
    Error::invalid_field("business_hours_id", words)
}
