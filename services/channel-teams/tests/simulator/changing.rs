use http::Method;
use serde_json::{Value, json};
use weft_channel::{
    Button, ProviderCall, Transport as _,
    change::{Change as What, Edit, React},
};
use weft_channel_teams::simulator::{Fault, Says};
use weft_channel_testkit::edit;

use crate::world::{ADA, HER_CONVERSATION, World};

async fn said(world: &World, text: &str) -> String {
    world.say(HER_CONVERSATION, text).await.unwrap().remove(0).provider_message_ids.remove(0)
}

#[tokio::test]
async fn what_was_sent_is_edited_and_deleted() {
    let world = World::start().await;
    let (first, second) = (said(&world, "Hello").await, said(&world, "How was it?").await);
    // asked for again, it is well, too
    for _ in 0..2 {
        world.change(&first, edit("Hello, Ada")).await.unwrap();
    }
    let sent = world.simulator.wait_for_one_sent(|sent| sent.edited).await;
    assert_eq!(sent.activity, json!({"type": "message", "text": "Hello, Ada", "textFormat": "plain"}));

    let great = Button { title: "Great".to_owned(), payload: "csat=5".to_owned(), url: None };
    let asked =
        Edit { text: "How was it, Ada?".to_owned(), buttons: vec![great], under_file: false, rich: None };
    world.change(&second, What::Edit(asked)).await.unwrap();
    let card = &world.simulator.sent()[1].activity["attachments"][0]["content"];
    assert_eq!(
        (&card["body"][0]["text"], &card["actions"][0]["title"]),
        (&json!("How was it, Ada?"), &json!("Great"))
    );

    world.change(&first, What::Delete(())).await.unwrap();
    let shown = world.get(&format!("{}/simulator/sent", world.base)).await;
    let states: Vec<(&Value, &Value)> =
        shown.as_array().unwrap().iter().map(|sent| (&sent["edited"], &sent["deleted"])).collect();
    assert_eq!(states, [(&json!(true), &json!(true)), (&json!(true), &json!(false))]);
}

#[tokio::test]
async fn a_refused_change_is_told_with_the_reason() {
    let world = World::start().await;
    let id = world.simulator.customer_says(ADA, Says::Text("Hi".to_owned()));
    let (theirs, ours) = (format!("{HER_CONVERSATION}/{id}"), said(&world, "Hello").await);
    let nothing = format!("{HER_CONVERSATION}/1");
    let not_ours = "Teams does not let the bot write here, and only says this code";
    let table = [
        (&nothing, edit("x"), "ActivityNotFoundInConversation", "is not there any more"),
        (&theirs, edit("x"), "Forbidden", not_ours),
        (&theirs, What::Delete(()), "Forbidden", not_ours),
        (&ours, edit(""), "message_invalid", "it is empty"),
        (&ours, edit(&"x".repeat(30_000)), "message_invalid", "it is larger than Teams takes"),
        (&ours, What::React(React::default()), "unsupported", "such a change"),
    ];
    for (id, what, code, reason) in table {
        let error = world.change(id, what).await.unwrap_err();
        assert_eq!(error.code(), code, "{id}: {error}");
        assert!(error.why().ends_with(reason), "{id}: {error}");
    }
    for (fault, code) in [(Fault::Throttled, "throttled"), (Fault::Removed, "recipient_gone")] {
        world.simulator.fail_next(fault);
        assert_eq!(world.change(&ours, edit("x")).await.unwrap_err().code(), code);
    }
    world.simulator.customer_says(ADA, Says::Block);
    assert_eq!(world.change(&ours, edit("x")).await.unwrap_err().code(), "recipient_gone");
    assert!(world.simulator.sent().iter().all(|sent| !sent.edited && !sent.deleted));
}

#[tokio::test]
async fn changes_are_answered_as_the_real_one_does() {
    let world = World::start().await;
    let id = said(&world, "Hello").await.split_once('/').unwrap().1.to_owned();
    let activity =
        |id: &str| format!("{}/emea/v3/conversations/{HER_CONVERSATION}/activities/{id}", world.base);
    let hello = json!({"type": "message", "text": "Hello, Ada"});
    let elsewhere = format!("{}/emea/v3/conversations/a:1Nobody/activities/{id}", world.base);
    let table = [
        (Method::PUT, activity(&id), Some(hello.clone()), 200, json!({"id": id})),
        (Method::PUT, activity(&id), Some(json!({"type": "message"})), 400, json!("BadSyntax")),
        (Method::PUT, elsewhere, Some(hello.clone()), 404, json!("ConversationNotFound")),
        (Method::DELETE, activity(&id), None, 204, Value::Null),
        (Method::DELETE, activity(&id), None, 400, json!("ActivityNotFoundInConversation")),
        (Method::PUT, activity(&id), Some(hello), 400, json!("ActivityNotFoundInConversation")),
    ];
    for (method, url, body, status, told) in table {
        let call = ProviderCall::new(method.clone(), url.parse().unwrap(), "test").with_access_token();
        let call = if let Some(body) = body { call.json(body) } else { call };
        let reply = world.transport.call(call).await.unwrap();
        let answer: Value = reply.json().unwrap_or_default();
        let said = answer.pointer("/error/code").unwrap_or(&answer);
        assert_eq!((reply.status.as_u16(), said), (status, &told), "{method}");
    }
}
