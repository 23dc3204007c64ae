//! The JSON, as far as we use it. Unknown fields are many, and more come.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Stamp;

/// A webhook: for several accounts at once, each entry to be read on its own.
#[derive(Deserialize)]
pub(super) struct Webhook {
    pub(super) entry: Vec<Value>,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    /// The account.
    pub(super) id: String,
    #[serde(default)]
    pub(super) messaging: Vec<Value>,
    /// The same while another app has the thread.
    #[serde(default)]
    pub(super) standby: Vec<Value>,
    #[serde(default)]
    pub(super) changes: Vec<Value>,
}

/// One thing that happened; what it was is the name of the field that is there.
#[derive(Deserialize)]
pub(super) struct Happening {
    #[serde(default)]
    pub(super) sender: Party,
    #[serde(default)]
    pub(super) recipient: Party,
    pub(super) timestamp: Option<Stamp>,
    pub(super) message: Option<Message>,
    pub(super) message_edit: Option<Edit>,
    pub(super) reaction: Option<Reaction>,
    pub(super) postback: Option<Postback>,
    pub(super) delivery: Option<Delivery>,
    pub(super) read: Option<Read>,
    pub(super) referral: Option<Referral>,
    pub(super) optin: Option<Optin>,
}

#[derive(Default, Deserialize)]
pub(super) struct Party {
    pub(super) id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) mid: String,
    #[serde(default)]
    pub(super) text: Option<String>,
    pub(super) quick_reply: Option<QuickReply>,
    pub(super) reply_to: Option<ReplyTo>,
    #[serde(default)]
    pub(super) attachments: Option<Vec<Value>>,
    #[serde(default)]
    pub(super) is_echo: bool,
    #[serde(default)]
    pub(super) is_deleted: bool,
    #[serde(default)]
    pub(super) is_unsupported: bool,
    pub(super) metadata: Option<String>,
    pub(super) app_id: Option<Stamp>,
    pub(super) referral: Option<Referral>,
}

#[derive(Deserialize)]
pub(super) struct QuickReply {
    pub(super) payload: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ReplyTo {
    pub(super) mid: Option<String>,
    pub(super) story: Option<Story>,
}

#[derive(Deserialize)]
pub(super) struct Story {
    #[serde(default)]
    pub(super) id: String,
    pub(super) url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Attachment {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) payload: Option<Payload>,
}

#[derive(Default, Deserialize)]
pub(super) struct Payload {
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) sticker_id: Option<u64>,
    /// The post that is shared.
    pub(super) ig_post_media_id: Option<String>,
    pub(super) coordinates: Option<Coordinates>,
    pub(super) product: Option<Products>,
}

#[derive(Deserialize)]
pub(super) struct Coordinates {
    pub(super) lat: f64,
    pub(super) long: f64,
}

#[derive(Deserialize)]
pub(super) struct Products {
    #[serde(default)]
    pub(super) elements: Vec<Product>,
}

#[derive(Deserialize)]
pub(super) struct Product {
    #[serde(default)]
    pub(super) id: String,
    pub(super) retailer_id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) subtitle: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Edit {
    pub(super) mid: String,
    #[serde(default)]
    pub(super) text: String,
    pub(super) num_edit: Option<Stamp>,
}

#[derive(Deserialize)]
pub(super) struct Reaction {
    pub(super) mid: String,
    pub(super) action: String,
    pub(super) reaction: Option<String>,
    pub(super) emoji: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Postback {
    pub(super) mid: Option<String>,
    #[serde(default)]
    pub(super) title: String,
    pub(super) payload: Option<String>,
    pub(super) referral: Option<Referral>,
}

#[derive(Deserialize)]
pub(super) struct Delivery {
    #[serde(default)]
    pub(super) mids: Option<Vec<String>>,
    pub(super) watermark: Option<Stamp>,
}

/// Up to a message, or up to a time.
#[derive(Deserialize)]
pub(super) struct Read {
    pub(super) mid: Option<String>,
    pub(super) watermark: Option<Stamp>,
}

/// What led somebody here.
#[derive(Deserialize, Serialize)]
pub(super) struct Referral {
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ads_context_data: Option<Advertisement>,
    #[serde(skip_serializing)]
    pub(super) product: Option<Asked>,
}

#[derive(Deserialize, Serialize)]
struct Advertisement {
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video_url: Option<String>,
}

/// A product that a question is about.
#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) id: String,
}

/// Somebody agreed to be written to. Without the token that comes with it: it is a key to them.
#[derive(Deserialize, Serialize)]
pub(super) struct Optin {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_messages_frequency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_token_status: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Accepted {
    pub(super) message_id: String,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    pub(super) success: bool,
}
