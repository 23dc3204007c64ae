use weft_channel::{
    RichText,
    looks::{Marks, Quote, written},
};

const MARKS: Marks = Marks {
    bold: ("**", "**"),
    italic: ("*", "*"),
    strike: ("~~", "~~"),
    code,
    code_block,
    quote: Quote::Lines("> "),
    point: "- ",
    // what is less deep than the words of the item around is none of its own
    indent: "    ",
    // without the two spaces the lines run together
    line_break: "  \n",
    link: |words, address| format!("[{words}]({})", target(address)),
    escape: escaped,
};

/// Words with their looks, in Markdown.
pub(super) fn markdown(rich: &RichText) -> String {
    written(rich, &MARKS)
}

/// What Markdown would take for marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // at the beginning of a line these make a list of it, or a heading of the line before
        let begins = at == 0 && matches!(c, '-' | '+' | '=');
        if begins || matches!(c, '\\' | '*' | '_' | '~' | '`' | '[' | ']' | '#' | '<' | '>') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// In code nothing is escaped: what stands around it is longer than any such row within.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_row(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn code_block(text: &str) -> String {
    let fence = "`".repeat(longest_row(text).max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

/// The most backticks that stand together.
fn longest_row(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// A bracket or a space would end the address.
fn target(address: &str) -> String {
    let letters = [(' ', "%20"), ('(', "%28"), (')', "%29"), ('<', "%3C"), ('>', "%3E")];
    letters.into_iter().fold(address.to_owned(), |address, (letter, code)| address.replace(letter, code))
}

#[cfg(test)]
mod tests {
    use weft_channel::looks::from_html;

    use super::*;

    #[test]
    fn code_is_shown_letter_by_letter() {
        let table = [
            ("<code>a_b * [c]</code>", "`a_b * [c]`"),
            ("<code>a`b</code>", "``a`b``"),
            ("<code>`a</code>", "`` `a ``"),
            ("<code>``</code>", "``` `` ```"),
            ("<b><code>a</code></b>_b", "**`a`**\\_b"),
            ("<pre>a &lt; b_c\n  \\d</pre>", "```\na < b_c\n  \\d\n```"),
            ("<pre>```\na\n```</pre>", "````\n```\na\n```\n````"),
        ];
        for (html, expected) in table {
            assert_eq!(markdown(&from_html(html).unwrap()), expected, "{html}");
        }
    }

    #[test]
    fn lists_and_line_breaks_are_those_of_markdown() {
        let table = [
            ("<p>Kind regards<br>Ann</p>", "Kind regards  \nAnn"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ("<ul><li>a</li><li>b<br>c</li></ul>", "- a\n- b  \n  c"),
            ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n    - b\n2. c"),
            ("<blockquote><p>a</p><p>b<br>c</p></blockquote>", "> a  \n> b  \n> c"),
            ("<h1>a</h1>b", "**a**\n\nb"),
        ];
        for (html, expected) in table {
            assert_eq!(markdown(&from_html(html).unwrap()), expected, "{html}");
        }
    }

    #[test]
    fn words_and_addresses_are_no_marks() {
        let table = [
            ("2 * 3 _ [x](y) # ~ `", "2 \\* 3 \\_ \\[x\\](y) \\# \\~ \\`"),
            ("<p>a<br>---<br>- b<br>+ c - d</p>", "a  \n\\---  \n\\- b  \n\\+ c - d"),
            ("<a href='https://example.com/a_(b'>c)</a>", "[c)](https://example.com/a_%28b)"),
        ];
        for (html, expected) in table {
            assert_eq!(markdown(&from_html(html).unwrap()), expected, "{html}");
        }
    }
}
