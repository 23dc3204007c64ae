use rstest::rstest;
use sea_orm::{ConnectionTrait, Database};
use weft_domain::id;

use crate::rig::{Engines, Home, unreadable};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_a_letter_leaves_the_bus_makes_no_second_one(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let tenant = id::new();
    for id in ["1", "2"] {
        home.bus.put_dead_letter(unreadable(Some(tenant), id)).await.unwrap();
    }
    let bus = Database::connect(format!("sqlite://{}", home.bus_file().display())).await.unwrap();
    bus.execute_unprepared("CREATE TABLE as_it_was AS SELECT * FROM dead").await.unwrap();
    let replica = home.replica().await;
    let taken = replica.admin(tenant).until(2).await;
    home.until_the_bus_has_none().await;
    replica.stop().await;

    bus.execute_unprepared("INSERT INTO dead SELECT * FROM as_it_was").await.unwrap();
    assert_eq!(home.bus.dead_letters(0, 10).await.unwrap().len(), 2);
    let replica = home.replica().await;
    home.until_the_bus_has_none().await;
    assert_eq!(replica.admin(tenant).all().await, taken);
    assert_eq!(home.count(tenant, "dead_body").await, 2);
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_take_the_same_letters_make_each_once(#[case] engines: Engines) {
    const LETTERS: usize = 120;
    let home = Home::new(engines).await;
    let tenants = [id::new(), id::new()];
    for number in 0..LETTERS {
        let letter = unreadable(Some(tenants[number % 2]), &number.to_string());
        home.bus.put_dead_letter(letter).await.unwrap();
    }
    let replicas = futures::future::join_all((0..3).map(|_| home.replica())).await;
    for tenant in tenants {
        let letters = replicas[0].admin(tenant).until(LETTERS / 2).await;
        assert!(letters.iter().all(|letter| letter.source == "channel-echo"));
    }
    home.until_the_bus_has_none().await;
    for tenant in tenants {
        replicas[1].admin(tenant).until(LETTERS / 2).await;
    }
    for replica in replicas {
        replica.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_again_later_is_a_letter_of_its_own() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica().await;
    let tenant = id::new();
    let admin = replica.admin(tenant);
    for times in 1..=2 {
        home.bus.put_dead_letter(unreadable(Some(tenant), "the same")).await.unwrap();
        admin.until(times).await;
        home.until_the_bus_has_none().await;
    }
    let shown = admin.show(&admin.all().await[0].id).await.unwrap();
    assert_eq!(shown.binary_body.as_deref(), Some([0, 159, 146, 150].as_slice()), "it is no text");
    assert_eq!(shown.body, None);
    replica.stop().await;
}
