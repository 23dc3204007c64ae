use chrono::{DateTime, TimeDelta};
use strum::VariantArray as _;
use url::Url;
use weft_channel::{
    Adapter, Attachment, Button, ChannelTemplate, ContactCard, ContentKind, File, Files, Filled, Location,
    Outbound, Products, SendError, Template, attachment,
    plan::{plan, plan_in_time},
    products,
};
use weft_proto::{
    conversation::v1::{RichText, rich_text},
    convert::timestamp,
};

use super::Subject;
use crate::player::Player;

/// Everything an agent can write either goes, or becomes something that goes.
pub(super) async fn check<A: Adapter>(subject: &Subject<'_, A>) -> Vec<String> {
    let can = subject.adapter.descriptor().capabilities;
    let mut whys = Vec::new();
    for kind in ContentKind::VARIANTS {
        if *kind == ContentKind::Template && !can.takes(*kind) {
            let planned = plan(&can, &message(subject, *kind));
            let refused = planned.is_err_and(|error| SendError::from(error).code() == "unsupported");
            whys.extend((!refused).then(|| "content: a template must be refused as unsupported".to_owned()));
            continue;
        }
        whys.extend(goes(subject, &format!("{kind}"), &message(subject, *kind)).await);
    }
    let buttons = Outbound { buttons: vec![button("Yes", ""), button("No", "no")], ..subject.text("Well?") };
    whys.extend(goes(subject, "buttons", &buttons).await);
    let long_payload = Outbound { buttons: vec![button("Yes", &"x".repeat(1000))], ..subject.text("Well?") };
    whys.extend(goes(subject, "a button with a long payload", &long_payload).await);
    let reply = Outbound { reply_to: Some("no-such-message".to_owned()), ..subject.text("Yes") };
    whys.extend(goes(subject, "an answer to a message of elsewhere", &reply).await);

    let long = subject.text(&"Ein Satz mit 🎉. ".repeat(can.max_text_chars.div_ceil(10)));
    whys.extend(goes(subject, "a text that is too long", &long).await);
    let parts = plan(&can, &long).map(|plan| plan.parts).unwrap_or_default();
    let fits = |text: &str| {
        text.chars().count() <= can.max_text_chars && can.max_text_bytes.is_none_or(|most| text.len() <= most)
    };
    if parts.len() < 2 || !parts.iter().all(|part| fits(&part.text)) {
        whys.push("content: a text that is too long must be split".to_owned());
    }

    let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
    let expired =
        Outbound { expires_at: Some(timestamp(now - TimeDelta::seconds(1))), ..subject.text("Late") };
    if plan_in_time(&can, &expired, now).is_ok() {
        whys.push("content: an expired message must not be sent".to_owned());
    }
    let empty = Player::default();
    if subject.adapter.send(&subject.account, &subject.text(""), &Files::default(), &empty).await.is_ok() {
        whys.push("content: an empty message must be refused".to_owned());
    }
    whys
}

/// The message goes with one accepted call for each part, and every part has an id; a file may go up before by calls of its
/// own: one asks for its place, one brings it there.
async fn goes<A: Adapter>(subject: &Subject<'_, A>, what: &str, message: &Outbound) -> Vec<String> {
    let can = subject.adapter.descriptor().capabilities;
    let plan = match plan(&can, message) {
        Ok(plan) => plan,
        Err(error) => return vec![format!("content: {what}: no plan: {error}")],
    };
    let files: Files = message.attachments.iter().map(|given| (given.id.clone(), file(given))).collect();
    for part in &plan.parts {
        let most = 1 + 2 * part.attachments.len();
        let player = Player::new(vec![subject.samples.accepted.clone(); most]);
        match subject.adapter.send(&subject.account, part, &files, &player).await {
            Err(error) => return vec![format!("content: {what}: {error}")],
            Ok(receipt) if receipt.provider_message_ids.is_empty() => {
                return vec![format!("content: {what}: the receipt has no id")];
            }
            Ok(_) if !(1..=most).contains(&player.calls().len()) => {
                return vec![format!(
                    "content: {what}: one call for each part and two for its file, not {}",
                    player.calls().len()
                )];
            }
            Ok(_) => {}
        }
    }
    Vec::new()
}

