//! What has a shape of its own at WhatsApp and is told in words here.

use serde_json::{Map, Value};

use weft_channel::order::Item;

use crate::wire::{FormReply, Order, OrderItem};

/// An order as one line for each product, then the contact's own words.
pub(super) fn as_text(order: &Order) -> String {
    let lines: Vec<String> = order.product_items.iter().map(line).collect();
    [lines.join("\n"), order.text.trim().to_owned()].join("\n\n").trim().to_owned()
}

/// The same, for programs.
pub(super) fn of(order: &Order) -> weft_channel::Order {
    let item = |item: &OrderItem| Item {
        product_id: item.product_retailer_id.clone(),
        quantity: plain(&item.quantity),
        price: plain(&item.item_price),
        currency: item.currency.clone(),
    };
    weft_channel::Order {
        catalog_id: order.catalog_id.clone(),
        items: order.product_items.iter().map(item).collect(),
        note: order.text.trim().to_owned(),
    }
}

fn line(item: &OrderItem) -> String {
    let (quantity, product) = (plain(&item.quantity), &item.product_retailer_id);
    let price = format!("{} {}", plain(&item.item_price), item.currency);
    format!("{quantity} × {product}, {} each", price.trim())
}

/// A form as one line for each field.
pub(super) fn form_as_text(form: &FormReply) -> String {
    let fields: Map<String, Value> = serde_json::from_str(&form.response_json).unwrap_or_default();
    // the token is ours, not what they filled in
    let filled = fields.iter().filter(|(name, _)| *name != "flow_token");
    let lines: Vec<String> = filled.map(|(name, value)| format!("{name}: {}", plain(value))).collect();
    if lines.is_empty() { form.body.clone() } else { lines.join("\n") }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
