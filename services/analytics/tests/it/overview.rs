//! Periods, points, filters.

use chrono::TimeDelta;
use rstest::rstest;
use weft_proto::{
    analytics::v1::{GetOverviewRequest, Overview},
    conversation::v1::conversation::Status,
    convert::{time, timestamp},
};

use crate::{
    rig::{Engine, Rig, around_noon},
    story::{Story, agent, channel, channel_id, minute, noon, person},
};

fn day(from: i64, to: i64) -> GetOverviewRequest {
    GetOverviewRequest {
        from: Some(timestamp(minute(from))),
        to: Some(timestamp(minute(to))),
        ..GetOverviewRequest::default()
    }
}

/// Where the points begin, in minutes from noon, and how many messages came in in each.
fn points(overview: &Overview) -> Vec<(i64, u64)> {
    let shown = overview.series.iter().map(|point| {
        let start = time(&point.start.unwrap()).unwrap();
        ((start - noon()).num_minutes(), point.figures.as_ref().unwrap().messages_in)
    });
    shown.collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_shown_by_the_hours_and_days_of_its_zone(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let mut story = Story::begin(tenant.id, &channel_id(), -1);
    for at in [-1, 0, 14, 15, 59, 60, 179, 180] {
        story = story.asks(at);
    }
    tenant.count(story.events).await;

    let hours = tenant.overview_of(day(0, 180)).await.unwrap();
    assert_eq!((hours.interval.as_str(), hours.timezone.as_str()), ("hour", "UTC"));
    assert_eq!(points(&hours), [(0, 4), (60, 1), (120, 1)], "the end is not in it");
    assert_eq!(hours.total.unwrap().messages_in, 6);

    // 12:00 is 17:30 in Kolkata: hours begin at half past.
    let kolkata = GetOverviewRequest { timezone: Some("Asia/Kolkata".into()), ..day(0, 180) };
    assert_eq!(points(&tenant.overview_of(kolkata).await.unwrap()), [(0, 3), (30, 2), (90, 0), (150, 1)]);

    // 12:00 is midnight in Auckland's winter time and 01:00 in its summer time, which it is: days begin at 11:00.
    let auckland = GetOverviewRequest {
        timezone: Some("Pacific/Auckland".into()),
        interval: Some("day".into()),
        ..day(-120, 1440)
    };
    assert_eq!(points(&tenant.overview_of(auckland).await.unwrap()), [(-120, 0), (-60, 8), (1380, 0)]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_figures_and_live_counters_alike(
    #[values(Engine::Embedded, Engine::Real)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let (web, phone, ann, bob) = (channel_id(), channel_id(), agent(), agent());
    let mut events = vec![
        channel(tenant.id, &web, "Old name", 0),
        channel(tenant.id, &web, "Website", 2),
        channel(tenant.id, &web, "Older name", 1),
        person(tenant.id, &ann, "Ann", 0),
    ];
    events.extend(Story::begin(tenant.id, &web, 0).asks(0).assigned(1, &ann).answers(6, &ann).events);
    events.extend(Story::begin(tenant.id, &web, 0).asks(3).assigned(4, &bob).events);
    events.extend(Story::begin(tenant.id, &phone, 0).asks(5).events);
    events.extend(Story::begin(tenant.id, &phone, 0).asks(2).becomes(9, Status::Resolved).events);
    tenant.count(events).await;

    let all = tenant.overview().await;
    let live = all.live.unwrap();
    assert_eq!((live.open, live.unassigned, live.waiting), (3, 1, 2));
    assert_eq!(live.oldest_waiting_since, Some(timestamp(minute(3))));
    assert_eq!(all.total.unwrap().messages_in, 4);
    let mut channels: Vec<_> = all.by_channel.iter().map(|of| (of.name.as_str(), of.kind.as_str())).collect();
    channels.sort_unstable();
    assert_eq!(channels, [("", ""), ("Website", "echo")], "the newest name counts, whenever it comes");
    assert!(all.by_agent.iter().any(|of| of.id == ann && of.name == "Ann"));

    let website =
        tenant.overview_of(GetOverviewRequest { channel: Some(web.clone()), ..around_noon() }).await.unwrap();
    assert_eq!(website.total.unwrap().messages_in, 2);
    assert_eq!((website.by_channel.len(), website.live.unwrap().open), (1, 2));

    let request = GetOverviewRequest { channel: Some(web), agent: Some(ann.clone()), ..around_noon() };
    let anns = tenant.overview_of(request).await.unwrap();
    let total = anns.total.unwrap();
    assert_eq!((total.messages_in, total.messages_out, total.first_response.unwrap().count), (0, 1, 1));
    assert_eq!((anns.live.unwrap().open, anns.by_agent.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused_by_name() {
    let rig = Rig::new(Engine::Embedded).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let long = GetOverviewRequest {
        from: Some(timestamp(noon() - TimeDelta::days(401))),
        to: Some(timestamp(noon())),
        ..GetOverviewRequest::default()
    };
    for (request, field) in [
        (long, "from"),
        (day(10, 10), "from"),
        (GetOverviewRequest { interval: Some("minute".into()), ..day(0, 60) }, "interval"),
        (GetOverviewRequest { timezone: Some("Berlin".into()), ..day(0, 60) }, "timezone"),
        (GetOverviewRequest { channel: Some(agent()), ..day(0, 60) }, "channel"),
        (GetOverviewRequest { agent: Some("me".into()), ..day(0, 60) }, "agent"),
    ] {
        let refused = tenant.overview_of(request).await.unwrap_err();
        assert_eq!(refused.field(), Some(field), "{refused}");
    }
    assert_eq!(tenant.overview_of(GetOverviewRequest::default()).await.unwrap().series.len(), 8);
}
