use weft_domain::{Error, Result};
use weft_proto::automation::v1::{Hours, UpdateBusinessHoursRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::create_business_hours::{holidays, named, weekly, zone};
use crate::{Context, lookup, show, store::business_hours};

/// Changes hours.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateBusinessHoursRequest>,
) -> Result<Once<Hours>> {
    let request = &call.message;
    let id = lookup::hours(&request.id)?;
    let name = &request.name.as_deref().map(named).transpose()?;
    let zone = request.time_zone.as_deref().map(zone).transpose()?;
    let week = request.weekly.as_ref().map(|given| weekly(&given.items, "weekly.items")).transpose()?;
    let days = request.holidays.as_ref().map(|given| holidays(&given.items, "holidays.items")).transpose()?;
    let (week, days) = (&week, &days);
    let update = |tx: Tx| async move {
        let before =
            business_hours::take(&tx, id).await?.ok_or_else(|| Error::not_found("business_hours"))?;
        let mut row = before.clone();
        row.name = name.clone().unwrap_or(row.name);
        row.time_zone = zone.map(|zone| zone.name().to_owned()).unwrap_or(row.time_zone);
        row.calendar.weekly = week.clone().unwrap_or(row.calendar.weekly);
        row.calendar.holidays = days.clone().unwrap_or(row.calendar.holidays);
        if row != before {
            row.updated_at = tx.now();
            business_hours::save(&tx, &row).await?;
        }
        Ok(show::hours(&row, tx.now()))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, update).await
}
