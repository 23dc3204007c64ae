use tokio::sync::OnceCell;

use crate::{databases::Databases, nats::Nats, postgres::Postgres, redis::Redis};

/// The variable with the URL of a NATS server that tests may share.
pub const NATS_VARIABLE: &str = "WEFT_TEST_NATS_URL";
/// The variable with the superuser's URL of a PostgreSQL server that tests may share.
pub const POSTGRES_VARIABLE: &str = "WEFT_TEST_POSTGRES_URL";
/// The variable with the URL of a Redis that tests may share.
pub const REDIS_VARIABLE: &str = "WEFT_TEST_REDIS_URL";

static NATS: OnceCell<Nats> = OnceCell::const_new();
static POSTGRES: OnceCell<Postgres> = OnceCell::const_new();
static REDIS: OnceCell<Redis> = OnceCell::const_new();

/// The URL of a NATS server that other tests use too: name streams and subjects so that they do not meet.
pub async fn nats_url() -> String {
    match given(NATS_VARIABLE) {
        Some(url) => url,
        None => NATS.get_or_init(Nats::start).await.url(),
    }
}

/// A PostgreSQL server that other tests use too; ask it for a database of your own.
pub async fn postgres() -> Databases {
    match given(POSTGRES_VARIABLE) {
        Some(url) => Databases::new(url),
        None => POSTGRES.get_or_init(Postgres::start).await.databases(),
    }
}

/// The URL of a Redis that other tests use too: name keys so that they do not meet.
pub async fn redis_url() -> String {
    match given(REDIS_VARIABLE) {
        Some(url) => url,
        None => REDIS.get_or_init(Redis::start).await.url(),
    }
}

#[expect(clippy::disallowed_methods, reason = "`with-servers` speaks to tests; this is no setting of Weft")]
fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.is_empty())
}
