/// An agent's words in Slack's markup: what Markdown marks is marked, everything else stands as it is.
pub(super) fn mrkdwn(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['*', '~', '[']) {
        let (before, after) = rest.split_at(at);
        marked.push_str(&escaped(before));
        rest = match span(after) {
            Some((span, behind)) => {
                marked.push_str(&span);
                behind
            }
            None => {
                // one of the three, each a byte long
                let (letter, behind) = after.split_at(1);
                marked.push_str(letter);
                behind
            }
        };
    }
    marked.push_str(&escaped(rest));
    marked
}

/// Bold, struck or linked words that begin here, and what follows them.
fn span(text: &str) -> Option<(String, &str)> {
    paired(text, "**", '*').or_else(|| paired(text, "~~", '~')).or_else(|| link(text))
}

fn paired<'a>(text: &'a str, mark: &str, slacks: char) -> Option<(String, &'a str)> {
    let (inside, behind) = text.strip_prefix(mark)?.split_once(mark)?;
    let is_words = !inside.is_empty() && inside.trim() == inside && !inside.contains('\n');
    is_words.then(|| (format!("{slacks}{}{slacks}", escaped(inside)), behind))
}

fn link(text: &str) -> Option<(String, &str)> {
    let (label, after) = text.strip_prefix('[')?.split_once("](")?;
    let (target, behind) = after.split_once(')')?;
    let is_address = ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
    let is_clean = |text: &str| !text.is_empty() && !text.contains(['\n', '[', '|', '<', '>']);
    let is_link = is_address && is_clean(target) && !target.contains(' ') && is_clean(label);
    is_link.then(|| (format!("<{}|{}>", escaped(target), escaped(label)), behind))
}

/// Nothing in it calls anybody or is a link.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_stays_marked_and_the_rest_is_escaped() {
        let table = [
            ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
            ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
            ("a **bold** word", "a *bold* word"),
            ("~~gone~~", "~gone~"),
            (
                "see [our site](https://example.com/?a=1&b=2).",
                "see <https://example.com/?a=1&amp;b=2|our site>.",
            ),
            ("[x](javascript:alert)", "[x](javascript:alert)"),
            ("[a|b](https://example.com)", "[a|b](https://example.com)"),
            ("2 ** 3 ** 4", "2 ** 3 ** 4"),
            ("*one* [odd ~", "*one* [odd ~"),
            ("ümlaut [ü](mailto:a@example.com)", "ümlaut <mailto:a@example.com|ü>"),
        ];
        for (text, expected) in table {
            assert_eq!(mrkdwn(text), expected, "{text}");
        }
    }
}
