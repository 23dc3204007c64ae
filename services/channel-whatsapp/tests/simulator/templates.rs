use chrono::TimeDelta;
use serde_json::json;
use weft_channel::{
    Adapter as _, Attachment, ChannelTemplate, Event, File, Files, Filled, Outbound, Products, SendError,
    Template, attachment,
    channel_template::{Status, button, heading},
    delivery_report::State,
    products::Section,
};
use weft_channel_whatsapp::{Whatsapp, simulator::Content};

use crate::harness::{ADA, BOB, World};

impl World {
    async fn templates(&self) -> Vec<ChannelTemplate> {
        Whatsapp.templates(&self.account, &self.transport).await.unwrap()
    }

    async fn template(&self, name: &str, language: &str) -> ChannelTemplate {
        let is_meant = |known: &ChannelTemplate| known.name == name && known.language == language;
        self.templates().await.into_iter().find(is_meant).unwrap()
    }

    async fn send_template(
        &self,
        thread: &str,
        template: &ChannelTemplate,
        variables: &[&str],
    ) -> Result<(), SendError> {
        let values = Template {
            name: template.name.clone(),
            language: template.language.clone(),
            variables: variables.iter().map(|value| (*value).to_owned()).collect(),
            ..Template::default()
        };
        let filled = Filled { template: Some(template.clone()), values: Some(values) };
        let message = Outbound {
            message_id: "msg_1".to_owned(),
            thread_id: thread.to_owned(),
            template: Some(filled),
            ..Outbound::default()
        };
        self.send(&message, &Files::default()).await.map(drop)
    }
}

#[tokio::test]
async fn all_templates_are_listed_as_weft_has_them() {
    let world = World::start().await;
    for number in 0..250 {
        let body = json!([{"type": "BODY", "text": "Number {{2}} of {{1}}"}]);
        world.simulator.add_template(
            json!({"id": number.to_string(), "name": format!("many_{number}"), "language": "en",
            "status": "IN_APPEAL", "category": "MARKETING", "components": body}),
        );
    }
    world.simulator.add_template(json!({"name": 7}));
    let all = world.templates().await;
    assert_eq!(all.len(), 4 + 250, "three pages, and without what cannot be read");
    let order = &all[0];
    assert_eq!((order.name.as_str(), order.language.as_str()), ("order_update", "en_US"));
    assert_eq!((order.status(), order.category.as_str()), (Status::Approved, "utility"));
    assert_eq!(order.heading.as_ref().unwrap().kind(), heading::Kind::Image);
    assert_eq!(
        (order.variables.as_slice(), order.footer.as_str()),
        (["1", "2"].map(str::to_owned).as_slice(), "Acme")
    );
    assert_eq!((order.buttons[0].kind(), order.buttons[0].needs_value), (button::Kind::Reply, false));
    assert_eq!((order.buttons[1].kind(), order.buttons[1].needs_value), (button::Kind::Link, true));
    assert_eq!((all[3].status(), all[3].status_detail.as_str()), (Status::Rejected, "invalid format"));
    let last = all.last().unwrap();
    assert_eq!((last.status(), last.status_detail.as_str()), (Status::Pending, "in appeal"));
    assert_eq!(last.variables, ["1", "2"]);
}

