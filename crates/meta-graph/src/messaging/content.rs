use serde_json::Value;
use url::Url;
use weft_channel::{Location, Media, MessageReceived, attachment::Kind, inbound::read};

use super::wire::{Attachment, Message, Payload, Product, Story};

/// The thumbs in three sizes.
const THUMBS: [u64; 3] = [369_239_263_222_822, 369_239_343_222_814, 369_239_383_222_810];

/// What an attachment gives.
enum Piece {
    File(Media),
    Place(Location),
    Words(Vec<String>),
    /// We cannot show it; this is what Meta calls it.
    Unknown(String),
}

/// What a message shows. What is newer than this code becomes `unsupported`, with the message as it came.
pub(super) fn shown(message: &Message, raw: &Value) -> MessageReceived {
    let mut content = MessageReceived {
        id: message.mid.clone(),
        reply_to: message.reply_to.as_ref().and_then(|answered| answered.mid.clone()),
        ..MessageReceived::default()
    };
    let written = message.text.clone().unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    let product = message.referral.as_ref().and_then(|referral| referral.product.as_ref());
    lines.extend(product.map(|product| format!("[{}]", product.id)));
    lines.push(written.clone());
    let mut unknown = None;
    for piece in pieces(message) {
        match piece {
            Piece::File(media) => content.media.push(media),
            Piece::Place(place) => content.location = Some(place),
            // a link stands in the text as well
            Piece::Words(words) => lines.extend(words.into_iter().filter(|line| !written.contains(line))),
            Piece::Unknown(kind) => unknown = Some(kind),
        }
    }
    if let Some(story) = message.reply_to.as_ref().and_then(|answered| answered.story.as_ref()) {
        content.media.extend(story_file(&message.mid, story));
        content.raw = raw.get("reply_to").map(Value::to_string);
    }
    lines.retain(|line| !line.is_empty());
    content.text = lines.join("\n");
    let is_empty = content.text.is_empty() && content.media.is_empty() && content.location.is_none();
    if message.is_unsupported || is_empty {
        content.unsupported = Some(unknown.unwrap_or_else(|| "unsupported".to_owned()));
        content.raw = Some(raw.to_string());
    }
    content
}

fn pieces(message: &Message) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (index, raw) in message.attachments.iter().flatten().enumerate() {
        let Ok(attachment) = read::<Attachment>(raw) else {
            pieces.push(Piece::Unknown(kind_of(raw)));
            continue;
        };
        // the same thing under an old name and a new one
        let same = identity(&attachment);
        if same.as_ref().is_some_and(|same| seen.contains(same)) {
            continue;
        }
        seen.extend(same);
        pieces.push(piece(&message.mid, index, attachment));
    }
    pieces
}

fn kind_of(raw: &Value) -> String {
    raw.get("type").and_then(Value::as_str).unwrap_or("unsupported").to_owned()
}

fn identity(attachment: &Attachment) -> Option<String> {
    let payload = attachment.payload.as_ref()?;
    let sticker = payload.sticker_id.map(|id| format!("sticker {id}"));
    sticker.or_else(|| payload.ig_post_media_id.as_ref().map(|id| format!("post {id}")))
}

fn piece(mid: &str, index: usize, attachment: Attachment) -> Piece {
    let Attachment { kind, payload } = attachment;
    let payload = payload.unwrap_or_default();
    let file = |kind: Kind, word: &str| {
        let media = payload.url.as_deref().and_then(|url| media(mid, index, kind, word, url));
        media.map_or_else(|| Piece::Unknown(word.to_owned()), Piece::File)
    };
    match kind.as_str() {
        "image" | "sticker" if payload.sticker_id.is_some_and(|id| THUMBS.contains(&id)) => {
            Piece::Words(vec!["👍".to_owned()])
        }
        "image" => file(Kind::Image, "image"),
        "video" => file(Kind::Video, "video"),
        "audio" => file(Kind::Audio, "audio"),
        "file" => file(Kind::File, "file"),
        "sticker" => file(Kind::Sticker, "sticker"),
        // a picture or a film: only its bytes tell
        "story_mention" => file(Kind::File, "story_mention"),
        "like_heart" => Piece::Words(vec!["❤️".to_owned()]),
        "location" => match payload.coordinates {
            Some(at) => {
                Piece::Place(Location { latitude: at.lat, longitude: at.long, ..Location::default() })
            }
            None => Piece::Unknown(kind),
        },
        "fallback" | "share" | "post" | "reel" | "ig_post" | "ig_reel" | "ig_story" => link(kind, payload),
        "template" => match payload.product {
            Some(products) if !products.elements.is_empty() => {
                Piece::Words(products.elements.into_iter().map(product).collect())
            }
            _ => Piece::Unknown(kind),
        },
        _ => Piece::Unknown(kind),
    }
}

/// Something shared: its title and its address, which may be none that can be opened.
fn link(kind: String, payload: Payload) -> Piece {
    let lines: Vec<String> =
        payload.title.into_iter().chain(payload.url).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { Piece::Unknown(kind) } else { Piece::Words(lines) }
}

fn product(product: Product) -> String {
    let name = product.title.unwrap_or_default();
    let sku = product.retailer_id.unwrap_or(product.id);
    let about: Vec<String> =
        [name, product.subtitle.unwrap_or_default()].into_iter().filter(|text| !text.is_empty()).collect();
    format!("[{sku}] {}", about.join(", ")).trim_end().to_owned()
}

fn story_file(mid: &str, story: &Story) -> Option<Media> {
    let mut file = media(mid, 0, Kind::File, "story", story.url.as_deref()?)?;
    if !story.id.is_empty() {
        file.unique_id = format!("story:{}", story.id);
    }
    Some(file)
}

/// Nothing is told of a file but its address, and that changes.
fn media(mid: &str, index: usize, kind: Kind, word: &str, url: &str) -> Option<Media> {
    let address = Url::parse(url).ok().filter(|address| matches!(address.scheme(), "https" | "http"))?;
    let last = address.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let name = if last.contains('.') { last } else { word };
    Some(Media {
        reference: url.to_owned(),
        kind: kind.into(),
        name: name.to_owned(),
        unique_id: format!("{mid}:{index}"),
        ..Media::default()
    })
}
