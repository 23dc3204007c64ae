use futures::{FutureExt, future::join_all};
use weft_domain::ErrorCode;

use super::*;

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

#[tokio::test]
async fn a_password_verifies_against_its_hash_alone() {
    let hasher = PasswordHasher::new(2);
    let hashed = hasher.hash(secret("correct horse")).await.unwrap();
    assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
    assert!(hasher.verify(secret("correct horse"), hashed.clone()).await.unwrap());
    assert!(!hasher.verify(secret("correct hors"), hashed.clone()).await.unwrap());
    assert_ne!(hasher.hash(secret("correct horse")).await.unwrap(), hashed, "each hash has its salt");
    hasher.verify_dummy(secret("anything")).await.unwrap();
    hasher.verify(secret("x"), "plain".to_owned()).await.unwrap_err();
}

#[test]
fn a_hash_made_elsewhere_verifies() {
    // from argon2's reference implementation
    let old = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert!(verify(&secret("password"), old).unwrap());
}

#[tokio::test]
async fn no_more_than_allowed_work_at_once_and_a_crowd_is_turned_away() {
    let hasher = PasswordHasher::new(1);
    let working = Arc::new(Semaphore::new(1));
    let work = || {
        let working = Arc::clone(&working);
        hasher.run(move || {
            let alone = working.try_acquire_owned();
            std::thread::yield_now();
            alone.map(drop).map_err(Error::internal)
        })
    };
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let blocking = hasher.run(move || receiver.recv().map_err(Error::internal));
    let mut blocking = Box::pin(blocking);
    assert!(blocking.as_mut().now_or_never().is_none());
    let mut crowd = Box::pin(join_all((0..WAITING_PER_WORKER).map(|_| work())));
    // polled once, each has its place; the next one has none
    assert!(crowd.as_mut().now_or_never().is_none());
    let refused = work().now_or_never().expect("the next one is not made to wait").unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Throttled);
    sender.send(()).unwrap();
    blocking.await.unwrap();
    for result in crowd.await {
        result.unwrap();
    }
}
