use serde_json::{Value, json};
use tokio::sync::oneshot;
use weft_channel::{ContentKind, Descriptor};
use weft_proto::directory::v1::KeepTemplatesRequest;

use crate::{provider::Answer, rig::Rig, toy::KIND};

fn with_templates(descriptor: &mut Descriptor) {
    descriptor.capabilities.content.push(ContentKind::Template);
}

fn names(kept: &KeepTemplatesRequest) -> Vec<&str> {
    kept.templates.iter().map(|template| template.name.as_str()).collect()
}

fn list(names: impl Into<Value>) -> Answer {
    Answer::Json(200, json!({"names": names.into()}))
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_listed_on_connecting_on_request_and_when_the_provider_says_so() {
    let mut rig = Rig::new().await;
    let many: Vec<String> = (0..501).map(|number| format!("t{number}")).collect();
    rig.provider.answer("/templates", [list(many), list(["b"]), list(["c"])]);
    let (one, other) = (rig.start_as(with_templates).await, rig.start_as(with_templates).await);
    rig.connected().await;
    let (first, second, last) = (rig.fleet.kept().await, rig.fleet.kept().await, rig.fleet.kept().await);
    assert_eq!((first.templates.len(), second.templates.len(), last.templates.len()), (500, 1, 0));
    assert_eq!((first.last, second.last, last.last), (false, false, true));
    assert!(first.asked_at.is_some() && first.asked_at == last.asked_at);

    rig.ask_for_templates("another").await;
    rig.ask_for_templates(KIND).await;
    let asked = rig.fleet.kept().await;
    assert_eq!(names(&asked), ["b"]);
    assert!(rig.fleet.kept().await.last);

    assert_eq!(rig.hook(&one, &json!({"events": [], "templates_changed": true})).await.status, 200);
    assert_eq!(names(&rig.fleet.kept().await), ["c"]);
    assert!(rig.fleet.kept().await.last);
    one.stop().await;
    other.stop().await;
    assert_eq!(rig.provider.unseen("/templates").await, 3, "one replica asks for all");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_they_are_listed_is_listed_after() {
    let mut rig = Rig::new().await;
    let (go_on, held) = oneshot::channel();
    rig.provider.answer("/templates", [list(["a"]), Answer::When(held), list(["c"])]);
    let running = rig.start_as(with_templates).await;
    rig.connected().await;
    assert_eq!(names(&rig.fleet.kept().await), ["a"]);
    assert!(rig.fleet.kept().await.last);
    let changed = json!({"events": [], "templates_changed": true});
    rig.hook(&running, &changed).await;
    rig.provider.call("/templates").await;
    rig.provider.call("/templates").await;
    for _ in 0..3 {
        rig.hook(&running, &changed).await;
    }
    go_on.send(()).unwrap();
    assert!(rig.fleet.kept().await.last, "the one that was held had none");
    assert_eq!(names(&rig.fleet.kept().await), ["c"]);
    assert!(rig.fleet.kept().await.last);
    running.stop().await;
    assert_eq!(rig.provider.unseen("/templates").await, 1, "three changes, one list");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_that_cannot_be_had_are_told_of_and_channels_without_any_are_not_asked() {
    let mut rig = Rig::new().await;
    rig.provider.answer("/templates", [Answer::Json(403, json!({}))]);
    let running = rig.start_as(with_templates).await;
    rig.connected().await;
    let kept = rig.fleet.kept().await;
    assert!(kept.last && kept.templates.is_empty() && !kept.fault.is_empty(), "{kept:?}");
    running.stop().await;

    let mut plain = Rig::new().await;
    let running = plain.start().await;
    plain.connected().await;
    plain.ask_for_templates(KIND).await;
    plain.hook(&running, &json!({"events": [], "templates_changed": true})).await;
    running.stop().await;
    assert_eq!(plain.provider.unseen("/templates").await, 0);
}
