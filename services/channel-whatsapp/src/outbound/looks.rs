use weft_channel::{
    Outbound,
    looks::{Marks, Quote, written},
};

/// <https://faq.whatsapp.com/539178204879377>
const MARKS: Marks = Marks {
    bold: ("*", "*"),
    italic: ("_", "_"),
    strike: ("~", "~"),
    code: ("`", "`"),
    code_block: ("```", "```"),
    quote: Quote::Lines("> "),
    link: |words, address| if words == address { address.to_owned() } else { format!("{words} ({address})") },
    escape: str::to_owned,
};

/// The message with marks in its words for their looks, if they have any.
pub(super) fn marked(message: &Outbound) -> Outbound {
    let text = message.rich.as_ref().map_or_else(|| message.text.clone(), |rich| written(rich, &MARKS));
    Outbound { text, rich: None, ..message.clone() }
}
