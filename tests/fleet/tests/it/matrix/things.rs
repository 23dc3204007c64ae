use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use weft_bus::{Event, NewDeadLetter, Stream};
use weft_domain::id;
use weft_http::Multipart;
use weft_tests_fleet::{Client, Fleet};

/// Nobody listens there, so what is sent waits.
const NOWHERE: &str = "http://127.0.0.1:9/";

/// A recording in which nobody says anything: a header and eight samples.
const SILENCE: &[u8] = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\
    \x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// One thing of each kind that a tenant owns: kind of id to id.
pub(crate) struct Things(HashMap<&'static str, String>);

impl Things {
    pub(crate) async fn make(fleet: &Fleet, admin: &Client) -> Self {
        let mut ids = HashMap::from([
            ("tenant", text(&admin.get("/v1/me").await["tenant"]["id"])),
            ("token", make(admin, "token").await),
            ("file", upload(admin).await),
        ]);
        let slug = text(&admin.get("/v1/me").await["tenant"]["slug"]);
        let person =
            json!({"email": format!("someone@{slug}.test"), "password": "correct horse battery staple"});
        ids.insert("user", text(&admin.post("/v1/users", &person).await["id"]));
        let secrets = json!({"token": "t", "webhook_secret": "s"});
        let channel = fleet.connect(admin, "echo", json!({"api_base": NOWHERE}), secrets).await;
        say(admin, &channel, "m1", "Hello").await;
        let conversation =
            weft_testkit::eventually("the message is there", Duration::from_secs(20), async || {
                let all = admin.get("/v1/conversations").await;
                all["items"].as_array().unwrap().first().cloned()
            })
            .await;
        ids.insert("conv", text(&conversation["id"]));
        ids.insert("first", received(admin, &ids["conv"], "m1").await);
        ids.insert("regrouping", split(admin, &channel, &ids["conv"]).await);
        ids.insert("chan", channel);
        ids.insert("contact", text(&conversation["contact"]["id"]));
        let spoken = json!({"conversation_id": conversation["id"], "file_id": ids["file"], "from": "contact", "answer": {}});
        ids.insert("msg", text(&admin.post("/v1/voice/messages", &spoken).await["message"]["id"]));
        let twin = || json!({"name": "A twin", "email": format!("twin@{slug}.test")});
        let twins = [admin.post("/v1/contacts", &twin()).await, admin.post("/v1/contacts", &twin()).await];
        let suggested = admin.get("/v1/merge-suggestions").await;
        ids.insert("suggestion", text(&suggested["items"][0]["id"]));
        let merge = format!("/v1/contacts/{}/merge", text(&twins[0]["id"]));
        ids.insert("merge", text(&admin.post(&merge, &json!({"other": twins[1]["id"]})).await["id"]));
        ids.insert("sched", schedule(admin, &ids["conv"]).await);
        for kind in ["view", "field", "canned", "macro", "team", "hours", "areply"] {
            ids.insert(kind, make(admin, kind).await);
        }
        let change = json!({"conversation_ids": [ids["conv"]], "change": {"priority": "high"}});
        ids.insert("bulk", text(&admin.post("/v1/bulk-actions", &change).await["id"]));
        ids.insert("note", write_note(admin, &ids["contact"]).await);
        // no CSV at all: it begins, and fails
        let import = json!({"file_id": ids["file"]});
        ids.insert("import", text(&admin.post("/v1/contact-imports", &import).await["id"]));
        ids.insert("export", text(&admin.post("/v1/contact-exports", &json!({})).await["id"]));
        ids.insert("letter", bury(fleet, admin, &ids["tenant"]).await);
        Self(ids)
    }

    /// The id of the thing of this kind.
    pub(crate) fn id(&self, kind: &str) -> String {
        self.0.get(kind).unwrap_or_else(|| unreachable!("things.rs makes no `{kind}` yet")).clone()
    }
}

/// A thing that may be deleted.
pub(crate) async fn fresh(admin: &Client, things: &Things, kind: &str) -> String {
    if kind == "sched" {
        return schedule(admin, &things.id("conv")).await;
    }
    if kind == "file" {
        return upload(admin).await;
    }
    if kind == "note" {
        return write_note(admin, &things.id("contact")).await;
    }
    make(admin, kind).await
}

/// A message that came in.
async fn received(admin: &Client, conversation: &str, id: &str) -> String {
    weft_testkit::eventually("the message is there", Duration::from_secs(20), async || {
        let all = admin.get(&format!("/v1/conversations/{conversation}/messages")).await;
        let found = all["items"].as_array().unwrap().iter().find(|one| one["provider_message_id"] == id)?;
        Some(text(&found["id"]))
    })
    .await
}

/// A message that became a conversation of its own.
async fn split(admin: &Client, channel: &str, conversation: &str) -> String {
    say(admin, channel, "m2", "And another thing").await;
    let message = received(admin, conversation, "m2").await;
    let path = format!("/v1/conversations/{conversation}/split");
    text(&admin.post(&path, &json!({"message_ids": [message]})).await["id"])
}

/// A message that waits for its time.
async fn schedule(admin: &Client, conversation: &str) -> String {
    let path = format!("/v1/conversations/{conversation}/scheduled-messages");
    let body = json!({"send_at": Utc::now() + TimeDelta::hours(1), "message": {"text": "later"}});
    text(&admin.post(&path, &body).await["id"])
}

/// A note on a contact.
async fn write_note(admin: &Client, contact: &str) -> String {
    let path = format!("/v1/contacts/{contact}/notes");
    text(&admin.post(&path, &json!({"text": "likes tea"})).await["id"])
}

async fn make(admin: &Client, kind: &str) -> String {
    let (path, body) = match kind {
        "chan" => (
            "/v1/channels",
            json!({"kind": "echo", "name": "To go", "secrets": {"token": "t", "webhook_secret": "s"}}),
        ),
        "token" => ("/v1/api-tokens", json!({"name": "To go"})),
        "view" => {
            let filter = json!({"field": "unread", "op": "is", "value": true});
            ("/v1/views", json!({"name": "To go", "visibility": "everyone", "filter": filter}))
        }
        "canned" => {
            let shortcut = id::new::<id::Event>().to_string();
            let body =
                json!({"name": "To go", "shortcut": shortcut, "text": "Bye", "visibility": "everyone"});
            ("/v1/canned-replies", body)
        }
        "macro" => {
            let body = json!({"name": "To go", "visibility": "everyone", "change": {"priority": "low"}});
            ("/v1/macros", body)
        }
        "hours" => ("/v1/business-hours", json!({"name": "To go", "time_zone": "Europe/Berlin"})),
        "areply" => {
            let body =
                json!({"name": "To go", "occasion": "first_message", "text": "Hello", "enabled": false});
            ("/v1/auto-replies", body)
        }
        "team" => ("/v1/teams", json!({"name": id::new::<id::Event>().to_string()})),
        "field" => {
            let key = id::new::<id::Event>().to_string();
            ("/v1/custom-fields", json!({"of": "conversation", "key": key, "label": "To go", "kind": "text"}))
        }
        other => unreachable!("things.rs makes no fresh `{other}` yet"),
    };
    text(&admin.post(path, &body).await["id"])
}

/// Lets a customer of the echo channel write.
pub(crate) async fn say(admin: &Client, channel: &str, id: &str, words: &str) {
    let body = json!({"events": [{"id": id, "at": 1_767_225_601, "from": {"id": "c1", "name": "Ada"},
        "type": "message", "message": {"id": id, "text": words}}]});
    let path = format!("/hooks/echo/{channel}");
    let status = admin.post_raw(&path, &[("x-echo-secret", "s")], &body.to_string()).await.unwrap();
    assert_eq!(status, 200);
}

/// A request that uploads a file.
pub(crate) fn upload_request(client: &Client) -> weft_http::Request {
    let form = Multipart::new().file("file", "silence.wav", "audio/wav", Bytes::from_static(SILENCE));
    client.request("POST", "/v1/files").multipart(form)
}

async fn upload(client: &Client) -> String {
    let answer = client.send(upload_request(client)).await;
    assert_eq!(answer.status, 201);
    text(&answer.json::<Value>().unwrap()["id"])
}

/// Has something given up that the bus would take again.
pub(crate) async fn bury(fleet: &Fleet, admin: &Client, tenant: &str) -> String {
    let event = Event {
        id: id::new::<id::Event>().uuid().to_string(),
        kind: "weft.v1.channel.inbound".to_owned(),
        source: "/channel-echo".to_owned(),
        subject: format!("weft.in.{tenant}.echo"),
        key: "a thread".to_owned(),
        tenant: Some(tenant.to_owned()),
        time: Utc::now(),
        traceparent: None,
        tracestate: None,
        data: Bytes::from_static(b"nothing that could be read"),
    };
    let (id, source) = (event.id.clone(), "conversation-in".to_owned());
    let (reason, words) = ("given_up".to_owned(), "it was given up".to_owned());
    let letter = NewDeadLetter { source, reason, words, attempts: 1, stream: Some(Stream::In), event };
    fleet.process().parts().bus.put_dead_letter(letter).await.unwrap();
    weft_testkit::eventually("the letter is kept", Duration::from_secs(20), async || {
        let page = admin.get("/v1/dead-letters?page_size=200").await;
        let letters = page["items"].as_array().unwrap().iter();
        letters.clone().find(|letter| letter["event_id"] == id).map(|letter| text(&letter["id"]))
    })
    .await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
