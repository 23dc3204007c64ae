use rstest::rstest;
use serde_json::json;
use weft_channel_telegram::simulator::Content;
use weft_tests_fleet::{Engines, Fleet, Live, Provider};

const ADA: i64 = 1_000_000_001;

/// A customer writes, an agent sees it live, answers, and the answer reaches the provider and its result comes back.
#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn one_message_goes_all_the_way_in_and_one_all_the_way_out(#[case] engines: Engines) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    let channel = provider.connect(&fleet, &admin).await;
    let mut live = Live::subscribe(&admin).await;

    provider.simulator.add_customer(ADA, "Ada", "en");
    provider.simulator.customer_says(ADA, Content::Text("Where is my order?".into())).unwrap();
    let message = live.event("message.created", |data| Some(data["message"].clone())).await;
    assert_eq!(message["text"], "Where is my order?");
    assert_eq!(message["direction"], "inbound");
    assert_eq!(message["author"]["name"], "Ada");
    assert_eq!(message["seq"], 1);

    let conversations = admin.get("/v1/conversations?status=open&unread=true").await;
    let conversation = &conversations["items"][0];
    assert_eq!(conversation["channel"]["id"], channel.as_str());
    assert_eq!(conversation["contact"]["name"], "Ada");
    assert_eq!(conversation["unread_count"], 1);
    assert_eq!(conversation["last_message"]["id"], message["id"]);
    let id = conversation["id"].as_str().unwrap();

    let answer =
        admin.post(&format!("/v1/conversations/{id}/messages"), &json!({"text": "On its way, Ada."})).await;
    assert_eq!(answer["state"], "queued");
    let sent = provider.simulator.wait_for_sent(1).await;
    assert_eq!((sent[0].chat_id, sent[0].text.as_str()), (ADA, "On its way, Ada."));
    let done = live
        .event("message.updated", |data| {
            let message = &data["message"];
            (message["id"] == answer["id"] && message["state"] == "sent").then(|| message.clone())
        })
        .await;
    assert_eq!(done["provider_message_id"], format!("{ADA}:{}", sent[0].message_id));
    let messages = admin.get(&format!("/v1/conversations/{id}/messages")).await;
    let states: Vec<_> =
        messages["items"].as_array().unwrap().iter().map(|message| message["state"].clone()).collect();
    assert_eq!(states, ["sent", "received"]);
    fleet.stop().await;
}
