use std::time::Duration;

use serde_json::{Map, Value, json};
use weft_channel::{Attachment, File, Outbound, Part, SendError, Transport, attachment::Kind};

use super::{
    choices::{Layout, interactive, layout},
    content::{Content, NUMBERED, with_numbers},
};
use crate::{Account, api, wire::Id};

const MAX_CAPTION: usize = 1024;
const MAX_IMAGE: usize = 5_000_000;
const MAX_VIDEO_OR_AUDIO: usize = 16_000_000;
const MAX_STICKER: usize = 100_000;
const MAX_ANIMATED_STICKER: usize = 500_000;

/// Within the minute that the host gives a part with a file.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(50);

/// How a file will go, known before it goes up.
pub(super) struct Plan<'a> {
    account: &'a Account,
    message: &'a Outbound,
    file: &'a File,
    kind: &'static str,
    layout: Option<Layout>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(
        account: &'a Account,
        message: &'a Outbound,
        attachment: &Attachment,
        file: &'a File,
    ) -> Result<Self, SendError> {
        let kind = kind(attachment.kind(), file);
        let takes_words = matches!(kind, "image" | "video" | "document");
        // a list stands under words only
        let layout = layout(message)
            .filter(|layout| !message.buttons.is_empty() && takes_words && *layout != Layout::List);
        let plan = Self { account, message, file, kind, layout };
        let caption = plan.caption();
        if layout.is_none() && caption.chars().count() > MAX_CAPTION || !takes_words && !caption.is_empty() {
            let why = "its words and choices do not fit under the file; send them as a message of their own";
            return Err(SendError::message_invalid(why));
        }
        Ok(plan)
    }

    /// The content, the file being known by this id.
    pub(super) fn with(&self, id: &str) -> Content {
        let mut object = Map::new();
        object.insert("id".to_owned(), json!(id));
        if self.kind == "document" {
            object.insert("filename".to_owned(), json!(self.file.name));
        }
        if let Some(layout) = self.layout {
            let header = json!({"type": self.kind, self.kind: object});
            return Content::new(
                "interactive",
                interactive(self.account, self.message, layout, Some(header)),
            );
        }
        let caption = self.caption();
        if !caption.is_empty() {
            object.insert("caption".to_owned(), json!(caption));
        }
        let warnings = if self.message.buttons.is_empty() { Vec::new() } else { vec![NUMBERED.to_owned()] };
        Content { warnings, ..Content::new(self.kind, Value::Object(object)) }
    }

    fn caption(&self) -> String {
        match self.message.buttons.is_empty() {
            true => self.message.text.clone(),
            false => with_numbers(self.message),
        }
    }
}

/// The kind that takes this file; a document can be anything.
pub(super) fn kind(wanted: Kind, file: &File) -> &'static str {
    let mime = file.mime.split(';').next().unwrap_or_default().trim();
    let size = file.bytes.len();
    match (wanted, mime) {
        (Kind::Image, "image/jpeg" | "image/png") if size <= MAX_IMAGE => "image",
        (Kind::Video, "video/mp4" | "video/3gpp") if size <= MAX_VIDEO_OR_AUDIO => "video",
        (Kind::Audio | Kind::Voice, "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg")
            if size <= MAX_VIDEO_OR_AUDIO =>
        {
            "audio"
        }
        (Kind::Sticker, "image/webp") if size <= max_sticker(&file.bytes) => "sticker",
        _ => "document",
    }
}

/// Animated stickers may be larger. <https://developers.google.com/speed/webp/docs/riff_container>
fn max_sticker(webp: &[u8]) -> usize {
    let is_extended = webp.get(12..16) == Some(b"VP8X".as_slice());
    let is_animated = is_extended && webp.get(20).is_some_and(|flags| flags & 0b10 != 0);
    if is_animated { MAX_ANIMATED_STICKER } else { MAX_STICKER }
}

/// Puts a file up and gives its id. Nobody sees it yet, so a failure is no reason to ask anybody.
pub(super) async fn upload(
    account: &Account,
    file: &File,
    transport: &dyn Transport,
) -> Result<String, SendError> {
    let parts = vec![
        Part::text("messaging_product", "whatsapp"),
        Part::text("type", &file.mime),
        Part::file("file", file),
    ];
    let call = account.access().post(&[&account.phone_number_id, "media"], "media")?;
    let call = call.multipart(parts).timeout(UPLOAD_TIMEOUT);
    let uploaded: Id = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
    Ok(uploaded.id)
}
