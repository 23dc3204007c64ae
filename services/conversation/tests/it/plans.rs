//! Every query has an index to go by: PostgreSQL tells the plan of each, and avoids to read a table from end to end where it can.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};
use weft_domain::Role;
use weft_proto::{
    conversation::v1::{
        ConversationChange, CreateMacroRequest, ListCannedRepliesRequest, ListContactsRequest,
        ListConversationsRequest, ListMessagesRequest, ListRegroupingsRequest, UpdateSilenceSettingsRequest,
        conversation::Status,
    },
    events::v1::ConversationUpdated,
};
use weft_store::Settings;

use crate::{adapter::Tenant, canned_replies::reply, filters::filter, rig::Rig, written::says};

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
    let first = tenant.receive("one", "m1", "hello").await;
    let id = first.conversation_id;
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
    use_contacts(&tenant, &first.author.unwrap().id).await;
    use_replies(&tenant, &id).await;
    use_what_concerns_people(&tenant, &id).await;
    use_regroupings(rig).await;
    use_silence(rig).await;
}

async fn use_regroupings(rig: &Rig) {
    let tenant = rig.tenant();
    let (one, two) = tenant.two_matters().await;
    tenant.put_draft(&two, says("begun")).await.unwrap();
    let merge = tenant.make_one(&one, &two).await.unwrap();
    let last = tenant.mail("t2", "m5", "five").await;
    let split = tenant.split(&one, &[&last]).await.unwrap();
    for conversation in [None, Some(one.clone())] {
        let request = ListRegroupingsRequest { page_size: 1, conversation, ..Default::default() };
        let page = tenant.regroupings().list_regroupings(tenant.signed(request.clone())).await.unwrap();
        let next = ListRegroupingsRequest { page_token: page.into_inner().next_page_token, ..request };
        tenant.regroupings().list_regroupings(tenant.signed(next)).await.unwrap();
    }
    tenant.undo_regrouping(&split.id).await.unwrap();
    tenant.undo_regrouping(&merge.id).await.unwrap();
}

async fn use_contacts(tenant: &Tenant<'_>, contact: &str) {
    let other = tenant.receive("two", "m3", "hello").await.author.unwrap().id;
    tenant.tag_contact(contact, &["vip"], &[]).await.unwrap();
    tenant.block(&other, true).await;
    for blocked in [None, Some(true), Some(false)] {
        for tag in [None, Some("vip".to_owned())] {
            let request = ListContactsRequest { page_size: 1, tag, blocked, ..Default::default() };
            let page = tenant.contacts().list_contacts(tenant.signed(request.clone())).await.unwrap();
            let next = ListContactsRequest { page_token: page.into_inner().next_page_token, ..request };
            tenant.contacts().list_contacts(tenant.signed(next)).await.unwrap();
        }
    }
    tenant.note_on(contact, "likes tea").await.unwrap();
    let merge = tenant.merge(contact, &other).await.unwrap();
    tenant.timeline(contact, 1, None).await;
    tenant.undo(&merge.id).await.unwrap();
    let manager = tenant.manager();
    let import = manager.import("name,email\nAda,ada@example.com\nBad,bad\n").await;
    manager.errors(&import).await;
    manager.export(Some("vip")).await;
}

async fn use_replies(tenant: &Tenant<'_>, id: &str) {
    let kept = tenant.keep_reply(reply("hours", "{{ contact.name }}")).await.unwrap();
    tenant.keep_reply(reply("hour", "x")).await.unwrap();
    for (category, q) in
        [(None, None), (Some("times"), None), (None, Some("hou")), (Some("times"), Some("hou"))]
    {
        let (category, q) = (category.map(str::to_owned), q.map(str::to_owned));
        let list = ListCannedRepliesRequest { page_size: 1, category, q, ..Default::default() };
        let page = tenant.reply_page(list.clone()).await.unwrap();
        let next = ListCannedRepliesRequest { page_token: page.next_page_token, ..list };
        tenant.reply_page(next).await.unwrap();
    }
    tenant.render(&kept, id).await.unwrap();
    let tagging = ConversationChange { add_tags: vec!["new".into()], ..Default::default() };
    for name in ["a", "b", "c"] {
        tenant.keep_reply(reply(name, "x")).await.unwrap();
        let change = Some(tagging.clone());
        let request = CreateMacroRequest { name: name.into(), change, ..Default::default() };
        let kept = tenant.keep_macro(request).await.unwrap();
        tenant.run_macro(&kept, id).await.unwrap();
    }
    assert_eq!(tenant.macro_names().await, ["a", "b", "c"]);
}

