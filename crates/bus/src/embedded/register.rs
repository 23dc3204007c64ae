use sqlx::SqliteConnection;
use weft_domain::{Error, Result};

use crate::{ConsumerSpec, spec};

/// Creates or updates consumers; the inner result is the caller's, the outer one the transaction's.
pub(crate) async fn register(
    writer: &mut SqliteConnection,
    specs: &[ConsumerSpec],
) -> Result<Result<()>, sqlx::Error> {
    let stored: Vec<String> = sqlx::query_scalar("SELECT spec FROM consumer").fetch_all(&mut *writer).await?;
    let known: Vec<ConsumerSpec> = stored.iter().filter_map(|spec| serde_json::from_str(spec).ok()).collect();
    for one in specs {
        let replaced = |other: &&ConsumerSpec| !specs.iter().any(|new| new.name == other.name);
        if let Some(other) = known.iter().filter(replaced).find(|other| one.competes_with(other)) {
            return Ok(Err(spec::competing(&one.name, &other.name)));
        }
        if known.iter().any(|other| other.name == one.name && other.stream != one.stream) {
            return Ok(Err(Error::conflict(
                "consumer_moved",
                format!("consumer `{}` reads another stream", one.name),
            )));
        }
    }
    for one in specs {
        let text = match serde_json::to_string(one) {
            Ok(text) => text,
            Err(error) => return Ok(Err(Error::internal(error))),
        };
        sqlx::query("INSERT INTO consumer (name, spec, floor) VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET spec = excluded.spec")
            .bind(&one.name)
            .bind(text)
            .execute(&mut *writer)
            .await?;
    }
    Ok(Ok(()))
}
