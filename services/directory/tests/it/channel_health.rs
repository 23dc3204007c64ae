use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use weft_bus::{Event, Stream};
use weft_domain::{ErrorCode, TenantId, id};
use weft_proto::{
    channel::v1::{ChannelLogged, Noted},
    convert::timestamp,
    directory::v1::{
        ChannelHealth, ChannelLogEntry, GetChannelHealthRequest, GetChannelRequest, Health,
        ListChannelLogRequest, ListChannelLogResponse, ReportHealthRequest,
        channel_log_entry::{Direction, Outcome},
        health::Status,
    },
    json as proto_json,
};

use crate::{
    channels::{create, report, with_echo},
    rig::{Engine, Me, PATIENCE, Rig, refusal, told},
};

fn line(at: DateTime<Utc>, direction: Direction, outcome: Outcome) -> ChannelLogEntry {
    let millis = u64::try_from(at.timestamp_millis()).unwrap();
    let random: [u8; 10] = uuid::Uuid::now_v7().as_bytes()[6..].try_into().unwrap();
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    ChannelLogEntry {
        id: id::from_uuid::<id::LogEntry>(id).to_string(),
        at: Some(timestamp(at)),
        direction: direction.into(),
        operation: "send".to_owned(),
        outcome: outcome.into(),
        count: 1,
        ..ChannelLogEntry::default()
    }
}

fn noted(tenant: TenantId, channel: &str, entry: ChannelLogEntry) -> Noted {
    let (tenant_id, channel_id) = (tenant.to_string(), channel.to_owned());
    Noted { tenant_id, channel_id, entry: Some(entry), throttled_until: None }
}

/// Publishes lines as the adapter of this kind does.
async fn log(rig: &Rig, kind: &str, entries: Vec<Noted>) {
    let event = Event {
        id: uuid::Uuid::now_v7().to_string(),
        kind: "weft.v1.channel.logged".to_owned(),
        source: format!("/channel-{kind}"),
        subject: format!("weft.log.{kind}"),
        key: String::new(),
        tenant: None,
        time: Utc::now(),
        traceparent: None,
        tracestate: None,
        data: proto_json::encode(&ChannelLogged { entries }).unwrap(),
    };
    rig.home.bus.publish(Stream::Log, event).await.unwrap();
}

async fn list(rig: &Rig, me: &Me, request: ListChannelLogRequest) -> ListChannelLogResponse {
    told(rig.channels().list_channel_log(me.call(request)).await).unwrap()
}

fn all(channel: &str) -> ListChannelLogRequest {
    ListChannelLogRequest { id: channel.to_owned(), ..ListChannelLogRequest::default() }
}

async fn until_there(rig: &Rig, me: &Me, channel: &str, lines: usize) -> Vec<ChannelLogEntry> {
    weft_testkit::eventually("the lines are in the log", PATIENCE, async || {
        let items = list(rig, me, all(channel)).await.items;
        (items.len() == lines).then_some(items)
    })
    .await
}

