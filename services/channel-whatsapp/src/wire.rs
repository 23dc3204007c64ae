//! The Cloud API's JSON, as far as we use it. Unknown fields are many, and more come.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_meta_graph::Stamp;

/// A webhook: for several accounts at once, each change to be read on its own.
#[derive(Deserialize)]
pub(crate) struct Webhook {
    pub(crate) entry: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    /// The business account.
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) changes: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Change {
    pub(crate) field: String,
    #[serde(default)]
    pub(crate) value: Value,
}

/// Whose number a change is about.
#[derive(Deserialize)]
pub(crate) struct Addressed {
    pub(crate) metadata: Metadata,
}

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) phone_number_id: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) contacts: Vec<Value>,
    pub(crate) messages: Vec<Value>,
    pub(crate) message_echoes: Vec<Value>,
    pub(crate) statuses: Vec<Value>,
    pub(crate) errors: Vec<Value>,
}

/// Somebody as a webhook introduces them; either id may be missing.
#[derive(Deserialize)]
pub(crate) struct Contact {
    #[serde(default)]
    pub(crate) profile: Profile,
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Profile {
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) username: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) from: Option<String>,
    pub(crate) from_user_id: Option<String>,
    /// Of what the business wrote in its own app.
    pub(crate) to: Option<String>,
    pub(crate) to_user_id: Option<String>,
    pub(crate) id: String,
    pub(crate) timestamp: Stamp,
    pub(crate) group_id: Option<String>,
    pub(crate) context: Option<Context>,
    pub(crate) referral: Option<Referral>,
    #[serde(flatten)]
    pub(crate) content: Content,
}

/// The advertisement that led to a message.
#[derive(Deserialize, Serialize)]
pub(crate) struct Referral {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// Tells Meta's own figures which click it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    ctwa_clid: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Content {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) text: Option<Text>,
    pub(crate) image: Option<FileObject>,
    pub(crate) video: Option<FileObject>,
    pub(crate) audio: Option<FileObject>,
    pub(crate) voice: Option<FileObject>,
    pub(crate) document: Option<FileObject>,
    pub(crate) sticker: Option<FileObject>,
    pub(crate) location: Option<Place>,
    pub(crate) contacts: Option<Vec<Card>>,
    pub(crate) reaction: Option<Reaction>,
    pub(crate) button: Option<Button>,
    pub(crate) interactive: Option<Interactive>,
    pub(crate) order: Option<Order>,
    pub(crate) system: Option<System>,
    pub(crate) edit: Option<Box<Edit>>,
    pub(crate) revoke: Option<Revoke>,
    pub(crate) unsupported: Option<Unsupported>,
    #[serde(default)]
    pub(crate) errors: Vec<Fault>,
}

#[derive(Deserialize)]
pub(crate) struct Text {
    pub(crate) body: String,
}

#[derive(Deserialize)]
pub(crate) struct FileObject {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) mime_type: String,
    pub(crate) caption: Option<String>,
    pub(crate) filename: Option<String>,
    #[serde(default)]
    pub(crate) voice: bool,
}

#[derive(Deserialize)]
pub(crate) struct Place {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) address: String,
}

#[derive(Deserialize)]
pub(crate) struct Card {
    #[serde(default)]
    pub(crate) name: CardName,
    #[serde(default)]
    pub(crate) phones: Vec<CardPhone>,
    #[serde(default)]
    pub(crate) emails: Vec<CardEmail>,
}

#[derive(Default, Deserialize)]
pub(crate) struct CardName {
    #[serde(default)]
    pub(crate) formatted_name: String,
}

