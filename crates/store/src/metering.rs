use std::time::Instant;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use sea_orm::DatabaseConnection;
use weft_domain::Result;

use crate::{Store, store::Engine};

/// Says what each figure means; nothing has been handed on yet.
pub(crate) fn describe(service: &str) {
    describe_gauge!(
        "weft_outbox_oldest_seconds",
        Unit::Seconds,
        "Age of the oldest event that is committed and not yet on the bus; 0 when none waits."
    );
    describe_counter!("weft_outbox_relayed_total", Unit::Count, "Events handed from the outbox to the bus.");
    describe_gauge!(
        "weft_store_connections_in_use",
        Unit::Count,
        "Connections to the database that are at work, by service and pool."
    );
    describe_gauge!(
        "weft_store_pool_fullness_ratio",
        Unit::Count,
        "How much of a pool of connections is at work, by service and pool, 0 to 1."
    );
    describe_histogram!(
        "weft_store_wait_duration_seconds",
        Unit::Seconds,
        "How long transactions waited for a connection, or for their turn to write."
    );
    describe_histogram!("weft_store_group_size", Unit::Count, "Writers that shared one commit (SQLite).");
    counter!("weft_outbox_relayed_total", "service" => service.to_owned()).increment(0);
}

/// Waits for a connection or a turn.
pub(crate) async fn waited<T>(service: &str, wait: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let got = wait.await;
    histogram!("weft_store_wait_duration_seconds", "service" => service.to_owned()).record(begun.elapsed());
    got
}

pub(crate) fn relayed(service: &str, events: u64) {
    counter!("weft_outbox_relayed_total", "service" => service.to_owned()).increment(events);
}

pub(crate) fn group_of(writers: usize) {
    histogram!("weft_store_group_size").record(u32::try_from(writers).unwrap_or(u32::MAX));
}

impl Store {
    /// Looks at how long the oldest event waits and how many connections are at work; call it every few seconds.
    pub async fn measure(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { readers, .. } => self.measure_pool("readers", readers),
            Engine::Postgres { service, system } => {
                self.measure_pool("service", service);
                self.measure_pool("system", system);
            }
        }
        let age = self.outbox_age_seconds().await?;
        gauge!("weft_outbox_oldest_seconds", "service" => self.inner.service.clone()).set(age);
        Ok(())
    }

    fn measure_pool(&self, pool: &'static str, connection: &DatabaseConnection) {
        let (open, idle, most) = if self.is_postgres() {
            let pool = connection.get_postgres_connection_pool();
            (pool.size(), pool.num_idle(), pool.options().get_max_connections())
        } else {
            let pool = connection.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle(), pool.options().get_max_connections())
        };
        let busy = f64::from(open.saturating_sub(u32::try_from(idle).unwrap_or(u32::MAX)));
        let service = self.inner.service.clone();
        gauge!("weft_store_connections_in_use", "service" => service.clone(), "pool" => pool).set(busy);
        gauge!("weft_store_pool_fullness_ratio", "service" => service, "pool" => pool)
            .set(busy / f64::from(most.max(1)));
    }
}
