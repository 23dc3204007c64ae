//! Every query has an index to go by: PostgreSQL tells the plan of each, and avoids to read a table from end to end where it can.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};
use weft_proto::conversation::v1::{ListConversationsRequest, ListMessagesRequest};
use weft_store::Settings;

use crate::{filters::filter, rig::Rig};

/// Read whole where there are few rows by their nature.
const SMALL: [&str; 3] = ["channel_kind", "dropped_view_set", "outbox_position"];

/// The plans that the database told of.
#[derive(Clone, Default)]
struct Plans(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Plans {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut Line(&self.0));
        }
    }
}

struct Line<'a>(&'a Mutex<Vec<String>>);

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_reads_a_table_from_end_to_end() {
    let plans = Plans::default();
    tracing_subscriber::registry().with(plans.clone()).init();
    let database = weft_testkit::postgres().await.database().await;
    explain(&database.system_url, &database.name).await;
    let settings = Settings::postgres(&database.service_url, &database.owner_url, &database.system_url);
    let rig = Rig::on(settings, tempfile::tempdir().unwrap()).await;
    // what migrations read is read once
    plans.0.lock().unwrap().clear();
    use_everything(&rig).await;

    let plans = plans.0.lock().unwrap().clone();
    let of_lists =
        plans.iter().filter(|plan| plan.contains("FROM \"conversation\"") && plan.contains("LIMIT"));
    assert!(of_lists.count() > 10, "the database tells of its plans: {:?}", plans.first());
    let scans = |plan: &str| -> BTreeSet<String> {
        let tables = plan.lines().filter_map(|line| line.split_once("Seq Scan on "));
        let tables = tables.filter_map(|(_, rest)| rest.split_whitespace().next());
        tables.filter(|table| !SMALL.contains(table)).map(str::to_owned).collect()
    };
    let bad: Vec<&String> = plans.iter().filter(|plan| !scans(plan).is_empty()).collect();
    let tables: BTreeSet<String> = plans.iter().flat_map(|plan| scans(plan)).collect();
    assert!(bad.is_empty(), "{tables:?} in {} statements, like {:#?}", bad.len(), &bad[..bad.len().min(3)]);
}

/// From now on the database tells the plan of every statement to whoever runs it.
async fn explain(system_url: &str, name: &str) {
    let superuser = Database::connect(system_url.replace("weft_system", "postgres")).await.unwrap();
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "\"auto_explain.log_min_duration\" = 0",
        "\"auto_explain.log_level\" = 'notice'",
        "enable_seqscan = off",
    ] {
        superuser.execute_unprepared(&format!("ALTER DATABASE {name} SET {setting}")).await.unwrap();
    }
    superuser.close().await.unwrap();
}

async fn use_everything(rig: &Rig) {
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let id = tenant.receive("one", "m1", "hello").await.conversation_id;
    tenant.receive("other", "m2", "hello").await;
    tenant.define("amount", "number", &[]).await.unwrap();
    tenant.tag(&id, &["vip"], &[]).await.unwrap();
    tenant.mark(&id, "star").await.unwrap();
    tenant.send(&id, "an answer").await.unwrap();
    let is = |field: &str, value: serde_json::Value| json!({"field": field, "op": "is", "value": value});
    let view = tenant.save_view("vip", &is("tag", json!("vip"))).await.unwrap();
    tenant.until_counted(&view, 1).await;
    let mut lists = vec![
        ListConversationsRequest::default(),
        ListConversationsRequest { status: Some("open".into()), ..Default::default() },
        ListConversationsRequest { assignee: Some("me".into()), ..Default::default() },
        ListConversationsRequest { assignee: Some("none".into()), ..Default::default() },
        ListConversationsRequest { channel: Some(tenant.channel.to_string()), ..Default::default() },
        ListConversationsRequest { unread: Some(true), ..Default::default() },
        ListConversationsRequest { priority: Some("high".into()), ..Default::default() },
        ListConversationsRequest { archived: Some(true), ..Default::default() },
        ListConversationsRequest { tag: Some("vip".into()), ..Default::default() },
        ListConversationsRequest { mark: Some("star".into()), ..Default::default() },
        ListConversationsRequest { view: Some(view.id), ..Default::default() },
    ];
    let filters = [
        is("mark", json!("star")),
        json!({"not": is("tag", json!("vip"))}),
        json!({"field": "fields.amount", "op": "more_than", "value": 3}),
        json!({"any": [is("assignee", json!("me")), is("priority", json!("urgent"))]}),
    ];
    lists.extend(
        filters
            .iter()
            .map(|body| ListConversationsRequest { filter: Some(filter(body)), ..Default::default() }),
    );
    for list in lists {
        tenant.list(ListConversationsRequest { page_size: 1, ..list }).await.unwrap();
    }
    for (after_seq, page_token) in [(Some(1), String::new()), (None, String::new())] {
        let request =
            ListMessagesRequest { conversation_id: id.clone(), page_size: 1, page_token, after_seq };
        tenant.list_messages(request).await.unwrap();
    }
    tenant.mark_read(&id, None).await;
}
