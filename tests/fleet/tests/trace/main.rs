//! One trace goes all the way. A binary of its own, since telemetry belongs to the process.

use std::time::Duration;

use serde_json::json;
use weft_telemetry::{FinishedSpan, TestTelemetry};
use weft_tests_fleet::{Engines, Fleet, Live, Provider};

const ADA: i64 = 1_000_000_001;
const SECRET: &str = "a-secret-of-this-test";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// One hop: how the span's name begins, its kind, and an attribute that tells it from others of that name.
type Hop = (&'static str, &'static str, Option<(&'static str, &'static str)>);

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_webhook_to_socket_and_from_answer_to_provider() {
    let telemetry = weft_telemetry::init_for_test();
    for engines in [Engines::Embedded, Engines::Real] {
        telemetry.clear();
        let fleet = Fleet::start(engines).await;
        let admin = fleet.admin().await;
        let provider = Provider::start().await;
        let channel = provider.connect_at(&admin, SECRET).await;
        provider.simulator.add_customer(ADA, "Ada", "en");
        let mut live = Live::subscribe(&admin).await;

        let path = format!("/hooks/telegram/{channel}");
        let update = json!({"update_id": 1, "message": {"message_id": 11, "date": 1_767_225_601,
            "from": {"id": ADA, "is_bot": false, "first_name": "Ada"},
            "chat": {"id": ADA, "type": "private", "first_name": "Ada"}, "text": "Where is my order?"}});
        let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
        let headers = [("x-telegram-bot-api-secret-token", SECRET), ("traceparent", parent.as_str())];
        assert_eq!(admin.post_raw(&path, &headers, &update.to_string()).await.unwrap(), 200);
        let message = live.event("message.created", |data| Some(data["message"].clone())).await;
        let inbound = [
            ("POST /hooks/telegram/{channel_id}", "Server", None),
            ("telegram webhook", "Internal", None),
            (
                "process weft.v1.inbound",
                "Consumer",
                Some(("messaging.consumer.group.name", "conversation-in")),
            ),
            ("send weft.v1.message.created", "Producer", None),
            (
                "process weft.v1.message.created",
                "Consumer",
                Some(("messaging.consumer.group.name", "live sockets")),
            ),
        ];
        let socket = chain(&telemetry, TRACE, &inbound).await;
        assert_eq!(socket[0].parent_id.as_deref(), Some("b7ad6b7169203331"), "the provider's trace goes on");
        assert!(telemetry.spans_of_trace(TRACE).iter().any(|span| span.name == "send weft.v1.inbound"));

        let conversation = message["conversation_id"].as_str().unwrap();
        let parent = "00-1bf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let answer = admin
            .request("POST", &format!("/v1/conversations/{conversation}/messages"))
            .header("traceparent".parse().unwrap(), parent)
            .json(&json!({"text": "On its way, Ada."}));
        assert_eq!(admin.send(answer).await.status, 201);
        provider.simulator.wait_for_sent(1).await;
        live.event("message.updated", |data| (data["message"]["state"] == "sent").then_some(())).await;
        let outbound = [
            ("POST /v1/conversations/{conversation_id}/messages", "Server", None),
            ("weft.conversation.v1.Messages/SendMessage", "Server", None),
            ("send weft.v1.", "Producer", None),
            ("process weft.v1.", "Consumer", Some(("messaging.consumer.group.name", "channel-telegram"))),
            ("telegram send", "Client", None),
            ("HTTP POST", "Client", None),
        ];
        chain(&telemetry, "1bf7651916cd43dd8448eb211c80319c", &outbound).await;
        fleet.stop().await;
    }
}

/// The spans of a trace that are these hops, each the child of the one before, when all of them are over.
async fn chain(telemetry: &TestTelemetry, trace: &str, hops: &[Hop]) -> Vec<FinishedSpan> {
    let found = weft_testkit::eventually("the chain", Duration::from_secs(20), async || {
        let spans = telemetry.spans_of_trace(trace);
        spans.iter().find_map(|last| lineage(&spans, last, hops))
    });
    tokio::time::timeout(Duration::from_secs(10), found).await.unwrap_or_else(|_| {
        let seen: Vec<_> = telemetry.spans_of_trace(trace).iter().map(show).collect();
        unreachable!("no chain {hops:?} in:\n{}", seen.join("\n"))
    })
}

fn show(span: &FinishedSpan) -> String {
    let consumer = span.attributes.get("messaging.consumer.group.name");
    format!("{} {} of {:?}, {} {consumer:?}", span.span_id, span.name, span.parent_id, span.kind)
}

fn lineage(spans: &[FinishedSpan], last: &FinishedSpan, hops: &[Hop]) -> Option<Vec<FinishedSpan>> {
    let (&hop, before) = hops.split_last()?;
    if !is(last, hop) {
        return None;
    }
    if before.is_empty() {
        return Some(vec![last.clone()]);
    }
    let parent = spans.iter().find(|span| Some(&span.span_id) == last.parent_id.as_ref())?;
    let mut found = lineage(spans, parent, before)?;
    found.push(last.clone());
    Some(found)
}

fn is(span: &FinishedSpan, (name, kind, attribute): Hop) -> bool {
    let has = |(key, value): (&str, &str)| span.attributes.get(key).is_some_and(|found| found == value);
    span.name.starts_with(name) && span.kind == kind && attribute.is_none_or(has)
}
