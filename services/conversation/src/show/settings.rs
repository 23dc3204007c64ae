use weft_proto::conversation::v1 as api;

use super::channel_id;
use crate::store::entity::{contact_settings, silence_settings};

/// How contacts' channels are joined.
pub(crate) fn contact_settings(row: &contact_settings::Model) -> api::ContactSettings {
    let follow_ups = row.follow_ups.iter().flat_map(|all| &all.0);
    let items = follow_ups.map(|one| api::FollowUp {
        from_channel_id: channel_id(one.from),
        to_channel_id: channel_id(one.to),
        after_seconds: one.after_seconds,
    });
    api::ContactSettings {
        join_channels: row.join_channels,
        country: row.country.clone(),
        follow_ups: Some(api::FollowUps { items: items.collect() }),
    }
}

/// What becomes of conversations in which nobody writes any more.
pub(crate) fn silence_settings(row: &silence_settings::Model) -> api::SilenceSettings {
    let hours = |hours: i32| u32::try_from(hours).unwrap_or_default();
    api::SilenceSettings {
        remind_after_hours: hours(row.remind_after_hours),
        reminder: row.reminder.clone(),
        resolve_after_hours: hours(row.resolve_after_hours),
        archive_after_hours: hours(row.archive_after_hours),
    }
}
