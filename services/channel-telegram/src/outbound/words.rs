use serde_json::{Map, Value};
use weft_channel::{
    RichText,
    looks::{Marks, Quote, written},
};

/// <https://core.telegram.org/bots/api#html-style>
const HTML: Marks = Marks {
    bold: ("<b>", "</b>"),
    italic: ("<i>", "</i>"),
    strike: ("<s>", "</s>"),
    code: |text| format!("<code>{}</code>", escaped(text)),
    code_block: |text| format!("<pre>{}</pre>", escaped(text)),
    quote: Quote::Around("<blockquote>", "</blockquote>"),
    point: "• ",
    indent: "  ",
    line_break: "\n",
    link: |words, address| format!("<a href=\"{}\">{words}</a>", escaped(address)),
    escape: escaped,
};

/// Words under the name of a parameter. Without looks they are no markup, whatever an agent writes.
pub(crate) fn words(field: &str, text: &str, rich: Option<&RichText>) -> Map<String, Value> {
    let mut fields = Map::new();
    match rich {
        Some(rich) => {
            fields.insert(field.to_owned(), written(rich, &HTML).into());
            fields.insert("parse_mode".to_owned(), "HTML".into());
        }
        None => {
            fields.insert(field.to_owned(), text.into());
        }
    }
    fields
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
