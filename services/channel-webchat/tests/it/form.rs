use serde_json::{Value, json};
use uuid::Uuid;
use weft_channel::Event;
use weft_crypto::sign::hmac_sha256;

use crate::rig::{Rig, config, get, json_of, post, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn the_form_comes_first_and_its_answers_are_the_contact_and_the_first_message() {
    let form = json!([
        {"name": "name", "label": "Your name", "required": true},
        {"name": "email", "label": "Your e-mail", "required": true},
        {"name": "topic", "label": "What is it about?", "choices": ["Tickets", "Groups"]},
        {"name": "message", "label": "How can we help?"},
    ]);
    let mut rig = Rig::set_up(config(), json!({"pre_chat": form}), json!({})).await;
    let shown = json_of(rig.call(get(&format!("/webchat/{}", rig.channel), None)).await).await;
    assert_eq!(shown["pre_chat"][2]["choices"], json!(["Tickets", "Groups"]));
    let session = rig.visitor().await;
    let early = rig.write(&session, Uuid::now_v7(), "hello").await;
    assert_eq!(refusal(early).await, (422, "form_needed".into()));

    let wrong = json!({"answers": {"name": "Ada", "email": "ada"}});
    let answer = rig.call(post(&rig.path("sessions"), Some(&session.token), &wrong)).await;
    assert_eq!(json_of(answer).await["field"], "answers.email");
    let answers = json!({"answers": {
        "name": "Ada", "email": "ada@example.org", "topic": "Groups", "message": "We are twelve.",
    }});
    let answered = rig.open(Some(&session.token), &answers).await;
    rig.open(Some(&answered.token), &answers).await;
    let event = rig.next_inbound().await;
    let contact = event.thread.unwrap().contact.unwrap();
    assert_eq!((contact.name.as_str(), contact.email.as_deref()), ("Ada", Some("ada@example.org")));
    let Some(Event::Message(first)) = event.event else { panic!("a message") };
    assert_eq!(first.text, "What is it about?: Groups\n\nWe are twelve.");
    assert_eq!(rig.write(&answered, Uuid::now_v7(), "and a dog").await.status(), 202);
    let Some(Event::Message(second)) = rig.next_inbound().await.event else { panic!("a message") };
    assert_eq!(second.text, "and a dog", "the form is one message however often it is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_is_there_a_message_needs_an_address() {
    let closed = json!({"closed_without_agents": true, "closed_text": "We are back at nine."});
    let mut rig = Rig::set_up(config(), closed, json!({})).await;
    *rig.automation.0.lock().unwrap() = (0, 1);
    let shown = json_of(rig.call(get(&format!("/webchat/{}", rig.channel), None)).await).await;
    assert_eq!(shown["presence"], json!({"agents": "away", "open": true, "answering": false}));
    assert_eq!(shown["closed_text"], "We are back at nine.");
    let session = rig.visitor().await;
    let told = async |body: Value| rig.call(post(&rig.path("messages"), Some(&session.token), &body)).await;
    let id = Uuid::now_v7();
    assert_eq!(
        refusal(told(json!({"client_id": id, "text": "hello"})).await).await,
        (422, "email_needed".into())
    );
    let wrong = told(json!({"client_id": id, "text": "hello", "email": "ada"})).await;
    assert_eq!(json_of(wrong).await["field"], "email");
    let left = told(json!({"client_id": id, "text": "hello", "email": "ada@example.org"})).await;
    assert_eq!(left.status(), 202);
    let contact = rig.next_inbound().await.thread.unwrap().contact.unwrap();
    assert_eq!(contact.email.as_deref(), Some("ada@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_is_there_the_forms_message_needs_an_address_too() {
    let settings = json!({
        "closed_without_agents": true,
        "pre_chat": [{"name": "message", "label": "How can we help?"}],
    });
    let mut rig = Rig::set_up(config(), settings, json!({})).await;
    *rig.automation.0.lock().unwrap() = (0, 1);
    let answers = json!({"message": "We are twelve."});
    let asked = post(&rig.path("sessions"), None, &json!({"answers": answers}));
    assert_eq!(refusal(rig.call(asked).await).await, (422, "email_needed".into()));
    rig.open(None, &json!({"answers": answers, "email": "ada@example.org"})).await;
    let event = rig.next_inbound().await;
    assert_eq!(event.thread.unwrap().contact.unwrap().email.as_deref(), Some("ada@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_asked_for_again_is_the_same_one_with_the_same_message() {
    let settings = json!({"pre_chat": [{"name": "message", "label": "How can we help?"}]});
    let secrets = json!({"identity_hash_secrets": ["a secret of the shop"]});
    let mut rig = Rig::set_up(config(), settings, secrets).await;
    let hash = hmac_sha256(b"a secret of the shop", &[b"17"]);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let proof = json!({"user_id": "17", "user_hash": hex});
    for identity in [Value::Null, proof] {
        let asked =
            json!({"client_id": Uuid::new_v4(), "answers": {"message": "hello"}, "identity": identity});
        let (first, again) = (rig.open(None, &asked).await, rig.open(None, &asked).await);
        assert_eq!(first.visitor, again.visitor);
        assert_eq!(first.opened["session_id"], again.opened["session_id"]);
        assert_eq!(rig.next_inbound().await.thread.unwrap().id, rig.thread(&first));
        // whoever has answers from another page is somebody else, or says something else
        let mut other = asked.clone();
        other["client_id"] = json!(Uuid::new_v4());
        let other = rig.open(None, &other).await;
        assert_ne!(other.opened["session_id"], first.opened["session_id"]);
        assert_eq!(other.visitor == first.visitor, first.opened["proven"] == true);
        let event = rig.next_inbound().await;
        assert_eq!(event.thread.unwrap().id, rig.thread(&other), "asked for twice it was one message");
    }
    for guessable in [Uuid::nil(), Uuid::now_v7(), Uuid::max()] {
        let asked = post(&rig.path("sessions"), None, &json!({"client_id": guessable}));
        assert_eq!(json_of(rig.call(asked).await).await["field"], "client_id");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_business_hours_the_chat_is_closed() {
    // of no day at all
    let hours = json!({"business_hours": [{"days": ["mon"], "from": "00:00", "to": "00:01"}]});
    let rig = Rig::set_up(config(), hours, json!({})).await;
    let now = weft_domain::Clock::now(&*rig.clock);
    let days = i64::from(chrono::Datelike::weekday(&now).num_days_from_monday());
    let noon = now.date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc() - chrono::TimeDelta::days(days - 7);
    rig.clock.advance(noon - now);
    let ask = async || json_of(rig.call(get(&format!("/webchat/{}", rig.channel), None)).await).await;
    assert_eq!(ask().await["presence"], json!({"agents": "available", "open": false, "answering": false}));
    rig.clock.advance(-chrono::TimeDelta::hours(12));
    assert_eq!(ask().await["presence"]["answering"], true);
}
