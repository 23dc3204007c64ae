//! Messages that a provider approved beforehand, and products of a catalogue.

use chrono::TimeDelta;
use rstest::rstest;
use weft_proto::{
    channel::v1::{MessageReceived, inbound},
    conversation::v1::{
        AttachmentRef, Button as Choice, Location, Order, Products, SendMessageRequest, Template, content,
        order::Item, products::Section,
    },
    directory::v1::{
        Capabilities, ChannelTemplate,
        channel_template::{Button, Heading, Status, button, heading},
    },
};

use crate::{
    adapter::{Tenant, words},
    agent::fault,
    rig::{Engine, Rig},
};

fn can() -> Capabilities {
    Capabilities {
        content: ["text", "image", "template", "products"].map(str::to_owned).to_vec(),
        max_text_chars: 1000,
        max_file_bytes: 5_000_000,
        reply_window_hours: 24,
        first_contact: "phone_digits".into(),
        templates: true,
        ..Capabilities::default()
    }
}

fn update() -> ChannelTemplate {
    ChannelTemplate {
        name: "order_update".into(),
        language: "en_US".into(),
        status: Status::Approved.into(),
        body: "Hi {{1}}, order {{2}} has shipped.".into(),
        variables: vec!["1".into(), "2".into()],
        footer: "Acme".into(),
        buttons: vec![
            Button { kind: button::Kind::Reply.into(), title: "Confirm".into(), ..Button::default() },
            Button {
                kind: button::Kind::Link.into(),
                title: "Track".into(),
                target: "https://example.com/t/{{1}}".into(),
                needs_value: true,
            },
        ],
        ..ChannelTemplate::default()
    }
}

/// The same below something.
fn below(name: &str, kind: heading::Kind, words: &str, variable: &str) -> ChannelTemplate {
    let heading = Heading { kind: kind.into(), words: words.into(), variable: variable.into() };
    ChannelTemplate { name: name.into(), heading: Some(heading), buttons: Vec::new(), ..update() }
}

fn values(name: &str) -> Template {
    Template {
        name: name.into(),
        language: "en_US".into(),
        variables: vec!["Ada".into(), "#17".into()],
        ..Template::default()
    }
}

fn with_buttons() -> Template {
    Template { buttons: vec!["CONFIRM_17".into(), "17".into()], ..values("order_update") }
}

fn request(conversation: &str, template: Template) -> SendMessageRequest {
    SendMessageRequest {
        conversation_id: conversation.into(),
        template: Some(template),
        ..Default::default()
    }
}

