use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{SilenceSettings, UpdateSilenceSettingsRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{Context, show, store::silence, variables};

/// A month.
const LONGEST_TO_REMIND: u32 = 720;
/// A year.
const LONGEST: u32 = 8_760;

/// Changes what becomes of conversations in which nobody writes any more.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateSilenceSettingsRequest>,
) -> Result<Once<SilenceSettings>> {
    let request = &call.message;
    let remind = hours(request.remind_after_hours, "remind_after_hours", LONGEST_TO_REMIND)?;
    let resolve = hours(request.resolve_after_hours, "resolve_after_hours", LONGEST)?;
    let archive = hours(request.archive_after_hours, "archive_after_hours", LONGEST)?;
    if let Some(text) = &request.reminder {
        variables::check(text, "reminder")?;
    }
    let change = |tx: Tx| async move {
        let mut row = silence::take(&tx).await?;
        row.remind_after_hours = remind.unwrap_or(row.remind_after_hours);
        row.resolve_after_hours = resolve.unwrap_or(row.resolve_after_hours);
        row.archive_after_hours = archive.unwrap_or(row.archive_after_hours);
        row.reminder = request.reminder.clone().unwrap_or(row.reminder);
        if row.remind_after_hours > 0 && row.reminder.trim().is_empty() {
            return Err(Error::invalid_field(
                "reminder",
                "say what contacts are told when they are reminded",
            ));
        }
        if row.resolve_after_hours > 0 && row.remind_after_hours >= row.resolve_after_hours {
            let words = "`remind_after_hours` must be less than `resolve_after_hours`: who is reminded needs time to answer";
            return Err(Error::invalid_field("remind_after_hours", words));
        }
        silence::put(&tx, &row).await?;
        Ok(show::silence_settings(&row))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, change).await
}

fn hours(given: Option<u32>, field: &str, most: u32) -> Result<Option<i32>> {
    let Some(hours) = given else { return Ok(None) };
    let words = || Error::invalid_field(field, format!("`{field}` must be 0 to {most}"));
    i32::try_from(hours).ok().filter(|_| hours <= most).map(Some).ok_or_else(words)
}
