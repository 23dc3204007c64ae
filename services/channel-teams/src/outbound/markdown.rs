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

/// What Markdown would take for marks. Addresses stay as they are: with a mark in it, none leads anywhere.
fn escaped(text: &str) -> String {
    let number = number_length(text);
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, None);
    while let Some(letter) = rest.chars().next() {
        let at = text.len() - rest.len();
        let address = if before.is_some_and(char::is_alphanumeric) { 0 } else { address_length(rest) };
        // at the beginning of a line these make a list of it, or a heading of the line before
        let begins = at == 0 && matches!(letter, '-' | '+' | '=') || number == Some(at);
        let is_mark = matches!(letter, '\\' | '*' | '_' | '~' | '`' | '[' | ']' | '#' | '<' | '>' | '&');
        if begins || is_mark {
            out.push('\\');
        }
        let length = address.max(letter.len_utf8());
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(piece);
        before = piece.chars().next_back();
        rest = behind;
    }
    out
}

/// How long the number is that would make an item of a list of the line.
fn number_length(text: &str) -> Option<usize> {
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let behind = rest.strip_prefix(['.', ')'])?;
    let is_item = rest.len() < text.len() && (behind.is_empty() || behind.starts_with(char::is_whitespace));
    is_item.then_some(text.len() - rest.len())
}

/// How long the address is that a text begins with; what ends a sentence is no part of it.
fn address_length(text: &str) -> usize {
    let schemes = ["https://", "http://"];
    let Some(rest) = schemes.iter().find_map(|scheme| text.strip_prefix(*scheme)) else { return 0 };
    let is_end =
        |letter: char| letter.is_whitespace() || letter.is_control() || "<>\"`\\[]{}|^".contains(letter);
    let address = rest.split(is_end).next().unwrap_or_default();
    let address = address.trim_end_matches(['.', ',', ':', ';', '!', '?', '\'', ')', '*', '_', '~']);
    if address.is_empty() { 0 } else { text.len() - rest.len() + address.len() }
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
            ("Q&amp;A &amp;lt;b&amp;gt;", "Q\\&A \\&lt;b\\&gt;"),
            (
                "<p>1. a<br>22) b<br>3.5 c<br>4<br>5.<br>x 6. y</p>",
                "1\\. a  \n22\\) b  \n3.5 c  \n4  \n5\\.  \nx 6. y",
            ),
        ];
        for (html, expected) in table {
            assert_eq!(markdown(&from_html(html).unwrap()), expected, "{html}");
        }
    }

    #[test]
    fn a_bare_address_still_leads_where_it_led() {
        let table = [
            (
                "see https://example.com/a_b*c~d#e?x=1&amp;y=_2, or_not",
                "see https://example.com/a_b*c~d#e?x=1&y=_2, or\\_not",
            ),
            ("*(http://example.com/a_b).*", "\\*(http://example.com/a_b).\\*"),
            ("https://example.com/a_b", "https://example.com/a_b"),
            ("https://example.com/[x_y](z)", "https://example.com/\\[x\\_y\\](z)"),
            ("xhttps://a_b https:// a_b", "xhttps://a\\_b https:// a\\_b"),
        ];
        for (html, expected) in table {
            assert_eq!(markdown(&from_html(html).unwrap()), expected, "{html}");
        }
    }
}