fn message<A: Adapter>(subject: &Subject<'_, A>, kind: ContentKind) -> Outbound {
    let with = |kind: attachment::Kind, name: &str, mime: &str| Outbound {
        attachments: vec![Attachment {
            id: "file_01kdtvz0000000000000000000".to_owned(),
            kind: kind.into(),
            name: name.to_owned(),
            mime: mime.to_owned(),
            size: 4,
            ..Attachment::default()
        }],
        ..subject.text("")
    };
    match kind {
        ContentKind::Text => subject.text("Hello"),
        ContentKind::RichText => {
            let rich = RichText {
                blocks: vec![rich_text::Block {
                    kind: rich_text::Kind::Paragraph.into(),
                    spans: vec![rich_text::Span {
                        text: "Hello".to_owned(),
                        bold: true,
                        ..Default::default()
                    }],
                    ..Default::default()
                }],
            };
            Outbound { rich: Some(rich), ..subject.text("Hello") }
        }
        ContentKind::File => with(attachment::Kind::File, "a.pdf", "application/pdf"),
        ContentKind::Image => with(attachment::Kind::Image, "a.jpg", "image/jpeg"),
        ContentKind::Video => with(attachment::Kind::Video, "a.mp4", "video/mp4"),
        ContentKind::Audio => with(attachment::Kind::Audio, "a.mp3", "audio/mpeg"),
        ContentKind::Voice => with(attachment::Kind::Voice, "a.ogg", "audio/ogg"),
        ContentKind::Sticker => with(attachment::Kind::Sticker, "a.webp", "image/webp"),
        ContentKind::Bundle => {
            let mut both = with(attachment::Kind::File, "a.pdf", "application/pdf");
            both.attachments.extend(with(attachment::Kind::Image, "b.jpg", "image/jpeg").attachments);
            Outbound { text: "Hello".to_owned(), ..both }
        }
        ContentKind::Location => Outbound {
            location: Some(Location { latitude: 52.5, longitude: 13.4, ..Location::default() }),
            ..subject.text("")
        },
        ContentKind::Template => Outbound {
            template: Some(Filled {
                template: Some(ChannelTemplate {
                    name: "hello".to_owned(),
                    language: "en".to_owned(),
                    body: "Hello {{1}}".to_owned(),
                    variables: vec!["1".to_owned()],
                    ..ChannelTemplate::default()
                }),
                values: Some(Template {
                    name: "hello".to_owned(),
                    language: "en".to_owned(),
                    variables: vec!["Ada".to_owned()],
                    ..Template::default()
                }),
            }),
            ..subject.text("Hello Ada")
        },
        ContentKind::Products => Outbound {
            products: Some(Products {
                catalog_id: "500000000000001".to_owned(),
                title: "Picks".to_owned(),
                sections: vec![products::Section {
                    title: "Lids".to_owned(),
                    items: vec!["SKU-1".to_owned(), "SKU-2".to_owned()],
                }],
            }),
            ..subject.text("For you")
        },
        ContentKind::ContactCard => Outbound {
            contact_card: Some(ContactCard {
                name: "Ada Example".to_owned(),
                phones: vec!["+12025550143".to_owned()],
                emails: vec!["ada@example.com".to_owned()],
            }),
            ..subject.text("")
        },
    }
}

fn file(attachment: &Attachment) -> File {
    File {
        name: attachment.name.clone(),
        mime: attachment.mime.clone(),
        bytes: "data".into(),
        link: Url::parse("https://files.example.org/a").ok(),
    }
}

fn button(title: &str, payload: &str) -> Button {
    Button { title: title.to_owned(), payload: payload.to_owned(), url: None }
}
