use weft_capabilities::{
    Capabilities, Refused,
    plan::{Plan, plan},
};
use weft_domain::Result;
use weft_proto::{
    channel::v1::Outbound,
    conversation::v1::{Message, Preview, preview},
    convert::timestamp,
};
use weft_store::Tx;

use super::send_message::Draft;
use crate::{
    reply::{self, Window},
    show,
    store::{contact_lists, contacts, conversations, kinds::Kinds},
};

/// Says what would go of a message, and writes nothing.
pub(super) async fn run(tx: &Tx, draft: &Draft, kinds: &Kinds) -> Result<Message> {
    let conversation = conversations::get(tx, draft.conversation).await?;
    let can = kinds.get(&conversation.channel_kind);
    let preview = |preview| Message {
        conversation_id: show::conversation_id(conversation.id),
        channel_id: show::channel_id(conversation.channel_id),
        preview: Some(preview),
        ..Message::default()
    };
    if draft.internal {
        // a note goes nowhere, so nothing can keep it from going
        return Ok(preview(Preview { sendable: true, ..Preview::default() }));
    }
    let window = Window::of(&conversation, can, tx.now());
    let identity = contacts::identity_of_thread(tx, conversation.channel_id, conversation.party_id()).await?;
    let mut shown = can.map(|can| planned(&Capabilities::from(can), draft)).unwrap_or_else(|| Preview {
        sendable: true,
        warnings: vec!["the channel's adapter has not said yet what it can do".to_owned()],
        ..Preview::default()
    });
    shown.until = window.end().map(timestamp);
    if identity.is_some_and(|identity| !identity.reachable) {
        shown.warnings.push("the contact blocked this channel or left it; it may not arrive".to_owned());
    }
    let refusal = reply::refusal(&conversation, &window, draft.content.template.is_some());
    let is_blocked = contact_lists::is_blocked(tx, conversation.contact_id).await?;
    if let Some(refusal) = refusal.or_else(|| is_blocked.then(reply::blocked)) {
        shown.sendable = false;
        shown.code = refusal.reason().to_owned();
        shown.reason = refusal.message().to_owned();
    }
    Ok(preview(shown))
}

fn planned(can: &Capabilities, draft: &Draft) -> Preview {
    let content = &draft.content;
    let message = Outbound {
        text: draft.text.clone(),
        attachments: content.attachments.iter().map(show::attachment).collect(),
        location: content.location.as_ref().map(show::location),
        contact_card: content.contact_card.as_ref().map(show::card),
        buttons: content.buttons.iter().map(show::button).collect(),
        template: content.template.as_ref().map(|template| template.0.clone()),
        products: content.products.as_ref().map(|products| products.0.clone()),
        rich: content.rich.as_ref().map(|rich| rich.0.clone()),
        ..Outbound::default()
    };
    match plan(can, &message) {
        Ok(Plan { parts, warnings }) => Preview {
            sendable: true,
            parts: parts.into_iter().map(part).collect(),
            warnings,
            ..Preview::default()
        },
        Err(refused) => {
            Preview { code: code(&refused).to_owned(), reason: refused.to_string(), ..Preview::default() }
        }
    }
}

fn part(part: Outbound) -> preview::Part {
    preview::Part {
        text: part.text,
        attachments: part.attachments,
        location: part.location,
        contact_card: part.contact_card,
        buttons: part.buttons,
        template: part.template.and_then(|filled| filled.values),
        products: part.products,
        rich: part.rich,
    }
}

fn code(refused: &Refused) -> &'static str {
    match refused {
        Refused::Expired => "expired",
        Refused::Empty => "empty",
        Refused::NoTemplates => "templates_unsupported",
        Refused::FileTooLarge { .. } => "file_too_large",
    }
}
