use serde_json::Value;
use weft_channel::{Media, MessageReceived, attachment::Kind, inbound};

use super::{Context, text};
use crate::wire::{Attachment, FileInfo};

const FILE: &str = "application/vnd.microsoft.teams.file.download.info";

impl Context<'_> {
    /// What a message says; its id is not here.
    pub(super) fn content(&self) -> MessageReceived {
        let activity = self.activity;
        let us = activity.recipient.as_ref().map(|recipient| recipient.id.as_str());
        let mut content = MessageReceived {
            text: text::plain(activity.text.as_deref().unwrap_or_default(), &activity.entities, us),
            ..MessageReceived::default()
        };
        for raw in &activity.attachments {
            let attachment: Option<Attachment> = inbound::read::<Attachment>(raw).ok();
            let is_copy = attachment.as_ref().is_some_and(|one| one.content_type == "text/html");
            match attachment.as_ref().and_then(media) {
                Some(media) => content.media.push(media),
                // the same words once more, in HTML
                None if is_copy => {}
                None => {
                    let kind = attachment.map(|one| one.content_type).filter(|kind| !kind.is_empty());
                    content.unsupported = Some(kind.unwrap_or_else(|| "attachment".to_owned()));
                    content.raw = Some(raw.to_string());
                }
            }
        }
        content
    }
}

/// A file, if we can fetch it.
fn media(attachment: &Attachment) -> Option<Media> {
    if attachment.content_type == FILE {
        let info: FileInfo = read(attachment.content.as_ref()?)?;
        return Some(Media {
            reference: info.download_url,
            kind: Kind::File.into(),
            name: attachment.name.clone(),
            unique_id: info.unique_id,
            ..Media::default()
        });
    }
    let (group, subtype) = attachment.content_type.split_once('/')?;
    let kind = match group {
        "image" => Kind::Image,
        "video" => Kind::Video,
        "audio" => Kind::Audio,
        _ => return None,
    };
    Some(Media {
        reference: attachment.content_url.clone()?,
        kind: kind.into(),
        name: attachment.name.clone(),
        // `image/*` says nothing
        mime: if subtype == "*" { String::new() } else { attachment.content_type.clone() },
        ..Media::default()
    })
}

fn read(content: &Value) -> Option<FileInfo> {
    inbound::read(content).ok()
}
