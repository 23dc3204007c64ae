use weft_runtime::{CheckReport, Need, Readiness, State};

#[tokio::test]
async fn only_what_a_service_cannot_work_without_makes_it_unready() {
    let readiness = Readiness::new();
    let store = readiness.check("store", Need::Required);
    let cache = readiness.check("cache", Need::Optional);
    assert_eq!(readiness.state(), State::Starting);

    store.up();
    cache.up();
    assert_eq!(readiness.state(), State::Starting, "the start is not over");
    readiness.started();
    assert_eq!(readiness.state(), State::Ready);

    cache.down("connection refused");
    assert_eq!(readiness.state(), State::Degraded);
    assert!(readiness.state().serves());

    store.down("disk is full");
    assert_eq!(readiness.state(), State::Unready);
    assert!(!readiness.state().serves());
    let trouble = Some("disk is full".to_owned());
    assert!(readiness.report().contains(&CheckReport {
        name: "store".to_owned(),
        need: Need::Required,
        trouble
    }));

    store.up();
    assert_eq!(readiness.state(), State::Degraded);
    readiness.stopping();
    cache.up();
    assert_eq!(readiness.state(), State::Stopping, "stopping is for good");
}

#[tokio::test]
async fn something_required_that_was_never_up_keeps_it_starting() {
    let readiness = Readiness::new();
    readiness.started();
    assert_eq!(readiness.state(), State::Ready);
    let store = readiness.check("store", Need::Required);
    assert_eq!(readiness.state(), State::Starting);

    let mut states = readiness.watch();
    store.up();
    assert_eq!(*states.wait_for(|state| state.serves()).await.unwrap(), State::Ready);
}
