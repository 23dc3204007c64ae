//! How the search looks: in pages, by an index, behind both walls, whatever it is asked.

use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use weft_domain::{ErrorCode, id};
use weft_proto::conversation::v1::{Hit, SearchRequest};
use weft_store::{Tx, installation};

use crate::{
    rig::{Engine, Rig},
    search::{q, texts},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_show_each_hit_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("newest", "relevance")] sort: &str,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for n in 0..25 {
        let text = if n % 5 == 0 { format!("ticket {n}") } else { format!("tickets {n}") };
        tenant.publish(tenant.message(&format!("t{}", n % 3), &format!("m{n}"), &text)).await;
    }
    let all = SearchRequest { page_size: 100, sort: Some(sort.into()), ..q("ticket") };
    let all = texts(&tenant.until_found(all, |hits| hits.len() == 25).await);
    let mut paged: Vec<Hit> = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = SearchRequest { page_size: 4, page_token, sort: Some(sort.into()), ..q("ticket") };
        let page = tenant.search(request).await.unwrap();
        paged.extend(page.items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(texts(&paged), all);
    if sort == "relevance" {
        assert!(
            all[..5].iter().all(|text| text.starts_with("ticket ")),
            "as it was typed comes first: {all:?}"
        );
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_strange_query_is_answered(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.receive("a", "m1", "near and not or").await;
    tenant.until_found(q("near"), |hits| hits.len() == 1).await;
    let strange = [
        "'",
        "''",
        "\"",
        "\"\"",
        "\\",
        "\\'",
        "a'b",
        "a\"b",
        "a\\b",
        "*",
        "a*",
        "*a",
        "a:*",
        "a:b",
        ":a",
        "words:a",
        "-a",
        "+a",
        "^a",
        "a^2",
        "a~",
        "(",
        ")",
        "(a",
        "a)",
        "((a)",
        "NEAR(",
        "NEAR(a b)",
        "NEAR(a, 2)",
        "AND",
        "a AND",
        "AND a",
        "a AND b",
        "OR",
        "NOT",
        "NOT a",
        "a NOT",
        "& a",
        "a & | b",
        "!a",
        "!!a",
        "a <-> b",
        "a <2> b",
        "<->",
        "{a}: b",
        "{",
        "}",
        "[a]",
        "%",
        "_",
        "a_b",
        "__",
        "a%b",
        "$1",
        "$$",
        "?",
        "??",
        ";",
        "a; DROP TABLE message",
        "--",
        "/* a */",
        "a\0b",
        "\0",
        "a\nb\r\tc",
        "\u{feff}a",
        "a\u{200b}b",
        "\u{202e}abc",
        "👍",
        "👩‍💻 a",
        "e\u{301}",
        "\u{301}",
        "ﷺ",
        "ß",
        "ǅ",
        "İ",
        "ı",
        "漢",
        "漢字",
        "ก",
        "กข",
        "한",
        "हि",
        "a-b-c-d-e-f",
        "1-2-3",
        "+",
        "+4",
        "+49",
        "00",
        "0000000",
        "0",
        "1e99",
        "12345678901234567890",
        "१२३४५६",
        "½",
        "²³",
        "a@b",
        "@",
        "@a",
        "a@",
        "http://x.y/z?q=1#f",
        "a.b.c",
        "...",
        "&amp;",
        "<b>a</b>",
        "true",
        "NULL",
        "near",
        "\u{10ffff}",
    ];
    for text in strange {
        if let Err(error) = tenant.search(q(text)).await {
            assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("q")), "{text:?}");
        }
    }
    let long = ["a".repeat(1_000), "漢".repeat(1_000), "a ".repeat(500), "1-".repeat(500), "ä".repeat(1_000)];
    for text in long {
        tenant.search(q(&text)).await.unwrap();
    }
    let error = tenant.search(q(&"long ".repeat(2_000))).await.unwrap_err();
    assert_eq!(error.field(), Some("q"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_the_search_becomes_findable(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    tenant.receive("a", "m1", "an old message").await;
    other.receive("a", "m1", "another old message").await;
    for one in [&tenant, &other] {
        one.until_found(q("old message"), |hits| hits.len() == 1).await;
        one.until_found(q("name"), |hits| hits.len() == 1).await;
    }
    // as before the search
    for one in [&tenant, &other] {
        let forget = |tx: Tx| async move {
            if !tx.is_postgres() {
                let words = "DELETE FROM search_words WHERE rowid IN \
                             (SELECT number FROM search_entry WHERE tenant_id = $1)";
                tx.execute(words, vec![]).await?;
            }
            tx.execute("DELETE FROM search_entry WHERE tenant_id = $1", vec![]).await
        };
        assert_eq!(rig.store.tenant(one.id).write(forget).await.unwrap(), 2);
        assert_eq!(one.found(q("old")).await, []);
    }
    let begin =
        |tx: Tx| async move { tx.execute("DELETE FROM search_progress WHERE tenant_id = $1", vec![]).await };
    assert_eq!(rig.store.tenant(installation()).write(begin).await.unwrap(), 2);
    for one in [&tenant, &other] {
        one.until_found(q("old message"), |hits| hits.len() == 1).await;
        one.until_found(q("name"), |hits| hits.len() == 1).await;
    }
}

/// Makes one tenant's entry name another tenant's message, as a fault of the search would.
async fn mislead(rig: &Rig, ours: id::TenantId, theirs: id::TenantId) {
    let database = rig.database().await;
    let sql = "UPDATE conversation.search_entry SET id = (SELECT id FROM conversation.message WHERE tenant_id = $2) \
               WHERE tenant_id = $1 AND words @@ 'whello'::tsquery";
    let values = [ours.uuid().into(), theirs.uuid().into()];
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    assert_eq!(database.execute_raw(statement).await.unwrap().rows_affected(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_id_among_the_candidates_shows_nothing() {
    let rig = Rig::new(Engine::Postgres).await;
    let (ours, theirs) = (rig.tenant(), rig.tenant());
    ours.receive("a", "m1", "hello there").await;
    theirs.receive("a", "m1", "hello secret").await;
    ours.until_found(q("hello"), |hits| hits.len() == 1).await;
    mislead(&rig, ours.id, theirs.id).await;
    assert_eq!(ours.found(q("hello")).await, []);
}
