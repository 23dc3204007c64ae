use serde_json::{Map, Value, json};
use weft_channel::{Outbound, Products, SendError, products::Section};

use super::{choices::MAX_BODY, content::Content};

/// The longest title above several products.
const MAX_HEADER: usize = 60;

/// Words with one product under them, several, or the way to the whole catalogue.
pub(super) fn of(message: &Outbound, products: &Products) -> Result<Content, SendError> {
    if message.text.chars().count() > MAX_BODY {
        let why = format!("the words above products may have {MAX_BODY} characters");
        return Err(SendError::message_invalid(why));
    }
    let items: Vec<&String> = products.sections.iter().flat_map(|section| &section.items).collect();
    let catalog = &products.catalog_id;
    let (kind, action) = match items.as_slice() {
        [] => ("catalog_message", json!({"name": "catalog_message"})),
        [item] => ("product", json!({"catalog_id": catalog, "product_retailer_id": item})),
        _ => {
            let sections: Vec<Value> = products.sections.iter().map(section).collect();
            ("product_list", json!({"catalog_id": catalog, "sections": sections}))
        }
    };
    let (mut body, mut warnings) = (Map::new(), Vec::new());
    body.insert("type".to_owned(), json!(kind));
    if kind == "product_list" {
        // it cannot be without
        let title = if products.title.is_empty() { first_line(&message.text) } else { &products.title };
        if products.title.chars().count() > MAX_HEADER {
            warnings.push(format!("the title above products may have {MAX_HEADER} characters: it was cut"));
        }
        let title: String = title.chars().take(MAX_HEADER).collect();
        body.insert("header".to_owned(), json!({"type": "text", "text": title}));
    }
    body.insert("body".to_owned(), json!({"text": message.text}));
    body.insert("action".to_owned(), action);
    Ok(Content { warnings, ..Content::new("interactive", Value::Object(body)) })
}

fn section(section: &Section) -> Value {
    let items: Vec<Value> = section.items.iter().map(|item| json!({"product_retailer_id": item})).collect();
    if section.title.is_empty() {
        return json!({"product_items": items});
    }
    json!({"title": section.title, "product_items": items})
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