async fn use_silence(rig: &Rig) {
    let tenant = rig.tenant();
    let settings = UpdateSilenceSettingsRequest {
        remind_after_hours: Some(1),
        reminder: Some("Are you there?".into()),
        resolve_after_hours: Some(2),
        archive_after_hours: Some(3),
    };
    tenant.set_silence(settings).await.unwrap();
    let id = tenant.receive("silent", "m-silent", "hello").await.conversation_id;
    tenant.answer(&id, "like this?").await;
    rig.clock.advance(TimeDelta::minutes(61));
    assert_eq!(tenant.order().await.text, "Are you there?");
    rig.clock.advance(TimeDelta::hours(3));
    let is_resolved = |event: &ConversationUpdated| {
        event.conversation.as_ref().is_some_and(|shown| shown.id == id && shown.status() == Status::Resolved)
    };
    tenant.until("that it is resolved", is_resolved).await;
    rig.clock.advance(TimeDelta::hours(4));
    let is_over = |event: &ConversationUpdated| {
        event.conversation.as_ref().is_some_and(|shown| shown.id == id && shown.archived_at.is_some())
    };
    tenant.until("that silence ended", is_over).await;
}

async fn use_what_concerns_people(tenant: &Tenant<'_>, id: &str) {
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let team = tenant.team(&[tenant.user, kim.user]).await;
    tenant.give_to_team(id, &team.to_string()).await.unwrap();
    for of in ["mine", "none", &team.to_string()] {
        tenant.of_team(of).await.unwrap();
    }
    kim.mark(id, "follow").await.unwrap();
    tenant.name_in_note(id, "look", &[kim.user.to_string()]).await.unwrap();
    tenant.assign(id, &kim.user.to_string()).await.unwrap();
    tenant.receive("one", "m3", "are you there").await;
    tenant.holders(id, 1).await;
    tenant.readers(id).await.unwrap();
    for unread in [true, false] {
        kim.notifications(unread).await;
    }
    kim.mark_read(id, None).await;
    kim.read_all().await;
    tenant.tell_team(team, 2, &[], true).await;
    tenant
        .until::<ConversationUpdated>("that the team is gone", |event| {
            event.conversation.as_ref().is_some_and(|shown| shown.id == id && shown.team.is_none())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_contacts_write_is_told_by_three_statements_however_many_follow() {
    let plans = Plans::default();
    tracing_subscriber::registry().with(plans.clone()).init();
    let database = weft_testkit::postgres().await.database().await;
    explain(&database.system_url, &database.name).await;
    let settings = Settings::postgres(&database.service_url, &database.owner_url, &database.system_url);
    let rig = Rig::on(settings, tempfile::tempdir().unwrap()).await;
    let tenant = rig.tenant();
    let id = tenant.receive("anna", "m0", "hello").await.conversation_id;
    let followers: Vec<Tenant<'_>> = (0..100).map(|_| tenant.another(Role::Agent)).collect();
    for (count, expected) in [(0, 1), (1, 3), (100, 3)] {
        for one in followers.iter().take(count) {
            one.mark(&id, "follow").await.unwrap();
        }
        plans.0.lock().unwrap().clear();
        let message = tenant.receive("anna", &format!("m{}", count + 1), "hello").await;
        for one in followers.iter().take(count) {
            one.until_notified(|shown, _| shown.message_id.as_ref() == Some(&message.id)).await;
        }
        let told = plans.0.lock().unwrap().clone();
        let tables = ["\"conversation_mark\"", "\"notification\"", "\"notification_count\""];
        let of_it = told.iter().filter(|plan| tables.iter().any(|table| plan.contains(table)));
        assert_eq!(of_it.count(), expected, "{count} follow");
    }
}
