//! What messages and contacts are found by: the one place that knows how each database looks for tokens.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::json;
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId};
use weft_store::{Purpose, Store, SystemTx, Tx, installation};

use super::{
    due::Due,
    entity::{
        search_entry::{Column, Entity},
        search_progress,
    },
};
use crate::search::{Entry, Find, Window, Words};

/// When more than so many fit in a period, a shorter one is looked at.
const MOST_IN_WINDOW: i64 = 20_000;
/// So long one look may take, in milliseconds.
const LONGEST_LOOK: u32 = 1_500;

/// Something that may be shown, if its reader may see it. Nothing is known of it here but when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
pub(crate) struct Candidate {
    /// When it was written, or met.
    pub(crate) at: DateTime<Utc>,
    /// The message or contact.
    pub(crate) id: Uuid,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    at: DateTime<Utc>,
    total: i64,
}

/// Where to look, and for what.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// Which kind of words.
    pub(crate) words: Words,
    /// What they have.
    pub(crate) find: Find,
    /// What is older than this, itself not among it.
    pub(crate) before: (DateTime<Utc>, Uuid),
    /// What is not older than this.
    pub(crate) from: Option<DateTime<Utc>>,
}

/// The newest that fit, up to so many. They are looked for across tenants, because PostgreSQL uses no text index behind a
/// second wall (ADR 15); so it gives ids and times alone, and whoever shows them loads them as their tenant.
pub(crate) async fn candidates(store: &Store, look: &Look, most: usize) -> Result<Vec<Candidate>> {
    let system = store.system(Purpose::Search).await?;
    let is_postgres = store.is_postgres();
    if is_postgres {
        guard(&system).await?;
    }
    let mut found: Vec<Candidate> = Vec::new();
    let mut before = look.before;
    let mut window = Window::before(look.before.0);
    while found.len() < most {
        let from = look.from.map_or(window.from, |from| from.max(window.from));
        if from >= before.0 {
            break;
        }
        let find = Find::All(vec![look.find.clone(), window.find(look.tenant.uuid())]);
        let query = if is_postgres { find.postgres(look.words) } else { find.sqlite(look.words) };
        let limit = i64::try_from(most - found.len()).map_err(Error::internal)?;
        let values = vec![
            look.tenant.uuid().into(),
            query.into(),
            from.into(),
            before.0.into(),
            before.1.into(),
            limit.into(),
        ];
        let rows: Vec<Row> = system.query(&statement(is_postgres), values).await?;
        let is_full = rows.first().is_some_and(|row| row.total > MOST_IN_WINDOW);
        if let Some(shorter) = is_full.then(|| window.shorter()).flatten() {
            window = shorter;
            continue;
        }
        found.extend(rows.into_iter().map(|row| Candidate { at: row.at, id: row.id }));
        if window.is_last() || look.from.is_some_and(|from| window.from <= from) {
            break;
        }
        before = (window.from, Uuid::nil());
        window = window.next();
    }
    Ok(found)
}

/// The statement is the same whatever is asked for, and the text index is the only one it can use: how many rows a tenant has, a
/// plan that is kept does not know. `$1` tenant, `$2` tokens, `$3` from, `$4` and `$5` before, `$6` how many.
pub(crate) fn statement(is_postgres: bool) -> String {
    let table = if is_postgres {
        "search_entry e WHERE e.words @@ $2::tsquery"
    } else {
        "search_words JOIN search_entry e ON e.number = search_words.rowid WHERE search_words MATCH $2"
    };
    let most = MOST_IN_WINDOW + 1;
    format!(
        "WITH fit AS (SELECT e.id, e.at FROM {table} AND (e.tenant_id = $1) IS TRUE AND e.at >= $3 \
         AND (e.at, e.id) < ($4, $5) LIMIT {most}) \
         SELECT id, at, (SELECT count(*) FROM fit) AS total FROM fit ORDER BY at DESC, id DESC LIMIT $6"
    )
}

/// No plan but the text index is ever right: to walk through a tenant's rows takes seconds.
async fn guard(system: &SystemTx) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Nothing {}
    let sql = format!(
        "SELECT set_config('statement_timeout', '{LONGEST_LOOK}', true), set_config('enable_seqscan', 'off', true), \
         set_config('enable_indexscan', 'off', true), set_config('jit', 'off', true)"
    );
    system.query::<Nothing>(&sql, Vec::new()).await.map(drop)
}

/// Keeps what things are found by; those of which nothing changed are left alone.
pub(crate) async fn put(tx: &Tx, mut entries: Vec<Entry>) -> Result<()> {
    // in one order, so that two who write never wait for each other in a circle
    entries.sort_by_key(|entry| entry.id);
    let known =
        tx.all(Entity::find().filter(tx.is_any_of(Column::Id, entries.iter().map(|entry| entry.id)))).await?;
    let known: HashMap<Uuid, i64> = known.into_iter().map(|row| (row.id, row.digest)).collect();
    entries.retain(|entry| known.get(&entry.id) != Some(&entry.digest()));
    if entries.is_empty() {
        return Ok(());
    }
    if tx.is_postgres() { put_postgres(tx, &entries).await } else { put_sqlite(tx, &entries).await }
}

