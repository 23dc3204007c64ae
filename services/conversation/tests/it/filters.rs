//! What a filter asks for is what one gets, from the database and from what is kept of views alike.

use rstest::rstest;
use serde_json::{Value, json};
use weft_domain::id;
use weft_proto::{
    conversation::v1::{Filter, ListConversationsRequest},
    json as proto_json,
};

use crate::{
    adapter::Tenant,
    agent::{UpdateConversationRequest, fault},
    rig::{Engine, Rig},
};

pub(crate) fn filter(body: &Value) -> Filter {
    proto_json::decode(body.to_string().as_bytes()).unwrap()
}

fn one(field: &str, op: &str, value: Value) -> Value {
    json!({"field": field, "op": op, "value": value})
}

impl Tenant<'_> {
    async fn fitting(&self, body: &Value) -> weft_domain::Result<Vec<String>> {
        let request = ListConversationsRequest { filter: Some(filter(body)), ..Default::default() };
        Ok(self.list(request).await?.items.into_iter().map(|conversation| conversation.id).collect())
    }

    /// Conversations of many kinds, by the names of their threads.
    async fn many_kinds(&self) -> (Vec<String>, id::TeamId) {
        let mut ids = Vec::new();
        for thread in ["a", "b", "c", "d"] {
            ids.push(self.receive(thread, &format!("m-{thread}"), "hello").await.conversation_id);
        }
        let [a, b, c, d] = ids.as_slice() else { panic!("four") };
        self.define("order_no", "text", &[]).await.unwrap();
        self.define("amount", "number", &[]).await.unwrap();
        self.define("paid", "boolean", &[]).await.unwrap();
        self.define("due", "date", &[]).await.unwrap();
        let team = self.team(&[self.user]).await;
        let me = self.user.to_string();
        self.tell_user(self.user, "Ann", false).await;
        let change = |id: &str| UpdateConversationRequest { id: id.into(), ..Default::default() };
        self.update(UpdateConversationRequest {
            status: Some("pending".into()),
            priority: Some("high".into()),
            assignee: Some(me),
            add_tags: vec!["vip".into(), "late".into()],
            fields: Some(fields(json!({"order_no": "A-1", "amount": 10, "paid": true, "due": "2026-01-31"}))),
            ..change(a)
        })
        .await
        .unwrap();
        self.update(UpdateConversationRequest {
            add_tags: vec!["late".into()],
            team: Some(team.to_string()),
            fields: Some(fields(
                json!({"order_no": "10", "amount": 2.5, "paid": false, "due": "2026-12-01"}),
            )),
            ..change(b)
        })
        .await
        .unwrap();
        self.update(UpdateConversationRequest {
            status: Some("closed".into()),
            archived: Some(true),
            priority: Some("urgent".into()),
            ..change(c)
        })
        .await
        .unwrap();
        self.mark_read(d, None).await;
        self.mark(d, "star").await.unwrap();
        self.mark(a, "follow").await.unwrap();
        (ids, team)
    }
}

