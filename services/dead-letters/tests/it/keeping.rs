use rstest::rstest;
use sea_orm::ConnectionTrait;
use weft_bus::Stream;
use weft_domain::{Role, id};
use weft_proto::dead_letters::v1::{DeadLetter, ListDeadLettersRequest, dead_letter::State};

use crate::rig::{Engines, Home, WORDS, event, last, unreadable};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_event_is_kept_with_all_that_one_needs_to_know_and_its_body_shown_to_who_asks(
    #[case] engines: Engines,
) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    home.work(&replica).await;
    let tenant = id::new();
    let poison = event(tenant, "poison");
    home.bus.publish(Stream::In, poison.clone()).await.unwrap();
    let admin = replica.admin(tenant);
    let listed = admin.until(1).await.remove(0);
    let known = |shown: &DeadLetter| {
        (shown.state(), shown.source.clone(), shown.reason.clone(), shown.words.clone(), shown.attempts)
    };
    let expected = (State::Kept, "work".to_owned(), "broken".to_owned(), "it is broken".to_owned(), 1);
    assert_eq!(known(&listed), expected);
    assert_eq!((listed.stream.as_str(), &listed.subject), ("IN", &poison.subject));
    assert_eq!((&listed.event_id, &listed.event_type), (&poison.id, &poison.kind));
    assert_eq!(listed.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(listed.body_bytes, u64::try_from(poison.data.len()).unwrap());
    let first = listed.first_at.as_ref().and_then(weft_proto::convert::time);
    assert_eq!(first, Some(poison.time));
    assert!(last(&listed) > poison.time);
    assert_eq!((&listed.body, &listed.key, &listed.ended_at), (&None, &None, &None));

    let shown = admin.show(&listed.id).await.unwrap();
    assert_eq!(shown.body.as_deref().map(str::as_bytes), Some(poison.data.as_ref()));
    assert_eq!(shown.key.as_ref(), Some(&poison.key));
    assert_eq!(DeadLetter { body: None, key: None, ..shown }, listed);
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_a_body_or_a_key_in_the_database(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    home.work(&replica).await;
    let tenant = id::new();
    let poison = event(tenant, "poison");
    home.bus.publish(Stream::In, poison.clone()).await.unwrap();
    replica.admin(tenant).until(1).await;
    let database = home.administrator().await;
    let mut everything = Vec::new();
    if engines == Engines::Embedded {
        for file in ["dead-letters.db", "dead-letters.db-wal"] {
            everything.extend(std::fs::read(home.folder.path().join(file)).unwrap_or_default());
        }
    } else {
        for table in ["dead_letter", "dead_body"] {
            let sql = format!("SELECT {table}::text AS row FROM {table}");
            for row in database.query_all_raw(statement(&database, &sql)).await.unwrap() {
                everything.extend(row.try_get::<String>("", "row").unwrap().into_bytes());
            }
        }
    }
    let holds = |text: &str| {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        [text.as_bytes(), hex.as_bytes()]
            .iter()
            .any(|wanted| everything.windows(wanted.len()).any(|window| window == *wanted))
    };
    assert!(holds("poison") && holds("it is broken"), "the search finds what is there");
    assert!(!holds(WORDS) && !holds(&poison.key));
    replica.stop().await;
}

fn statement(database: &sea_orm::DatabaseConnection, sql: &str) -> sea_orm::Statement {
    sea_orm::Statement::from_string(database.get_database_backend(), sql)
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn letters_are_found_by_state_source_reason_and_time_page_by_page(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    home.work(&replica).await;
    let tenant = id::new();
    for number in 0..5 {
        home.bus.publish(Stream::In, event(tenant, &number.to_string())).await.unwrap();
    }
    let admin = replica.admin(tenant);
    let early = admin.until(5).await;
    for number in 5..8 {
        home.bus.put_dead_letter(unreadable(Some(tenant), &number.to_string())).await.unwrap();
    }
    let all = admin.until(8).await;
    assert_eq!(all[3..], early, "the latest given up first");
    assert!(all.is_sorted_by(|one, next| last(one) > last(next)));
    admin.discard(&all[0].id, "rubbish").await.unwrap();
    let any = ListDeadLettersRequest::default;
    let found = async |request| {
        let letters = admin.list(request).await;
        letters.into_iter().map(|letter| letter.event_id).collect::<Vec<_>>()
    };
    let ids: Vec<String> = all.iter().map(|letter| letter.event_id.clone()).collect();
    assert_eq!(found(ListDeadLettersRequest { state: Some("discarded".into()), ..any() }).await, ids[..1]);
    assert_eq!(found(ListDeadLettersRequest { state: Some("kept".into()), ..any() }).await, ids[1..]);
    assert_eq!(found(ListDeadLettersRequest { source: Some("work".into()), ..any() }).await, ids[3..]);
    let reason = Some("unreadable_call".into());
    assert_eq!(found(ListDeadLettersRequest { reason, ..any() }).await, ids[..3]);
    let moment = all[2].last_at;
    assert_eq!(found(ListDeadLettersRequest { since: moment, ..any() }).await, ids[..3]);
    assert_eq!(found(ListDeadLettersRequest { until: moment, ..any() }).await, ids[3..]);
    let wrong = admin.call(ListDeadLettersRequest { state: Some("lost".into()), ..any() });
    assert_eq!(crate::rig::refused(admin.api().list_dead_letters(wrong).await), "invalid_field");

    let (mut paged, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListDeadLettersRequest { page_size: 3, page_token, ..any() };
        let page = admin.api().list_dead_letters(admin.call(request)).await.unwrap().into_inner();
        paged.extend(page.items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, admin.all().await);
    let supervisor = replica.person(tenant, Role::Manager);
    let list = supervisor.api().list_dead_letters(supervisor.call(any())).await;
    assert_eq!(crate::rig::refused(list), "permission_denied");
    replica.stop().await;
}
