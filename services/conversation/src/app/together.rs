//! What goes together in one message, and what it is made of.

use weft_domain::{Error, Result, conversation::Kind};
use weft_proto::conversation::v1::SendMessageRequest;

use crate::store::content::Content;

/// What is passed on brings all it has but words of one's own.
pub(super) fn forwardable(request: &SendMessageRequest) -> Result<()> {
    if request.template.is_none() {
        return Ok(());
    }
    let words = "what is passed on takes words and files beside it; send the rest as a message of its own";
    Err(Error::invalid_field("forward_of", words))
}

/// Products stand under words, and under nothing else.
pub(super) fn products(request: &SendMessageRequest) -> Result<()> {
    let Some(products) = &request.products else { return Ok(()) };
    if request.text.trim().is_empty() {
        return Err(Error::invalid_field("text", "products stand under plain words: give `text`"));
    }
    let others = [
        ("attachments", !request.attachments.is_empty()),
        ("location", request.location.is_some()),
        ("contact_card", request.contact_card.is_some()),
        ("buttons", !request.buttons.is_empty()),
    ];
    if let Some((field, _)) = others.iter().find(|(_, given)| *given) {
        let words = "products go with `text` alone; send the rest as a message of its own";
        return Err(Error::invalid_field(field, words));
    }
    if products.catalog_id.is_empty() && !products.sections.is_empty() {
        return Err(Error::invalid_field("products.catalog_id", "say which catalogue the products are of"));
    }
    Ok(())
}

pub(super) fn kind(content: &Content, text: &str) -> Result<Kind> {
    let has_text = !text.trim().is_empty();
    if !content.attachments.is_empty() {
        return Ok(Kind::Attachment);
    }
    match (&content.location, &content.contact_card) {
        (Some(_), Some(_)) => Err(Error::invalid_field(
            "contact_card",
            "send the location and the contact card as two messages",
        )),
        (Some(_), None) => Ok(Kind::Location),
        (None, Some(_)) => Ok(Kind::ContactCard),
        (None, None) if has_text => Ok(Kind::Text),
        (None, None) => {
            Err(Error::invalid("empty_message", "give `text`, `attachments`, `location` or `contact_card`")
                .with_field("text"))
        }
    }
}
