use chrono::TimeDelta;
use rstest::rstest;
use weft_bus::Stream;
use weft_domain::id;
use weft_proto::dead_letters::v1::dead_letter::State;

use crate::rig::{Engines, Home, event, refused, unreadable};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_letter_says_why_and_who_and_has_no_body_left(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let work = home.work(&replica).await;
    let tenant = id::new();
    home.bus.publish(Stream::In, event(tenant, "poison")).await.unwrap();
    let admin = replica.admin(tenant);
    let letter = admin.until(1).await.remove(0);
    work.mend();
    assert_eq!(refused(admin.discard(&letter.id, "").await), "missing_field");
    let discarded = admin.discard(&letter.id, "the customer wrote again").await.unwrap();
    assert_eq!(discarded.state(), State::Discarded);
    assert_eq!(discarded.why.as_deref(), Some("the customer wrote again"));
    assert!(discarded.ended_by.starts_with("user_") && discarded.ended_at.is_some());
    assert_eq!(home.count(tenant, "dead_body").await, 0);
    assert_eq!(admin.discard(&letter.id, "once more").await.unwrap(), discarded);
    assert_eq!(refused(admin.replay(&letter.id).await), "letter_discarded");
    home.bus.publish(Stream::In, event(tenant, "marker")).await.unwrap();
    work.until_applied("marker").await;
    assert_eq!(work.applied(), ["marker"]);
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_letter_is_forgotten_after_a_month_and_a_kept_one_never(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let tenant = id::new();
    for id in ["ended", "kept"] {
        home.bus.put_dead_letter(unreadable(Some(tenant), id)).await.unwrap();
    }
    let admin = replica.admin(tenant);
    let letters = admin.until(2).await;
    let ended = letters.iter().find(|letter| letter.event_id == "ended").unwrap();
    admin.discard(&ended.id, "rubbish").await.unwrap();
    replica.stop().await;
    for (days, left) in [(29, 2), (2, 1)] {
        home.clock.advance(TimeDelta::days(days));
        // Beginning, a replica looks at once.
        let later = home.replica().await;
        later.admin(tenant).until_at_most(left).await;
        later.stop().await;
    }
    let last = home.replica().await;
    assert_eq!(last.admin(tenant).all().await[0].event_id, "kept");
    last.stop().await;
}