#[tokio::test]
async fn a_template_goes_where_words_do_not_and_its_button_is_answered() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, Content::Text("Hello".to_owned())).unwrap();
    world.simulator.add_customer(BOB, "Bob");
    world.clock.advance(TimeDelta::hours(25));
    let welcome = world.template("welcome", "en_US").await;
    // nobody has heard of Bob yet
    world.send_template(BOB, &welcome, &["Bob"]).await.unwrap();
    let order = world.template("order_update", "en_US").await;
    let values = Template {
        name: order.name.clone(),
        language: order.language.clone(),
        variables: vec!["Ada".to_owned(), "#17".to_owned()],
        buttons: vec!["CONFIRM_17".to_owned(), "17".to_owned()],
        ..Template::default()
    };
    let picture =
        Attachment { id: "file_1".to_owned(), kind: attachment::Kind::Image.into(), ..Attachment::default() };
    let file =
        File { name: "h.jpg".to_owned(), mime: "image/jpeg".to_owned(), bytes: "data".into(), link: None };
    let message = Outbound {
        thread_id: ADA.to_owned(),
        attachments: vec![picture],
        template: Some(Filled { template: Some(order), values: Some(values) }),
        ..Outbound::default()
    };
    world.send(&message, &[("file_1".to_owned(), file)].into_iter().collect()).await.unwrap();
    let sent = world.simulator.wait_for_sent(2).await;
    assert_eq!((sent[0].to.as_str(), sent[0].text.as_str()), (BOB, "Hello Bob, how can we help?"));
    assert_eq!((sent[1].text.as_str(), sent[1].file_bytes), ("Hi Ada, order #17 has shipped.", Some(4)));

    let choice = Content::Choice { to: sent[1].id.clone(), id: "CONFIRM_17".to_owned() };
    let answer = world.simulator.customer_says(ADA, choice).unwrap();
    let events = world.hook.events(10).await;
    let answered = events.iter().find_map(|event| match &event.event {
        Some(Event::Message(message)) if message.id == answer => Some(message),
        _ => None,
    });
    let answered = answered.unwrap();
    assert_eq!((answered.text.as_str(), answered.postback.as_deref()), ("Confirm", Some("CONFIRM_17")));
}

#[tokio::test]
async fn what_does_not_fit_a_template_is_refused_in_plain_words() {
    let world = World::connected().await;
    world.simulator.add_customer(ADA, "Ada");
    let welcome = world.template("welcome", "en_US").await;
    let code = async |template: &ChannelTemplate, variables: &[&str]| {
        let error = world.send_template(ADA, template, variables).await.unwrap_err();
        (error.code().to_owned(), error.to_string())
    };
    let (count, words) = code(&welcome, &[]).await;
    assert_eq!(count, "132000", "{words}");
    let positional = ChannelTemplate { variables: vec!["1".to_owned()], ..welcome.clone() };
    assert_eq!(code(&positional, &["Ada"]).await.0, "132012");
    let unknown = ChannelTemplate { name: "unheard_of".to_owned(), ..welcome.clone() };
    assert_eq!(code(&unknown, &["Ada"]).await.0, "132001");
    let pending = world.template("welcome", "de").await;
    let (missing, words) = code(&pending, &["Ada"]).await;
    assert!(missing == "132001" && words.contains("not approved"), "{words}");
    let order = world.template("order_update", "en_US").await;
    assert_eq!(code(&order, &["Ada", "#17"]).await.0, "132012", "its picture is missing");
    for (status, expected) in [("PAUSED", "132015"), ("DISABLED", "132016")] {
        world.simulator.decide_template("welcome", "en_US", status);
        assert_eq!(code(&welcome, &["Ada"]).await.0, expected);
    }
    let calls = world.hook.calls(1).await;
    let received = Whatsapp.receive(&world.account, &calls[0]).unwrap();
    assert!(received.templates_changed && received.events.is_empty());
    // words of one's own still fail, by a state
    world.say(ADA, "Hello?").await.unwrap();
    let events = world.hook.events(1).await;
    let Some(Event::Report(report)) = &events[0].event else { panic!("{events:?}") };
    assert_eq!((report.state(), report.code.as_str()), (State::Failed, "131047"));
}

#[tokio::test]
async fn products_are_shown_and_ordered() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, Content::Text("Hello".to_owned())).unwrap();
    let items = |items: &[&str]| Section {
        title: "Lids".to_owned(),
        items: items.iter().map(|item| (*item).to_owned()).collect(),
    };
    for sections in [vec![items(&["SKU-1"])], vec![items(&["SKU-1", "SKU-2"])], Vec::new()] {
        let products = Products { catalog_id: "500000000000001".to_owned(), sections, ..Products::default() };
        let message = Outbound {
            thread_id: ADA.to_owned(),
            text: "For you".to_owned(),
            products: Some(products),
            ..Outbound::default()
        };
        world.send(&message, &Files::default()).await.unwrap();
    }
    let sent = world.simulator.wait_for_sent(3).await;
    let kinds: Vec<&str> = sent.iter().map(|sent| sent.content["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["product", "product_list", "catalog_message"]);
}
