use weft_channel::{
    RichText,
    looks::{Marks, Quote, written},
};

/// As agents write them by hand, which becomes what Slack reads.
const MARKS: Marks = Marks {
    bold: ("**", "**"),
    italic: ("_", "_"),
    strike: ("~~", "~~"),
    code: ("`", "`"),
    code_block: ("```\n", "\n```"),
    quote: Quote::Lines("> "),
    link: |words, address| format!("[{words}]({address})"),
    escape: str::to_owned,
};

/// Words with marks for their looks, if they have any.
pub(crate) fn marked(text: &str, rich: Option<&RichText>) -> String {
    rich.map_or_else(|| text.to_owned(), |rich| written(rich, &MARKS))
}
