use chrono::{TimeDelta, Utc};
use rstest::rstest;
use weft_domain::Error;

use crate::notes::{Engine, Fixture, Sink, add, event, spawn_relay, tenant};

async fn write(fixture: &Fixture, text: &str) {
    let scope = fixture.store.tenant(tenant());
    let write = |tx| async move {
        event(&tx, text);
        add(&tx, text).await
    };
    scope.write(write).await.unwrap();
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_handed_on_is_handed_on_again_in_order_and_with_the_same_ids(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    // More than a page.
    for number in 0..601 {
        write(&fixture, &format!("{number:03}")).await;
    }
    sink.wait_for(601).await;
    stop.cancel();
    task.await.unwrap();
    write(&fixture, "not yet handed on").await;

    let (again, since) = (Sink::default(), Utc::now() - TimeDelta::hours(1));
    let store = &fixture.store;
    let accept = |events| {
        again.accept(events);
        async { Ok(()) }
    };
    assert_eq!(store.handed_on(since).await.unwrap(), 601);
    assert_eq!(store.hand_on_again(since, accept).await.unwrap(), 601);
    let ids = |sink: &Sink| sink.0.lock().unwrap().iter().map(|event| event.id).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&sink));
    let later = Utc::now() + TimeDelta::hours(1);
    assert_eq!(store.hand_on_again(later, accept).await.unwrap(), 0, "only what is of that time or later");

    let refused = store.hand_on_again(since, async |_| Err(Error::unavailable("bus_broker"))).await;
    assert_eq!(refused.unwrap_err().reason(), "bus_broker");
    let (stop, task) = spawn_relay(store, &sink);
    assert_eq!(sink.wait_for(602).await.last().unwrap(), "not yet handed on", "the relay's own place stays");
    stop.cancel();
    task.await.unwrap();
}