async fn health(rig: &Rig, me: &Me, channel: &str) -> ChannelHealth {
    let request = GetChannelHealthRequest { id: channel.to_owned() };
    told(rig.channels().get_channel_health(me.call(request)).await).unwrap()
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_channels_log_is_shown_newest_first_to_its_tenant_alone(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let (channel, tenant) = (create(&rig, &me).await.id, me.principal.tenant);
    let now = rig.clock_now();
    let lines: Vec<_> = (0..5)
        .map(|number| {
            let outcome = if number == 3 { Outcome::Failed } else { Outcome::Ok };
            let direction = if number == 4 { Direction::Inbound } else { Direction::Outbound };
            noted(tenant, &channel, line(now + TimeDelta::seconds(number), direction, outcome))
        })
        .collect();
    log(&rig, "echo", lines.clone()).await;
    // what comes again is there once
    log(&rig, "echo", lines.clone()).await;
    // an adapter speaks for its own kind, and for channels there are
    let foreign = noted(tenant, &channel, line(now, Direction::Outbound, Outcome::Ok));
    log(&rig, "other", vec![foreign]).await;
    let (stranger, other) = rig.admin("south").await;
    let wrong_tenant = noted(stranger, &channel, line(now, Direction::Outbound, Outcome::Ok));
    let last = noted(tenant, &channel, line(now + TimeDelta::seconds(9), Direction::Outbound, Outcome::Ok));
    log(&rig, "echo", vec![wrong_tenant, last.clone()]).await;

    let items = until_there(&rig, &me, &channel, 6).await;
    let expected: Vec<_> = lines.iter().chain([&last]).rev().map(|one| one.entry.clone().unwrap()).collect();
    assert_eq!(items, expected);
    let mut paged = Vec::new();
    let mut request = ListChannelLogRequest { page_size: 4, ..all(&channel) };
    loop {
        let page = list(&rig, &me, request.clone()).await;
        paged.extend(page.items);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, expected);

    let only = |direction: &str, outcome: &str| ListChannelLogRequest {
        direction: Some(direction.to_owned()),
        outcome: Some(outcome.to_owned()),
        ..all(&channel)
    };
    assert_eq!(list(&rig, &me, only("outbound", "failed")).await.items, [expected[2].clone()]);
    assert_eq!(list(&rig, &me, only("inbound", "")).await.items, [expected[1].clone()]);
    for (direction, outcome, field) in [("sideways", "", "direction"), ("", "good", "outcome")] {
        let error = refusal(rig.channels().list_channel_log(me.call(only(direction, outcome))).await);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some(field)));
    }
    let error = refusal(rig.channels().list_channel_log(other.call(all(&channel))).await);
    assert_eq!(error.code(), ErrorCode::NotFound);
    let request = GetChannelHealthRequest { id: channel.clone() };
    assert_eq!(
        refusal(rig.channels().get_channel_health(other.call(request)).await).code(),
        ErrorCode::NotFound
    );
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn health_is_what_the_adapter_said_and_what_the_log_holds(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let (channel, tenant) = (create(&rig, &me).await.id, me.principal.tenant);
    let blank = health(&rig, &me, &channel).await;
    assert_eq!((blank.status(), blank.error_rate, blank.calls), (Status::Pending, 0.0, 0));
    assert!(blank.last_inbound_at.is_none() && blank.throttled_until.is_none());

    let now = rig.clock_now();
    let ago = |minutes: i64| now - TimeDelta::minutes(minutes);
    let sent = ChannelLogEntry { attempt: 1, count: 3, ..line(ago(3), Direction::Outbound, Outcome::Ok) };
    let failed = ChannelLogEntry { attempt: 1, ..line(ago(2), Direction::Outbound, Outcome::Failed) };
    let brought = ChannelLogEntry { events: 2, ..line(ago(1), Direction::Inbound, Outcome::Ok) };
    let forged = ChannelLogEntry { count: 7, ..line(now, Direction::Inbound, Outcome::Refused) };
    let not_sent = line(now, Direction::Outbound, Outcome::Refused);
    let old = ChannelLogEntry { count: 50, ..line(ago(61), Direction::Outbound, Outcome::Failed) };
    let mut lines: Vec<_> = [sent, failed, brought, forged, not_sent, old]
        .into_iter()
        .map(|entry| noted(tenant, &channel, entry))
        .collect();
    lines[1].throttled_until = Some(timestamp(now + TimeDelta::minutes(5)));
    log(&rig, "echo", lines).await;
    until_there(&rig, &me, &channel, 6).await;
    let shown = health(&rig, &me, &channel).await;
    assert_eq!((shown.calls, shown.calls_failed, shown.webhooks_refused), (4, 1, 7));
    assert!((shown.error_rate - 0.25).abs() < 1e-9);
    assert_eq!(shown.last_inbound_at, Some(timestamp(ago(1))));
    assert_eq!(shown.last_outbound_at, Some(timestamp(ago(3))));
    assert_eq!(shown.throttled_until, Some(timestamp(now + TimeDelta::minutes(5))));
    rig.clock().advance(TimeDelta::minutes(6));
    assert_eq!(health(&rig, &me, &channel).await.throttled_until, None);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_about_to_expire_are_told_a_week_before(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let channel = create(&rig, &me).await.id;
    let expires = rig.clock_now() + TimeDelta::days(10);
    let connected = Health {
        status: Status::Connected.into(),
        detail: "Shop".to_owned(),
        token_expires_at: Some(timestamp(expires)),
        ..Health::default()
    };
    let said = ReportHealthRequest { channel_id: channel.clone(), health: Some(connected) };
    told(rig.accounts().report_health(said).await).unwrap();
    let shown = health(&rig, &me, &channel).await;
    assert_eq!((shown.status(), shown.token_expires_at), (Status::Connected, Some(timestamp(expires))));

    rig.clock().advance(TimeDelta::days(4));
    // whoever signed in days ago does so again
    let me = rig.sign_in("admin@north.test").await;
    let shown = health(&rig, &me, &channel).await;
    assert_eq!(shown.status(), Status::Degraded);
    assert!(shown.detail.contains("expire"), "{}", shown.detail);
    let get = GetChannelRequest { id: channel.clone() };
    let listed = told(rig.channels().get_channel(me.call(get)).await).unwrap().health.unwrap();
    assert_eq!(listed.status(), Status::Degraded);

    // what fails now says so, and nobody forgets when it ends
    told(rig.accounts().report_health(report(&channel, Status::Failed, "no")).await).unwrap();
    let shown = health(&rig, &me, &channel).await;
    assert_eq!((shown.status(), shown.detail.as_str()), (Status::Failed, "no"));
    assert_eq!(shown.token_expires_at, Some(timestamp(expires)));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn lines_are_kept_for_seven_days_and_the_last_times_for_longer(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let (channel, tenant) = (create(&rig, &me).await.id, me.principal.tenant);
    let now = rig.clock_now();
    let lines = (0..2500).map(|number| {
        let at = now + TimeDelta::milliseconds(number);
        let brought = ChannelLogEntry { events: 1, ..line(at, Direction::Inbound, Outcome::Ok) };
        noted(tenant, &channel, brought)
    });
    log(&rig, "echo", lines.collect()).await;
    until_full(&rig, &me, &channel).await;
    let last = now + TimeDelta::milliseconds(2499);
    rig.clock().advance(TimeDelta::days(7) + TimeDelta::minutes(1));
    let fresh = line(rig.clock_now(), Direction::Outbound, Outcome::Ok);
    log(&rig, "echo", vec![noted(tenant, &channel, fresh.clone())]).await;

    // a replica looks when it starts
    let other = rig.replica().await;
    let me = rig.sign_in("admin@north.test").await;
    assert_eq!(until_there(&rig, &me, &channel, 1).await, [fresh]);
    assert_eq!(health(&rig, &me, &channel).await.last_inbound_at, Some(timestamp(last)));
    other.stop().await;
    rig.stop().await;
}

async fn until_full(rig: &Rig, me: &Me, channel: &str) {
    let page = ListChannelLogRequest { page_size: 200, ..all(channel) };
    weft_testkit::eventually("all lines are there", PATIENCE, async || {
        (list(rig, me, page.clone()).await.items.len() == 200).then_some(())
    })
    .await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_read_holds_nothing_up(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let (channel, tenant) = (create(&rig, &me).await.id, me.principal.tenant);
    let mut broken = noted(tenant, &channel, line(rig.clock_now(), Direction::Inbound, Outcome::Ok));
    let good = broken.clone();
    broken.entry.as_mut().unwrap().id = "nonsense".to_owned();
    log(&rig, "echo", vec![broken, noted(tenant, "chan_nonsense", good.entry.clone().unwrap())]).await;
    log(&rig, "echo", vec![Noted { tenant_id: "nobody".to_owned(), ..good.clone() }]).await;
    log(&rig, "echo", vec![good.clone()]).await;
    assert_eq!(until_there(&rig, &me, &channel, 1).await, [good.entry.unwrap()]);
    rig.stop().await;
}
