use serde_json::json;
use url::Url;
use weft_channel::{Media, MessageReceived, attachment::Kind};

use super::text::plain;
use crate::{
    Account,
    wire::{File, Said, Wrapped},
};

/// What a message says; its id is not here.
pub(super) fn content(account: &Account, wrapped: &Wrapped, said: &Said) -> MessageReceived {
    let mut content =
        MessageReceived { text: plain(&said.text, |user| wrapped.is_us(user)), ..MessageReceived::default() };
    for file in &said.files {
        match file.mode.as_str() {
            // it lies with somebody else, whom the contact's link leads to
            "external" => {
                let place = file.url_private.as_deref().unwrap_or_default();
                let link = format!("{} ({place})", file.name);
                content.text =
                    if content.text.is_empty() { link } else { format!("{}\n{link}", content.text) };
            }
            "tombstone" | "hidden_by_limit" => {
                content.unsupported = Some(file.mode.clone());
                content.raw = Some(json!({"id": file.id, "name": file.name, "mode": file.mode}).to_string());
            }
            _ => content.media.push(media(account, file)),
        }
    }
    content
}

fn media(account: &Account, file: &File) -> Media {
    let place = file.url_private_download.as_deref().or(file.url_private.as_deref());
    let place = place.filter(|place| Url::parse(place).is_ok_and(|url| account.is_of_slack(&url)));
    let must_ask = file.file_access.as_deref() == Some("check_file_info");
    Media {
        reference: place.filter(|_| !must_ask).unwrap_or(&file.id).to_owned(),
        kind: kind(&file.mimetype).into(),
        name: file.name.clone(),
        mime: file.mimetype.clone(),
        size: file.size,
        unique_id: file.id.clone(),
    }
}

fn kind(mime: &str) -> Kind {
    match mime.split('/').next() {
        Some("image") => Kind::Image,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        _ => Kind::File,
    }
}
