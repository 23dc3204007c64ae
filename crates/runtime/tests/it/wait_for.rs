use std::{error::Error as _, future::pending, io, time::Duration};

use tokio::time::Instant;
use weft_domain::ErrorCode;
use weft_runtime::wait_for;

#[tokio::test(start_paused = true)]
async fn a_dependency_that_comes_up_late_is_waited_for() {
    let begun = Instant::now();
    let mut attempts = 0;
    let found = wait_for("bus", Duration::from_secs(30), || {
        attempts += 1;
        let up = begun.elapsed() > Duration::from_secs(10);
        async move { if up { Ok("connected") } else { Err(io::Error::other("refused")) } }
    });

    assert_eq!(found.await.unwrap(), "connected");
    assert!(begun.elapsed() < Duration::from_secs(17), "the pauses are capped: {:?}", begun.elapsed());
    assert!(attempts < 15, "the pauses grow: {attempts} attempts");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_wait_with_the_last_failure() {
    let begun = Instant::now();
    let refused =
        wait_for("bus", Duration::from_secs(5), || async { Err::<(), _>(io::Error::other("refused")) });

    let error = refused.await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (ErrorCode::Unavailable, "dependency_unavailable"));
    assert_eq!(error.source().unwrap().to_string(), "refused");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));

    let silent = wait_for("bus", Duration::from_secs(5), pending::<Result<(), io::Error>>);
    assert_eq!(silent.await.unwrap_err().source().unwrap().to_string(), "no answer");
}
