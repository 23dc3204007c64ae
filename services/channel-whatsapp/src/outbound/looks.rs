use weft_channel::{
    Outbound,
    looks::{Marks, Quote, written},
};

/// <https://faq.whatsapp.com/539178204879377>
const MARKS: Marks = Marks {
    bold: ("*", "*"),
    italic: ("_", "_"),
    strike: ("~", "~"),
    code,
    code_block,
    quote: Quote::Lines("> "),
    point: "• ",
    indent: "  ",
    line_break: "\n",
    link: |words, address| if words == address { address.to_owned() } else { format!("{words} ({address})") },
    escape: str::to_owned,
};

/// A backtick within cannot be written: such code stands as it is.
fn code(text: &str) -> String {
    if text.contains('`') { text.to_owned() } else { format!("`{text}`") }
}

fn code_block(text: &str) -> String {
    let ends_early = text.contains("```") || text.starts_with('`') || text.ends_with('`');
    if ends_early { text.to_owned() } else { format!("```{text}```") }
}

/// The message with marks in its words for their looks, if they have any.
pub(super) fn marked(message: &Outbound) -> Outbound {
    let text = message.rich.as_ref().map_or_else(|| message.text.clone(), |rich| written(rich, &MARKS));
    Outbound { text, rich: None, ..message.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_with_backticks_stands_as_it_is() {
        assert_eq!((code("a"), code("a`b")), ("`a`".to_owned(), "a`b".to_owned()));
        let table = [("a`b", "```a`b```"), ("a```b", "a```b"), ("`a", "`a"), ("a`", "a`")];
        for (text, written) in table {
            assert_eq!(code_block(text), written);
        }
    }
}
