use std::{collections::BTreeSet, time::Instant};

use rstest::rstest;
use sea_orm::ConnectionTrait;
use weft_domain::id;
use weft_proto::dead_letters::v1::ListDeadLettersRequest;

use crate::rig::{Engines, Home, last};

const LETTERS: usize = 10_000;
const COLUMNS: &str = "(tenant_id, id, name, state, source, subject, event_id, event_type, event_source, reason, words, \
                       attempts, first_at, last_at, body_bytes)";

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_letters_are_paged_through_and_no_page_costs_more_than_another(
    #[case] engines: Engines,
) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let tenant = id::new();
    let database = home.administrator().await;
    let constants = "'kept', 'work', 'weft.in.x', 'e' || n, 't', '/x', 'r' || (n % 7), 'w', 1";
    let insert = match engines {
        Engines::Embedded => format!(
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {LETTERS}) \
             INSERT INTO dead_letter {COLUMNS} SELECT x'{}', randomblob(16), 'n' || n, {constants}, \
             '2026-03-01T10:00:00+00:00', \
             strftime('%Y-%m-%dT%H:%M:%S', '2026-03-01 10:00:00', '+' || (n / 3) || ' seconds') || '+00:00', 5 FROM s",
            tenant.uuid().simple()
        ),
        _ => format!(
            "INSERT INTO dead_letter {COLUMNS} SELECT '{}', gen_random_uuid(), 'n' || n, {constants}, \
             '2026-03-01T10:00:00Z', timestamptz '2026-03-01T10:00:00Z' + n / 3 * interval '1 second', 5 \
             FROM generate_series(1, {LETTERS}) AS n",
            tenant.uuid()
        ),
    };
    database.execute_unprepared(&insert).await.unwrap();
    let admin = replica.admin(tenant);
    for (reason, expected) in [(None, LETTERS), (Some("r3".to_owned()), LETTERS / 7 + 1)] {
        let (mut ids, mut times, mut page_token) = (BTreeSet::new(), Vec::new(), String::new());
        let mut latest = None;
        loop {
            let begun = Instant::now();
            let request = ListDeadLettersRequest {
                page_size: 200,
                page_token,
                reason: reason.clone(),
                state: Some("kept".to_owned()),
                ..Default::default()
            };
            let page = admin.api().list_dead_letters(admin.call(request)).await.unwrap().into_inner();
            times.push(begun.elapsed());
            for letter in page.items {
                assert!(latest.is_none_or(|latest| last(&letter) <= latest), "the latest first");
                latest = Some(last(&letter));
                assert!(ids.insert(letter.id), "none comes twice");
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(ids.len(), expected);
        times.sort();
        let median = times[times.len() / 2];
        println!("{engines:?}: {} pages, median {median:?}, slowest {:?}", times.len(), times.last());
        assert!(median.as_millis() < 100, "{times:?}");
    }
    replica.stop().await;
}
