//! Rows as the API shows them.

use chrono::{DateTime, Utc, Weekday};
use chrono_tz::Tz;
use weft_domain::id;
use weft_proto::{
    automation::v1::{
        Agent, AutoReply, Holiday, Hours, Span, agent::Status, auto_reply::Occasion, span::Day,
    },
    convert::timestamp,
};

use crate::{
    balance, hours,
    store::{agents::Model, auto_replies, business_hours},
};

/// Somebody with availability and load.
pub(crate) fn agent(row: &Model, usual_capacity: u32) -> Agent {
    let usual = i32::try_from(usual_capacity).unwrap_or(i32::MAX);
    Agent {
        user_id: id::from_uuid::<id::User>(row.id).to_string(),
        name: row.name.clone(),
        status: Status::from_str_name(&row.status).unwrap_or_default().into(),
        capacity: u32::try_from(balance::capacity(row, usual)).unwrap_or_default(),
        note: row.note.clone(),
        open: u32::try_from(row.open).unwrap_or_default(),
        last_assigned_at: row.last_assigned_at.map(timestamp),
        updated_at: Some(timestamp(row.updated_at)),
    }
}

/// Business hours, and whether it is open now.
pub(crate) fn hours(row: &business_hours::Model, now: DateTime<Utc>) -> Hours {
    let zone: Tz = row.time_zone.parse().unwrap_or(Tz::UTC);
    Hours {
        id: id::from_uuid::<id::BusinessHours>(row.id).to_string(),
        name: row.name.clone(),
        time_zone: row.time_zone.clone(),
        weekly: row.calendar.weekly.iter().map(weekly).collect(),
        holidays: row.calendar.holidays.iter().map(holiday).collect(),
        is_open: row.calendar.is_open(zone, now),
        changes_at: row.calendar.changes_at(zone, now).map(timestamp),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    }
}

fn weekly(one: &hours::Weekly) -> Span {
    let day = match one.day {
        Weekday::Mon => Day::Monday,
        Weekday::Tue => Day::Tuesday,
        Weekday::Wed => Day::Wednesday,
        Weekday::Thu => Day::Thursday,
        Weekday::Fri => Day::Friday,
        Weekday::Sat => Day::Saturday,
        Weekday::Sun => Day::Sunday,
    };
    Span { day: day.into(), from: clock(one.span.from), to: clock(one.span.to) }
}

fn holiday(one: &hours::Holiday) -> Holiday {
    let at = |minute: Option<u16>| minute.map(clock).unwrap_or_default();
    Holiday {
        date: one.date.to_string(),
        name: one.name.clone(),
        from: at(one.open.map(|span| span.from)),
        to: at(one.open.map(|span| span.to)),
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// An automatic reply.
pub(crate) fn auto_reply(row: &auto_replies::Model) -> AutoReply {
    let channel = |channel: &uuid::Uuid| id::from_uuid::<id::Channel>(*channel).to_string();
    let hours = row.hours_id.map(|hours| id::from_uuid::<id::BusinessHours>(hours).to_string());
    AutoReply {
        id: id::from_uuid::<id::AutoReply>(row.id).to_string(),
        name: row.name.clone(),
        occasion: Occasion::from_str_name(&row.occasion).unwrap_or_default().into(),
        text: row.text.clone(),
        channel_ids: row.channels.0.iter().map(channel).collect(),
        business_hours_id: hours.unwrap_or_default(),
        again_after_hours: u32::try_from(row.again_after_hours).unwrap_or_default(),
        enabled: row.enabled,
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    }
}
