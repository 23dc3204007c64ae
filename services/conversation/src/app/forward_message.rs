use weft_domain::{
    Error, Result, TenantId,
    conversation::{Direction, MAX_ATTACHMENTS},
    id,
};
use weft_proto::{AsJson, conversation::v1::RichText};
use weft_rich_text::{checked, from_plain};

use super::{edit_message::deleted, rich_words};
use crate::{
    Context,
    store::{content::Content, messages},
};

/// Puts what another message says and carries into a new one, whose words are given back.
pub(super) async fn run(
    context: &Context,
    tenant: TenantId,
    internal: bool,
    (text, rich): (String, Option<RichText>),
    of: &str,
    content: &mut Content,
) -> Result<(String, Option<AsJson<RichText>>)> {
    let own = Content {
        attachments: content.attachments.clone(),
        mentions: content.mentions.clone(),
        ..Content::default()
    };
    if *content != own {
        let words =
            "what is passed on takes words and files beside it; send the rest as a message of its own";
        return Err(Error::invalid_field("forward_of", words));
    }
    let unknown = || {
        Error::invalid("unknown_message", "`forward_of` must be a message of this tenant")
            .with_field("forward_of")
    };
    let id = id::parse::<id::Message>("forward_of", of)?.uuid();
    let find = |tx| async move { Ok(messages::by_ids(&tx, vec![id]).await?.remove(&id)) };
    let passed_on = context.store.tenant(tenant).read(find).await?.ok_or_else(unknown)?;
    if passed_on.deleted_at.is_some() {
        return Err(deleted().with_field("forward_of"));
    }
    if passed_on.direction == Direction::Internal.to_string() && !internal {
        let words = "a note among us is not passed on to a contact; write what they may know";
        return Err(Error::precondition("note_is_internal", words).with_field("forward_of"));
    }
    if passed_on.content.attachments.iter().any(|file| file.file.is_none()) {
        let words = "a file of this message has not come yet, or never will; pass it on later, or without it";
        return Err(Error::precondition("file_not_here", words).with_field("forward_of"));
    }
    content.attachments.extend(passed_on.content.attachments);
    if content.attachments.len() > MAX_ATTACHMENTS {
        let words = format!("a message carries at most {MAX_ATTACHMENTS} files, with those passed on");
        return Err(Error::invalid_field("attachments", words));
    }
    content.location = passed_on.content.location;
    content.contact_card = passed_on.content.contact_card;
    content.forward_of = Some(passed_on.id);
    let looks = joined((&text, rich), (&passed_on.text, passed_on.content.rich.map(|rich| rich.0)));
    let looks = looks.map(checked).transpose().map_err(|why| rich_words::refused("forward_of", &why))?;
    let words = [text.trim(), passed_on.text.trim()].into_iter().filter(|words| !words.is_empty());
    let words = words.collect::<Vec<_>>().join("\n\n");
    rich_words::has_room("forward_of", &words)?;
    Ok((words, looks.map(AsJson)))
}

/// The looks of both, if either has any.
fn joined(own: (&str, Option<RichText>), passed_on: (&str, Option<RichText>)) -> Option<RichText> {
    if own.1.is_none() && passed_on.1.is_none() {
        return None;
    }
    let blocks =
        [own, passed_on].into_iter().flat_map(|(text, rich)| rich.unwrap_or_else(|| from_plain(text)).blocks);
    Some(RichText { blocks: blocks.collect() })
}
