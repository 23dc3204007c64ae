use std::time::Duration;

use futures::future::join_all;
use weft_cache::Key;
use weft_domain::id;
use weft_testkit::eventually;

use crate::{MINUTE, engines, new_key};

const SHORT: Duration = Duration::from_millis(50);
const DEADLINE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_value_is_found_until_deleted_replaced_or_expired() {
    for (engine, cache) in engines().await {
        let key = new_key("value");
        assert_eq!(cache.get(&key).await, None, "{engine}");
        cache.set(&key, "one", MINUTE).await;
        cache.set(&key, vec![0, 255], MINUTE).await;
        assert_eq!(cache.get(&key).await.unwrap(), [0, 255][..], "{engine}");
        cache.delete(&key).await.unwrap();
        assert_eq!(cache.get(&key).await, None, "{engine}");
        cache.delete(&key).await.unwrap();

        cache.set(&key, "soon gone", SHORT).await;
        let gone = async || cache.get(&key).await.is_none().then_some(());
        eventually("the value expires", DEADLINE, gone).await;
        cache.set(&key, "stays", SHORT).await;
        cache.set(&key, "stays", MINUTE).await;
        tokio::time::timeout(SHORT * 3, eventually("it expires", DEADLINE, gone)).await.unwrap_err();
    }
}

#[tokio::test]
async fn tenants_do_not_share_values() {
    for (engine, cache) in engines().await {
        let (one, other) = (id::new(), id::new());
        cache.set(&Key::tenant(&one, "value", &["a"]), "x", MINUTE).await;
        assert_eq!(cache.get(&Key::tenant(&other, "value", &["a"])).await, None, "{engine}");
    }
}

#[tokio::test]
async fn one_of_many_adds_and_one_of_many_takes() {
    for (engine, cache) in engines().await {
        let key = new_key("ticket");
        let added = join_all((0..20).map(|_| cache.add(&key, "ticket", MINUTE))).await;
        assert_eq!(added.into_iter().filter(|added| *added.as_ref().unwrap()).count(), 1, "{engine}");
        assert_eq!(cache.get(&key).await.unwrap(), "ticket", "{engine}");
        let taken = join_all((0..20).map(|_| cache.take(&key))).await;
        assert_eq!(
            taken.into_iter().filter(|taken| taken.as_ref().unwrap().is_some()).count(),
            1,
            "{engine}"
        );
        assert!(cache.add(&key, "again", MINUTE).await.unwrap(), "{engine}");
    }
}

#[tokio::test]
async fn what_was_set_is_not_added_over_but_taken_like_what_was_added() {
    for (engine, cache) in engines().await {
        let key = new_key("ticket");
        cache.set(&key, "set", MINUTE).await;
        assert!(!cache.add(&key, "added", MINUTE).await.unwrap(), "{engine}");
        assert_eq!(cache.take(&key).await.unwrap().unwrap(), "set", "{engine}");
        assert!(cache.add(&key, "added", MINUTE).await.unwrap(), "{engine}");
        cache.set(&key, "set again", MINUTE).await;
        assert_eq!(cache.take(&key).await.unwrap().unwrap(), "set again", "{engine}");
        assert_eq!(cache.take(&key).await.unwrap(), None, "{engine}");
    }
}

#[tokio::test]
async fn an_expired_ticket_is_not_taken_and_its_place_is_free() {
    for (engine, cache) in engines().await {
        let key = new_key("ticket");
        assert!(cache.add(&key, "ticket", SHORT).await.unwrap());
        let free = async || cache.add(&key, "next", MINUTE).await.unwrap().then_some(());
        eventually("the ticket expires", DEADLINE, free).await;
        assert_eq!(cache.take(&key).await.unwrap().unwrap(), "next", "{engine}");
    }
}

#[tokio::test]
async fn a_lease_has_one_owner_until_released_or_expired() {
    for (engine, cache) in engines().await {
        let key = new_key("lease");
        assert!(cache.lease(&key, "a", MINUTE).await.unwrap(), "{engine}");
        assert!(!cache.lease(&key, "b", MINUTE).await.unwrap(), "{engine}");
        assert!(cache.lease(&key, "a", MINUTE).await.unwrap(), "{engine}");
        assert!(!cache.renew(&key, "b", MINUTE).await.unwrap(), "{engine}");
        assert!(!cache.release(&key, "b").await.unwrap(), "{engine}");
        assert!(cache.renew(&key, "a", SHORT).await.unwrap(), "{engine}");
        let taken_over = async || cache.lease(&key, "b", MINUTE).await.unwrap().then_some(());
        eventually("the lease lapses", DEADLINE, taken_over).await;
        assert!(!cache.renew(&key, "a", MINUTE).await.unwrap(), "{engine}");
        assert!(!cache.release(&key, "a").await.unwrap(), "{engine}");
        assert!(cache.release(&key, "b").await.unwrap(), "{engine}");
        assert!(!cache.renew(&key, "b", MINUTE).await.unwrap(), "{engine}");
    }
}

#[tokio::test]
async fn one_of_many_gets_the_lease() {
    for (engine, cache) in engines().await {
        let key = new_key("lease");
        let owners: Vec<String> = (0..20).map(|owner| owner.to_string()).collect();
        let leases = join_all(owners.iter().map(|owner| cache.lease(&key, owner, MINUTE))).await;
        assert_eq!(leases.into_iter().filter(|lease| *lease.as_ref().unwrap()).count(), 1, "{engine}");
    }
}