#[derive(Deserialize)]
pub(crate) struct CardPhone {
    pub(crate) phone: Option<String>,
    pub(crate) wa_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct CardEmail {
    pub(crate) email: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Reaction {
    pub(crate) message_id: String,
    #[serde(default)]
    pub(crate) emoji: String,
}

/// The answer to a template's button.
#[derive(Deserialize)]
pub(crate) struct Button {
    #[serde(default)]
    pub(crate) payload: String,
    #[serde(default)]
    pub(crate) text: String,
}

#[derive(Deserialize)]
pub(crate) struct Interactive {
    pub(crate) button_reply: Option<Choice>,
    pub(crate) list_reply: Option<Choice>,
    pub(crate) nfm_reply: Option<FormReply>,
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) title: String,
}

#[derive(Deserialize)]
pub(crate) struct FormReply {
    #[serde(default)]
    pub(crate) body: String,
    /// An object, as text.
    pub(crate) response_json: String,
}

#[derive(Deserialize)]
pub(crate) struct Order {
    #[serde(default)]
    pub(crate) catalog_id: String,
    #[serde(default)]
    pub(crate) text: String,
    pub(crate) product_items: Vec<OrderItem>,
}

#[derive(Deserialize)]
pub(crate) struct OrderItem {
    pub(crate) product_retailer_id: String,
    pub(crate) quantity: Value,
    pub(crate) item_price: Value,
    #[serde(default)]
    pub(crate) currency: String,
}

#[derive(Deserialize)]
pub(crate) struct System {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    pub(crate) wa_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Edit {
    pub(crate) original_message_id: String,
    pub(crate) message: Content,
}

#[derive(Deserialize)]
pub(crate) struct Revoke {
    pub(crate) original_message_id: String,
}

#[derive(Deserialize)]
pub(crate) struct Unsupported {
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Context {
    pub(crate) id: Option<String>,
    pub(crate) referred_product: Option<Product>,
}

#[derive(Deserialize)]
pub(crate) struct Product {
    #[serde(default)]
    pub(crate) catalog_id: String,
    pub(crate) product_retailer_id: String,
}

#[derive(Deserialize)]
pub(crate) struct Status {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) timestamp: Stamp,
    pub(crate) recipient_id: Option<String>,
    pub(crate) recipient_user_id: Option<String>,
    pub(crate) recipient_type: Option<String>,
    #[serde(default)]
    pub(crate) errors: Vec<Fault>,
}

/// An error inside a webhook.
#[derive(Deserialize)]
pub(crate) struct Fault {
    pub(crate) code: i64,
    #[serde(default)]
    pub(crate) title: String,
    pub(crate) error_data: Option<FaultData>,
}

#[derive(Deserialize)]
pub(crate) struct FaultData {
    pub(crate) details: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Accepted {
    #[serde(default)]
    pub(crate) contacts: Vec<Recipient>,
    pub(crate) messages: Vec<Id>,
}

#[derive(Deserialize)]
pub(crate) struct Recipient {
    pub(crate) wa_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Id {
    pub(crate) id: String,
}

/// Where a file can be had for some minutes.
#[derive(Deserialize)]
pub(crate) struct MediaAddress {
    pub(crate) url: String,
    pub(crate) mime_type: Option<String>,
    pub(crate) file_size: Option<u64>,
}

#[derive(Deserialize)]
pub(crate) struct Number {
    #[serde(default)]
    pub(crate) verified_name: String,
    pub(crate) display_phone_number: Option<String>,
}

/// What mere deeds are answered with.
#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    pub(crate) success: bool,
}

/// A page of templates, each to be read on its own.
#[derive(Deserialize)]
pub(crate) struct TemplatePage {
    pub(crate) data: Vec<Value>,
    pub(crate) paging: Option<Paging>,
}

#[derive(Deserialize)]
pub(crate) struct Paging {
    pub(crate) cursors: Option<Cursors>,
    /// The next page's address; none on the last one.
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Cursors {
    pub(crate) after: String,
}

#[derive(Deserialize)]
pub(crate) struct TemplateObject {
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) category: String,
    pub(crate) rejected_reason: Option<String>,
    #[serde(default)]
    pub(crate) components: Vec<Component>,
}

#[derive(Deserialize)]
pub(crate) struct Component {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) format: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) buttons: Vec<TemplateButton>,
}

#[derive(Deserialize)]
pub(crate) struct TemplateButton {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) phone_number: String,
}