pub(crate) fn fields(body: Value) -> prost_types::Struct {
    weft_proto::struct_json::from_json(body.as_object().unwrap())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_holds_alike_in_the_database_and_in_what_is_kept_of_views(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (ids, team) = tenant.many_kinds().await;
    let team = team.to_string();
    let channel = tenant.channel.to_string();
    let me = tenant.user.to_string();
    let archived = one("archived", "is", json!(true));
    let table = [
        (one("status", "is", json!("pending")), "a"),
        (one("status", "none_of", json!(["pending", "closed"])), "bd"),
        (one("priority", "any_of", json!(["high", "urgent"])), "a"),
        (json!({"all": [one("priority", "any_of", json!(["high", "urgent"])), archived]}), "c"),
        (json!({"any": [one("status", "is", json!("pending")), archived]}), "ac"),
        (one("assignee", "is", json!("me")), "a"),
        (one("assignee", "is", json!(me)), "a"),
        (one("assignee", "is_not", json!("me")), "bd"),
        (json!({"field": "assignee", "op": "missing"}), "bd"),
        (json!({"field": "assignee", "op": "exists"}), "a"),
        (one("team", "is", json!(team)), "b"),
        (one("team", "is_not", json!(team)), "ad"),
        (one("team", "none_of", json!([team])), "ad"),
        (json!({"field": "team", "op": "exists"}), "b"),
        (json!({"field": "team", "op": "missing"}), "ad"),
        (json!({"all": [one("team", "is", json!(team)), one("assignee", "is_not", json!("me"))]}), "b"),
        (one("channel", "is", json!(channel)), "abd"),
        (one("channel_kind", "is_not", json!("test")), ""),
        (one("tag", "is", json!("Late")), "ab"),
        (one("tag", "any_of", json!(["vip", "never"])), "a"),
        (one("tag", "is_not", json!("vip")), "bd"),
        (json!({"field": "tag", "op": "missing"}), "d"),
        (json!({"field": "tag", "op": "exists"}), "ab"),
        (one("mark", "is", json!("star")), "d"),
        (one("mark", "any_of", json!(["star", "follow"])), "ad"),
        (one("mark", "is_not", json!("star")), "ab"),
        (one("unread", "is", json!(true)), "ab"),
        (one("unread", "is", json!(false)), "d"),
        (one("created_at", "after", json!("2026-01-01T00:00:00Z")), "abd"),
        (one("created_at", "after", json!("2026-01-01T02:00:00+02:00")), "abd"),
        (one("created_at", "before", json!("2026-01-01T00:00:00Z")), ""),
        (one("active_at", "after", json!("-1h")), "abd"),
        (one("active_at", "before", json!("-1h")), ""),
        (json!({"field": "waiting_since", "op": "exists"}), "abd"),
        (json!({"not": one("snoozed_until", "before", json!("2100-01-01T00:00:00Z"))}), "abd"),
        (one("fields.order_no", "is", json!("10")), "b"),
        (one("fields.order_no", "is", json!(10)), ""),
        (one("fields.order_no", "any_of", json!(["A-1", "10"])), "ab"),
        (one("fields.order_no", "is_not", json!("10")), "ad"),
        (one("fields.amount", "is", json!(2.5)), "b"),
        (one("fields.amount", "more_than", json!(2.5)), "a"),
        (one("fields.amount", "less_than", json!(10)), "b"),
        (json!({"not": one("fields.amount", "less_than", json!(10))}), "ad"),
        (one("fields.order_no", "more_than", json!(1)), ""),
        (one("fields.paid", "is", json!(true)), "a"),
        (one("fields.paid", "is_not", json!(true)), "bd"),
        (one("fields.due", "before", json!("2026-06-01")), "a"),
        (one("fields.due", "after", json!("2026-06-01")), "b"),
        (json!({"field": "fields.due", "op": "exists"}), "ab"),
        (json!({"field": "fields.due", "op": "missing"}), "d"),
        (
            json!({"all": [
                {"any": [one("tag", "is", json!("vip")), {"not": one("unread", "is", json!(true))}]},
                one("status", "any_of", json!(["open", "pending"])),
            ]}),
            "ad",
        ),
    ];
    let mut views = Vec::new();
    for (body, expected) in &table {
        let found = tenant.fitting(body).await.unwrap();
        let mut names: Vec<&str> = found
            .iter()
            .map(|id| ["a", "b", "c", "d"][ids.iter().position(|known| known == id).unwrap()])
            .collect();
        names.sort_unstable();
        assert_eq!(names.concat(), *expected, "{body}");
        views.push(tenant.save_view(&format!("view {}", views.len()), body).await.unwrap());
    }
    for (view, (body, expected)) in views.iter().zip(&table) {
        assert_eq!(view.count, None, "{body}");
        if body.to_string().contains("-1h") {
            continue;
        }
        tenant.until_counted(view, expected.len() as u64).await;
        let request = ListConversationsRequest { view: Some(view.id.clone()), ..Default::default() };
        let listed = tenant.list(request).await.unwrap().items;
        assert_eq!(listed.len(), expected.len(), "{body}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_says_where_it_is_wrong(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let deep = (0..6).fold(one("unread", "is", json!(true)), |inner, _| json!({"not": inner}));
    let many = json!({"any": vec![one("unread", "is", json!(true)); 51]});
    let long = json!(vec!["x"; 101]);
    let table = [
        (json!({}), "filter"),
        (json!({"all": [one("unread", "is", json!(true)), {}]}), "filter.all[1]"),
        (json!({"field": "tag", "op": "is", "value": "x", "all": [one("tag", "is", json!("x"))]}), "filter"),
        (deep, "filter.not.not.not.not.not"),
        (many, "filter.any[50]"),
        (one("colour", "is", json!("red")), "filter.field"),
        (one("fields.a'b", "is", json!("red")), "filter.field"),
        (json!({"field": "tag", "value": "x"}), "filter.op"),
        (one("unread", "before", json!(true)), "filter.op"),
        (one("status", "more_than", json!("open")), "filter.op"),
        (one("created_at", "is", json!("2026-01-01T00:00:00Z")), "filter.op"),
        (json!({"field": "tag", "op": "is"}), "filter.value"),
        (one("tag", "exists", json!("x")), "filter.value"),
        (one("status", "is", json!("asleep")), "filter.value"),
        (one("status", "any_of", json!([])), "filter.value"),
        (one("tag", "any_of", long), "filter.value"),
        (one("assignee", "is", json!("Ann")), "filter.value"),
        (one("contact", "is", json!("me")), "filter.value"),
        (one("team", "is", json!("me")), "filter.value"),
        (one("team", "before", json!("me")), "filter.op"),
        (one("unread", "is", json!("yes")), "filter.value"),
        (one("created_at", "after", json!("yesterday")), "filter.value"),
        (one("created_at", "after", json!("-99999d")), "filter.value"),
        (one("fields.amount", "more_than", json!("5")), "filter.value"),
        (one("fields.due", "before", json!("31.1.2026")), "filter.value"),
        (one("fields.due", "any_of", json!(["a", 1])), "filter.value"),
        (one("fields.unknown", "is", json!("x")), "filter"),
    ];
    for (body, field) in table {
        let error = tenant.fitting(&body).await.unwrap_err();
        assert_eq!(fault(&error).1, Some(field), "{body}: {error}");
        assert_eq!(tenant.save_view("wrong", &body).await.unwrap_err().field(), Some(field), "{body}");
    }
}
