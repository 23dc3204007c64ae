use std::time::Duration;

use rstest::rstest;
use weft_telemetry::init_for_test;

use crate::notes::{Engine, Fixture, Sink, add, event, spawn_relay, tenant};

/// The value of the only series that begins so.
fn figure(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(series));
    line.and_then(|line| line.rsplit(' ').next()).and_then(|value| value.parse().ok()).unwrap_or(f64::NAN)
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_the_outbox_and_for_the_database_is_measured(#[case] engine: Engine) {
    let telemetry = init_for_test();
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let write = scope.write(|tx| async move {
        event(&tx, "waits");
        add(&tx, "waits").await
    });
    write.await.unwrap();

    let age = weft_testkit::eventually("its age is seen", Duration::from_secs(10), async || {
        fixture.store.measure().await.unwrap();
        let age = figure(&telemetry.render_metrics(), "weft_outbox_oldest_seconds");
        (age > 0.0).then_some(age)
    });
    assert!(age.await < 60.0);
    let text = telemetry.render_metrics();
    assert!(figure(&text, "weft_store_wait_duration_seconds_count") >= 1.0, "{text}");
    assert!((0.0..=1.0).contains(&figure(&text, "weft_store_pool_fullness_ratio")), "{text}");

    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    sink.wait_for(1).await;
    weft_testkit::eventually("nothing waits any more", Duration::from_secs(10), async || {
        fixture.store.measure().await.unwrap();
        let text = telemetry.render_metrics();
        let is_empty = figure(&text, "weft_outbox_oldest_seconds").abs() < f64::EPSILON;
        (is_empty && figure(&text, "weft_outbox_relayed_total") >= 1.0).then_some(())
    })
    .await;
    stop.cancel();
    task.await.unwrap();
}