impl Tenant<'_> {
    /// A conversation whose channel has templates.
    async fn with_templates(&self, templates: Vec<ChannelTemplate>) -> String {
        let conversation = self.receive("anna", "m1", "hello").await.conversation_id;
        self.rig.announce(self, can()).await;
        let known = async {
            while self.conversation(&conversation).await.reply.unwrap().capabilities.is_none() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), known).await.expect("it is heard");
        self.rig.templates.put(&self.id.to_string(), &self.channel.to_string(), templates);
        conversation
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_template_goes_where_words_do_not_and_shows_what_it_says(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.with_templates(vec![update()]).await;
    rig.clock.advance(TimeDelta::hours(25));
    let refused = tenant.send(&conversation, "too late").await.unwrap_err();
    assert_eq!(fault(&refused).0, "reply_window_closed");
    assert!(refused.message().contains("templates"), "{refused}");
    let reply = tenant.conversation(&conversation).await.reply.unwrap();
    assert_eq!((reply.allowed, reply.templates), (false, true));

    let dry = SendMessageRequest { dry_run: true, ..request(&conversation, with_buttons()) };
    let preview = tenant.send_request(dry).await.unwrap().preview.unwrap();
    assert_eq!((preview.sendable, preview.parts.len(), preview.code.as_str()), (true, 1, ""));
    assert_eq!(preview.parts[0].text, "Hi Ada, order #17 has shipped.");
    assert_eq!(preview.parts[0].template, Some(with_buttons()));

    let sent = tenant.send_request(request(&conversation, with_buttons())).await.unwrap();
    assert_eq!(sent.text, "Hi Ada, order #17 has shipped.");
    assert_eq!((sent.kind(), sent.template.as_ref()), (content::Kind::Text, Some(&with_buttons())));
    let shown = |title: &str, payload: &str, url: Option<&str>| Choice {
        title: title.into(),
        payload: payload.into(),
        url: url.map(str::to_owned),
    };
    let buttons =
        [shown("Confirm", "CONFIRM_17", None), shown("Track", "17", Some("https://example.com/t/17"))];
    assert_eq!(sent.buttons, buttons);
    let order = tenant.order().await;
    let filled = order.template.as_ref().unwrap();
    assert_eq!((filled.template.as_ref(), filled.values.as_ref()), (Some(&update()), Some(&with_buttons())));
    let expires = order.expires_at.unwrap().seconds - order.created_at.unwrap().seconds;
    assert_eq!(expires, 24 * 3600, "no window ends it");

    // what the provider changes later does not change what was sent, nor what is sent again
    rig.templates.put(&tenant.id.to_string(), &tenant.channel.to_string(), Vec::new());
    tenant.deferred(&order, TimeDelta::zero()).await;
    let again = tenant.order().await;
    assert_eq!((again.attempt, again.template, again.text), (2, order.template, order.text));
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_never_wrote_is_written_to_with_a_template(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.with_templates(Vec::new()).await;
    let other = tenant.second_channel("other").await;
    rig.templates.put(&tenant.id.to_string(), &other.to_string(), vec![update()]);
    let begun = tenant.begin(other, None, Some("+44 20 7946 0958")).await.unwrap();
    let refused = tenant.send(&begun.id, "hello").await.unwrap_err();
    assert_eq!(fault(&refused).0, "reply_window_closed");
    tenant.send_request(request(&begun.id, with_buttons())).await.unwrap();
    let order = tenant.order().await;
    assert_eq!((order.thread_id.as_str(), order.template.is_some()), ("442079460958", true));
    tenant.set_status(&begun.id, "closed").await.unwrap();
    let refused = tenant.send_request(request(&begun.id, with_buttons())).await.unwrap_err();
    assert_eq!(fault(&refused).0, "conversation_closed");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_a_template_is_said_by_field(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let pending = ChannelTemplate { name: "pending".into(), status: Status::Pending.into(), ..update() };
    let all = vec![
        update(),
        pending,
        below("sale", heading::Kind::Text, "{{1}} off", "1"),
        below("photo", heading::Kind::Image, "", ""),
        below("place", heading::Kind::Location, "", ""),
    ];
    let conversation = tenant.with_templates(all).await;
    let photo = rig.files.add(tenant.id, "a.png", "image/png");
    let film = rig.files.add(tenant.id, "a.mp4", "video/mp4");
    let with_file = |name: &str, file: &str| SendMessageRequest {
        attachments: vec![AttachmentRef { id: file.into() }],
        ..request(&conversation, values(name))
    };
    let of = |template: Template| request(&conversation, template);
    let variables = |given: &[&str]| Template {
        variables: given.iter().map(|value| (*value).to_owned()).collect(),
        ..with_buttons()
    };
    let buttons = |given: &[&str]| Template {
        buttons: given.iter().map(|value| (*value).to_owned()).collect(),
        ..values("order_update")
    };
    let here = Some(Location { latitude: 52.5, longitude: 13.4, ..Location::default() });
    let table = [
        (of(values("unheard_of")), "unknown_template", "template.name"),
        (of(Template { language: "de".into(), ..values("sale") }), "unknown_template", "template.language"),
        (of(values("pending")), "template_not_approved", "template.name"),
        (of(variables(&["Ada"])), "invalid_field", "template.variables"),
        (of(variables(&["Ada", " "])), "invalid_field", "template.variables[1]"),
        (of(buttons(&["a", "b", "c"])), "invalid_field", "template.buttons"),
        (of(buttons(&["a"])), "invalid_field", "template.buttons[1]"),
        (of(values("sale")), "invalid_field", "template.heading"),
        (of(Template { heading: "5 %".into(), ..with_buttons() }), "invalid_field", "template.heading"),
        (of(values("photo")), "invalid_field", "attachments"),
        (with_file("photo", &film), "invalid_field", "attachments"),
        (with_file("order_update", &photo), "invalid_field", "attachments"),
        (of(values("place")), "invalid_field", "location"),
        (SendMessageRequest { location: here.clone(), ..of(with_buttons()) }, "invalid_field", "location"),
        (SendMessageRequest { text: "and words".into(), ..of(with_buttons()) }, "invalid_field", "text"),
        (SendMessageRequest { internal: true, ..of(with_buttons()) }, "invalid_field", "internal"),
    ];
    for (wrong, reason, field) in table {
        let refused = tenant.send_request(wrong).await.unwrap_err();
        assert_eq!(fault(&refused), (reason, Some(field)), "{refused}");
    }
    tenant.send_request(with_file("photo", &photo)).await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_above_a_template_goes_with_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let all = vec![
        below("sale", heading::Kind::Text, "{{1}} off", "1"),
        below("photo", heading::Kind::Image, "", ""),
        below("place", heading::Kind::Location, "", ""),
    ];
    let conversation = tenant.with_templates(all).await;
    let photo = rig.files.add(tenant.id, "a.png", "image/png");
    let sale = Template { heading: "5 %".into(), ..values("sale") };
    let sent = tenant.send_request(request(&conversation, sale)).await.unwrap();
    assert_eq!(sent.text, "5 % off\n\nHi Ada, order #17 has shipped.");
    let first = tenant.order().await;
    tenant.accepted(&first, &["p1"]).await;
    let with_photo = SendMessageRequest {
        attachments: vec![AttachmentRef { id: photo.clone() }],
        ..request(&conversation, values("photo"))
    };
    let sent = tenant.send_request(with_photo).await.unwrap();
    assert_eq!((sent.kind(), sent.attachments[0].id.as_str()), (content::Kind::Attachment, photo.as_str()));
    let order = tenant.order().await;
    assert_eq!(order.attachments[0].id, photo);
    tenant.accepted(&order, &["p2"]).await;
    let here = Location { latitude: 52.5, longitude: 13.4, ..Location::default() };
    let at = SendMessageRequest { location: Some(here.clone()), ..request(&conversation, values("place")) };
    tenant.send_request(at).await.unwrap();
    assert_eq!(tenant.order().await.location, Some(here));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_without_templates_says_so_and_one_that_was_never_asked_says_what_to_do(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let refused = tenant.send_request(request(&conversation, with_buttons())).await.unwrap_err();
    assert_eq!(fault(&refused), ("templates_unsupported", Some("template")));

    let other = rig.tenant();
    let theirs = other.with_templates(vec![update()]).await;
    rig.templates.put(&tenant.id.to_string(), &tenant.channel.to_string(), vec![update()]);
    other.send_request(request(&theirs, with_buttons())).await.unwrap();
    let refused = tenant.send_request(request(&theirs, with_buttons())).await.unwrap_err();
    assert_eq!(refused.code(), weft_domain::ErrorCode::NotFound);
    let fresh = rig.tenant();
    let conversation = fresh.receive("bea", "m2", "hello").await.conversation_id;
    let refused = fresh.send_request(request(&conversation, with_buttons())).await.unwrap_err();
    assert_eq!(fault(&refused), ("unknown_template", Some("template.name")));
    assert!(refused.message().contains("/templates/sync"), "{refused}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn products_go_under_words_and_orders_come_in_as_words_and_data(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.with_templates(Vec::new()).await;
    let section = Section { title: "Lids".into(), items: vec!["SKU-1".into(), "SKU-2".into()] };
    let products = Products { catalog_id: "5".into(), title: "Picks".into(), sections: vec![section] };
    let show = |text: &str, products: Products| SendMessageRequest {
        conversation_id: conversation.clone(),
        text: text.into(),
        products: Some(products),
        ..Default::default()
    };
    let sent = tenant.send_request(show("For you", products.clone())).await.unwrap();
    assert_eq!((sent.text.as_str(), sent.products.as_ref()), ("For you", Some(&products)));
    assert_eq!(tenant.order().await.products, Some(products.clone()));
    let nameless = Products { catalog_id: String::new(), ..products.clone() };
    for (wrong, field) in [
        (show(" ", products.clone()), "text"),
        (show("For you", nameless), "products.catalog_id"),
        (
            SendMessageRequest {
                buttons: vec![Choice { title: "Yes".into(), ..Choice::default() }],
                ..show("For you", products.clone())
            },
            "buttons",
        ),
    ] {
        let refused = tenant.send_request(wrong).await.unwrap_err();
        assert_eq!(fault(&refused), ("invalid_field", Some(field)));
    }

    let item = Item {
        product_id: "SKU-1".into(),
        quantity: "2".into(),
        price: "9.5".into(),
        currency: "EUR".into(),
    };
    let order = Order { catalog_id: "5".into(), items: vec![item], note: "Please gift wrap".into() };
    let received = MessageReceived {
        order: Some(order.clone()),
        products: Some(products.clone()),
        ..words("o1", "2 × SKU-1, 9.5 EUR each")
    };
    tenant.tell("anna", inbound::Event::Message(received)).await;
    let shown = tenant.until_message(|message| message.provider_message_id.as_deref() == Some("o1")).await;
    assert_eq!((shown.order, shown.products), (Some(order), Some(products)));
}
