use super::*;

fn opened(now: Instant) -> Circuit {
    let mut circuit = Circuit::default();
    for n in 0..20 {
        circuit.permit(now).unwrap();
        circuit.note(now, n % 2 == 0);
    }
    circuit
}

#[test]
fn half_of_twenty_failing_calls_open_it_and_fewer_do_not() {
    let now = Instant::now();
    assert_eq!(opened(now).permit(now), Err(FIRST_PAUSE));

    let mut few = Circuit::default();
    (0..19).for_each(|_| few.note(now, false));
    assert!(few.permit(now).is_ok());
    let mut mostly_well = Circuit::default();
    (0..60).for_each(|n| mostly_well.note(now, n % 3 != 0));
    assert!(mostly_well.permit(now).is_ok());
    let mut long_ago = Circuit::default();
    (0..19).for_each(|_| long_ago.note(now, false));
    long_ago.note(now + WINDOW * 2, false);
    assert!(long_ago.permit(now + WINDOW * 2).is_ok());
}

#[test]
fn one_probe_at_a_time_closes_it_or_doubles_the_pause() {
    let now = Instant::now();
    let mut circuit = opened(now);
    let mut at = now;
    for pause in [30, 60, 120, 240, 300, 300].map(Duration::from_secs) {
        at += pause;
        assert!(circuit.permit(at - Duration::from_millis(1)).is_err());
        assert!(circuit.permit(at).is_ok(), "{pause:?}");
        assert!(circuit.permit(at).is_err(), "a second probe beside the first");
        circuit.note(at, false);
    }
    at += LONGEST_PAUSE;
    assert!(circuit.permit(at).is_ok());
    circuit.note(at, true);
    assert!(circuit.permit(at).is_ok() && circuit.permit(at).is_ok());
}

#[test]
fn a_probe_that_never_ends_does_not_keep_it_shut() {
    let now = Instant::now();
    let mut circuit = opened(now);
    circuit.permit(now + FIRST_PAUSE).unwrap();
    assert!(circuit.permit(now + FIRST_PAUSE + PROBE_PATIENCE).is_ok());
}

#[tokio::test]
async fn a_call_that_is_dropped_has_failed() {
    let circuits = Circuits::new("toy");
    for _ in 0..MIN_CALLS {
        drop(circuits.begin("chan", "send", true).await.ok().unwrap());
    }
    assert!(circuits.begin("chan", "send", true).await.is_err());
    assert!(circuits.begin("chan_2", "send", true).await.is_ok());
    assert!(circuits.begin("chan", "updates", false).await.is_ok());
    assert!(
        circuits.sending_paused("chan").await.is_some() && circuits.sending_paused("chan_2").await.is_none()
    );
    assert!(circuits.begin("chan", "upload", true).await.is_ok());
    assert!(circuits.sending_paused("chan").await.is_none(), "files can still be sent");
}

#[tokio::test]
async fn a_circuit_is_counted_while_it_is_open_and_no_longer() {
    let telemetry = weft_telemetry::init_for_test();
    let open = || telemetry.render_metrics().contains("weft_channel_circuits_open{kind=\"counted\"} 1");
    let circuits = Circuits::new("counted");
    for _ in 0..MIN_CALLS {
        assert!(!open());
        circuits.begin("chan", "send", true).await.ok().unwrap().end(false);
    }
    assert!(open());
    assert!(telemetry.render_metrics().contains("weft_channel_circuit_openings_total{kind=\"counted\"} 1"));
    let known = circuits.of("chan").await;
    with(&mut lock(&known), "send", |known| {
        known.circuit.open.as_mut().unwrap().until = Instant::now();
    });
    circuits.begin("chan", "send", true).await.ok().unwrap().end(true);
    assert!(!open(), "the provider is back");
}
