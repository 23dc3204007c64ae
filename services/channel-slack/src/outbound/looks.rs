use weft_channel::{
    RichText,
    looks::{Marks, Quote, written},
};

use super::text::{escaped, mrkdwn};

/// <https://docs.slack.dev/messaging/formatting-message-text/>
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
    link: |words, address| format!("<{}|{words}>", escaped(address).replace('|', "%7C")),
    escape: escaped,
};

/// What Slack reads: words with their looks, or those without, where Markdown marks what agents mark by hand.
pub(crate) fn words(text: &str, rich: Option<&RichText>) -> String {
    rich.map_or_else(|| mrkdwn(text), |rich| written(rich, &MARKS))
}

/// A backtick within cannot be written: such code stands as it is.
fn code(text: &str) -> String {
    let escaped = escaped(text);
    if text.contains('`') { escaped } else { format!("`{escaped}`") }
}

fn code_block(text: &str) -> String {
    let escaped = escaped(text);
    if text.contains("```") { escaped } else { format!("```\n{escaped}\n```") }
}

#[cfg(test)]
mod tests {
    use weft_channel::looks::from_html;

    use super::*;

    #[test]
    fn looks_become_slacks_own_marks_and_words_stay_words() {
        let table = [
            ("<b>a</b> <i>b</i> <s>c</s>", "*a* _b_ ~c~"),
            ("**a** ~~b~~ [c](https://example.com)", "**a** ~~b~~ [c](https://example.com)"),
            ("1 &lt; 2 &amp; &lt;!channel&gt;", "1 &lt; 2 &amp; &lt;!channel&gt;"),
            ("<a href='https://example.com/?a=1&b=2|3'>x</a>", "<https://example.com/?a=1&amp;b=2%7C3|x>"),
            ("<ul><li>a<ol><li>b</li></ol></li></ul>", "• a\n  1. b"),
            ("<blockquote>a<br>b</blockquote>", "> a\n> b"),
            ("<code>a&lt;b</code> <code>c`d</code>", "`a&lt;b` c`d"),
            ("<pre>a & b</pre><pre>```c</pre>", "```\na &amp; b\n```\n\n```c"),
        ];
        for (html, expected) in table {
            assert_eq!(words("", Some(&from_html(html).unwrap())), expected, "{html}");
        }
    }
}
