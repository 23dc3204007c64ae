use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::process::Command;
use weft_testkit::{Postgres, eventually, postgres};

#[tokio::test]
async fn only_the_owner_may_create_and_no_role_is_above_row_security() {
    let database = postgres().await.database().await;
    sql(&database.owner_url, "CREATE TABLE t (n int)").await.unwrap();
    assert!(
        sql(&database.service_url, "CREATE TABLE u (n int)").await.unwrap_err().contains("permission denied")
    );
    assert!(sql(&database.service_url, "SELECT * FROM t").await.unwrap_err().contains("permission denied"));
    let roles = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'weft%' ORDER BY 1";
    let expected = "weft_owner|f|f\nweft_service|f|f\nweft_system|f|f\n";
    assert_eq!(sql(&database.system_url, roles).await.unwrap(), expected);
}

#[tokio::test]
async fn a_template_is_prepared_once_and_copies_are_apart() {
    let databases = postgres().await;
    let template = format!("a\"b'{}", uuid::Uuid::now_v7());
    let prepared = AtomicUsize::new(0);
    let prepare = async |owner_url: String| {
        prepared.fetch_add(1, Ordering::SeqCst);
        sql(&owner_url, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)").await.unwrap();
    };
    let (one, two, three) = tokio::join!(
        databases.database_from(&template, prepare),
        databases.database_from(&template, prepare),
        databases.database_from(&template, prepare),
    );
    assert_eq!(prepared.load(Ordering::SeqCst), 1);
    sql(&one.owner_url, "UPDATE t SET n = 8").await.unwrap();
    for (database, n) in [(one, "8\n"), (two, "7\n"), (three, "7\n")] {
        assert_eq!(sql(&database.owner_url, "SELECT n FROM t").await.unwrap(), n);
    }
}

#[tokio::test]
async fn what_was_committed_survives_a_kill() {
    let mut server = Postgres::start().await;
    let url = server.database().await.owner_url;
    sql(&url, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)").await.unwrap();
    server.kill();
    sql(&url, "SELECT n FROM t").await.unwrap_err();
    server.restart().await;
    let answer = eventually("the server answers", std::time::Duration::from_secs(10), async || {
        sql(&url, "SELECT n FROM t").await.ok()
    });
    assert_eq!(answer.await, "7\n");
}

pub(crate) async fn sql(url: &str, statement: &str) -> Result<String, String> {
    let output = Command::new("psql").args(["-XqAt", "-d", url, "-c", statement]).output().await.unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    Err(String::from_utf8(output.stderr).unwrap())
}