async fn put_postgres(tx: &Tx, entries: &[Entry]) -> Result<()> {
    let given = entries.iter().map(|entry| {
        json!({"id": entry.id, "at": entry.at.to_rfc3339(), "digest": entry.digest(), "words": entry.tokens})
    });
    let given = serde_json::to_string(&given.collect::<Vec<_>>()).map_err(Error::internal)?;
    let sql = "INSERT INTO search_entry (tenant_id, id, at, digest, words) \
               SELECT $1, id, at, digest, array_to_tsvector(words) \
               FROM json_to_recordset($2::json) AS given (id uuid, at timestamptz, digest bigint, words text[]) \
               ON CONFLICT (tenant_id, id) DO UPDATE \
               SET at = excluded.at, digest = excluded.digest, words = excluded.words \
               WHERE search_entry.tenant_id = $1";
    tx.execute(sql, vec![given.into()]).await.map(drop)
}

async fn put_sqlite(tx: &Tx, entries: &[Entry]) -> Result<()> {
    forget_words(tx, entries.iter().map(|entry| entry.id).collect()).await?;
    let rows = entries.iter().map(|entry| super::entity::search_entry::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(entry.id),
        at: Set(entry.at),
        digest: Set(entry.digest()),
    });
    tx.save_all(rows.collect()).await?;
    for entry in entries {
        let words = entry.tokens.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let sql = "INSERT INTO search_words (rowid, words) \
                   SELECT number, $3 FROM search_entry WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, vec![entry.id.into(), words.into()]).await?;
    }
    Ok(())
}

/// Things that are not to be found any more.
pub(crate) async fn remove(tx: &Tx, ids: Vec<Uuid>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    if !tx.is_postgres() {
        forget_words(tx, ids.clone()).await?;
    }
    tx.delete(Entity::delete_many().filter(tx.is_any_of(Column::Id, ids))).await.map(drop)
}

async fn forget_words(tx: &Tx, ids: Vec<Uuid>) -> Result<()> {
    for id in ids {
        let sql = "DELETE FROM search_words WHERE rowid IN \
                   (SELECT number FROM search_entry WHERE tenant_id = $1 AND id = $2)";
        tx.execute(sql, vec![id.into()]).await?;
    }
    Ok(())
}

/// What is made findable, bit by bit, from before there was a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Messages.
    Message,
    /// Contacts.
    Contact,
}

impl Kind {
    /// The table, which is its name, too.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Contact => "contact",
        }
    }
}

/// How far a kind has been made findable; nothing of it yet: before all.
pub(crate) async fn progress(store: &Store, kind: Kind) -> Result<search_progress::Model> {
    let find = search_progress::Entity::find().filter(search_progress::Column::Kind.eq(kind.table()));
    let known = store.tenant(installation()).read(|tx: Tx| async move { tx.one(find).await }).await?;
    Ok(known.unwrap_or_else(|| search_progress::Model {
        tenant_id: installation().uuid(),
        kind: kind.table().to_owned(),
        last_tenant: Uuid::max(),
        last_id: Uuid::max(),
        done: false,
    }))
}

/// Notes how far a kind has been made findable.
pub(crate) async fn note_progress(store: &Store, row: search_progress::Model) -> Result<()> {
    use sea_orm::IntoActiveModel;
    let row = &row;
    let note = |tx: Tx| async move {
        let values = row.clone().into_active_model();
        tx.save_all(vec![sea_orm::ActiveModelTrait::reset_all(values)]).await
    };
    store.tenant(installation()).write(note).await
}

/// The next things of all tenants that were there before the search, the newest of each tenant first.
pub(crate) async fn older(
    system: &SystemTx,
    kind: Kind,
    (tenant, id): (Uuid, Uuid),
    limit: u64,
) -> Result<Vec<Due>> {
    let sql = format!(
        "SELECT tenant_id, id FROM {} WHERE (tenant_id, id) < ($1, $2) ORDER BY tenant_id DESC, id DESC LIMIT {limit}",
        kind.table()
    );
    system.query(&sql, vec![tenant.into(), id.into()]).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use weft_crypto::Kek;
    use weft_domain::{SystemClock, id};
    use weft_store::{Settings, vault::Vault};

    use super::*;
    use crate::{Migrator, search::Query};

    #[derive(FromQueryResult)]
    struct Line {
        #[sea_orm(from_alias = "QUERY PLAN")]
        text: String,
    }

    #[tokio::test]
    async fn candidates_are_looked_up_in_the_text_index_of_postgresql() {
        let database = weft_testkit::postgres().await.database().await;
        let settings = Settings::postgres(&database.service_url, &database.owner_url, &database.system_url);
        let vault = Vault::new(Arc::new(Kek::generate()), "conversation");
        let store = Store::connect(&settings, "conversation", vault, Arc::new(SystemClock)).await.unwrap();
        store.migrate::<Migrator>().await.unwrap();
        let (tenant, now) = (id::new::<id::Tenant>().uuid(), Utc::now());
        let find = Query::read("two words").unwrap().in_messages();
        let find = Find::All(vec![find, Window::before(now).find(tenant)]);
        let system = store.system(Purpose::Search).await.unwrap();
        guard(&system).await.unwrap();
        let values = vec![
            tenant.into(),
            find.postgres(Words::Message).into(),
            (now - chrono::TimeDelta::days(1)).into(),
            now.into(),
            Uuid::nil().into(),
            50_i64.into(),
        ];
        let lines: Vec<Line> = system.query(&format!("EXPLAIN {}", statement(true)), values).await.unwrap();
        let plan: Vec<String> = lines.into_iter().map(|line| line.text).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("Bitmap Index Scan on ix_search_words"), "{plan}");
        assert!(plan.contains("Index Cond: (words @@"), "the words are looked up, not compared: {plan}");
        drop(system);
        store.close().await.unwrap();
    }
}
