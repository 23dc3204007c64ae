//! Delivery reports that came before their message.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;
use weft_domain::{Result, delivery::State};
use weft_proto::channel::v1::DeliveryReport;
use weft_store::Tx;

use super::entity::parked_report;

/// Keeps a report until its message is known (IN-11).
pub(crate) async fn park(tx: &Tx, channel_id: Uuid, report: &DeliveryReport, state: State) -> Result<()> {
    let row = parked_report::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        channel_id: Set(channel_id),
        external_id: Set(report.id.clone()),
        state: Set(state.to_string()),
        reason: Set(report.reason.clone()),
        up_to: Set(report.up_to),
        created_at: Set(tx.now()),
    };
    tx.insert_new(vec![row], OnConflict::new().do_nothing().to_owned()).await.map(|_| ())
}

/// Takes the reports that waited for these ids.
pub(crate) async fn take(
    tx: &Tx,
    channel_id: Uuid,
    external_ids: &[String],
) -> Result<Vec<parked_report::Model>> {
    let matching = || {
        sea_orm::Condition::all()
            .add(parked_report::Column::ChannelId.eq(channel_id))
            .add(tx.is_any_of(parked_report::Column::ExternalId, external_ids.iter().cloned()))
    };
    let rows = tx.all(parked_report::Entity::find().filter(matching())).await?;
    if !rows.is_empty() {
        tx.delete(parked_report::Entity::delete_many().filter(matching())).await?;
    }
    Ok(rows)
}
