use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use weft_tests_fleet::{Client, Engines, Fleet, Live, Provider};

const SECRET: &str = "test-secret-0123456789";
const ADA: i64 = 1_000_000_001;

struct Hook {
    fleet: Fleet,
    admin: Client,
    path: String,
    _provider: Provider,
}

impl Hook {
    async fn start(engines: Engines) -> Self {
        let fleet = Fleet::start(engines).await;
        let admin = fleet.admin().await;
        let provider = Provider::start().await;
        let channel = provider.connect_at(&admin, SECRET).await;
        Self { path: format!("/hooks/telegram/{channel}"), fleet, admin, _provider: provider }
    }

    /// Calls as the provider does: without an answer it calls again.
    async fn post(&self, update: &Value) -> u16 {
        let headers = [("x-telegram-bot-api-secret-token", SECRET)];
        let (provider, body) = (Client::nobody(&self.fleet.base), update.to_string());
        for _ in 0..5 {
            if let Ok(status) = provider.post_raw(&self.path, &headers, &body).await {
                return status;
            }
        }
        unreachable!("the webhook is never answered")
    }
}

fn update(number: i64, chat: i64, text: &str) -> Value {
    let person = json!({"id": chat, "is_bot": false, "first_name": "Ada"});
    json!({"update_id": 900_000_000 + number, "message": {"message_id": number, "date": 1_767_225_600 + number, "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Ada"}, "text": text}})
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_webhooks_at_once_of_one_new_contact_make_one_contact_and_one_conversation(
    #[case] engines: Engines,
) {
    let hook = Hook::start(engines).await;
    let mut live = Live::subscribe(&hook.admin).await;
    let updates: Vec<Value> =
        (1..=100).map(|number| update(number, ADA, &format!("message {number}"))).collect();
    let statuses = join_all(updates.iter().map(|update| hook.post(update))).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let mut seqs = Vec::new();
    while seqs.len() < 100 {
        seqs.push(live.event("message.created", |data| data["message"]["seq"].as_u64()).await);
    }
    assert_eq!(seqs, (1..=100).collect::<Vec<_>>(), "the socket's order is that of seq");
    let contacts = hook.admin.get("/v1/contacts").await;
    let conversations = hook.admin.get("/v1/conversations").await;
    assert_eq!(contacts["items"].as_array().unwrap().len(), 1);
    assert_eq!(conversations["items"].as_array().unwrap().len(), 1);
    assert_eq!(conversations["items"][0]["last_seq"], 100);
    assert_eq!(conversations["items"][0]["unread_count"], 100);
    hook.fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_webhook_fifty_times_makes_one_message(#[case] engines: Engines) {
    let hook = Hook::start(engines).await;
    let mut live = Live::subscribe(&hook.admin).await;
    let once = update(1, ADA, "once");
    let statuses = join_all((0..50).map(|_| hook.post(&once))).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(hook.post(&update(2, ADA, "after")).await, 200);
    live.event("message.created", |data| (data["message"]["text"] == "after").then_some(())).await;
    let conversation = hook.admin.get("/v1/conversations").await["items"][0].clone();
    let path = format!("/v1/conversations/{}/messages?after_seq=0", conversation["id"].as_str().unwrap());
    let texts: Vec<_> =
        hook.admin.get(&path).await["items"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["once", "after"]);
    hook.fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_stores_nothing_and_an_unknown_channel_is_not_found() {
    let hook = Hook::start(Engines::Embedded).await;
    let nobody = Client::nobody(&hook.fleet.base);
    let body = update(1, ADA, "forged").to_string();
    let wrong = [("x-telegram-bot-api-secret-token", "wrong")];
    assert_eq!(nobody.post_raw(&hook.path, &wrong, &body).await.unwrap(), 401);
    assert_eq!(nobody.post_raw(&hook.path, &[], &body).await.unwrap(), 401);
    let unknown = format!("/hooks/telegram/{}", "chan_01h455vb4pex5vsknk084sn02q");
    assert_eq!(nobody.post_raw(&unknown, &wrong, &body).await.unwrap(), 404);
    let huge = "x".repeat(3 << 20);
    let right = [("x-telegram-bot-api-secret-token", SECRET)];
    assert_eq!(nobody.post_raw(&hook.path, &right, &huge).await.unwrap(), 413);
    for unreadable in ["", "{", "[]", "nonsense", r#"{"update_id":7,"surprise":{}}"#] {
        assert_eq!(nobody.post_raw(&hook.path, &right, unreadable).await.unwrap(), 200, "{unreadable}");
    }
    assert_eq!(hook.post(&update(2, ADA, "honest")).await, 200);
    let mut live = Live::connect(&hook.admin).await;
    live.send(&json!({"type": "subscribe", "conversations": "all"})).await;
    assert_eq!(hook.post(&update(3, ADA, "last")).await, 200);
    live.event("message.created", |data| (data["message"]["text"] == "last").then_some(())).await;
    let conversations = hook.admin.get("/v1/conversations").await;
    assert_eq!(conversations["items"][0]["last_seq"], 2, "the forged one was not stored");
    hook.fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_reconnects_misses_nothing_and_sees_nothing_twice(#[case] engines: Engines) {
    let hook = Hook::start(engines).await;
    let mut live = Live::subscribe(&hook.admin).await;
    let writing = async {
        for number in 1..=300 {
            assert_eq!(hook.post(&update(number, ADA + number % 3, &number.to_string())).await, 200);
        }
    };
    let reading = async {
        let mut seen = Vec::new();
        let mut cursor = Value::Null;
        while seen.len() < 300 {
            let (text, at) = live
                .wait_for(|frame| {
                    let is_message = frame["event"] == "message.created";
                    is_message.then(|| (frame["data"]["message"]["text"].clone(), frame["cursor"].clone()))
                })
                .await;
            seen.push(text.as_str().unwrap().parse::<u32>().unwrap());
            cursor = at;
            if seen.len() % 20 == 0 {
                live = Live::connect(&hook.admin).await;
                live.send(&json!({"type": "resume", "cursor": cursor})).await;
                live.send(&json!({"type": "subscribe", "conversations": "all"})).await;
            }
        }
        drop(cursor);
        seen
    };
    let ((), mut seen) = tokio::join!(writing, reading);
    for chat in 0..3 {
        let of_chat: Vec<u32> = seen.iter().copied().filter(|number| number % 3 == chat).collect();
        assert!(of_chat.is_sorted(), "in order within a conversation");
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=300).collect::<Vec<_>>());
    hook.fleet.stop().await;
}
