use mail_parser::{Message, MimeHeaders as _, PartType, decoders::html::html_to_text};

use super::charset;

/// Text beyond this is not read: nobody wrote it.
const MOST_BYTES: usize = 4_000_000;

/// All words of a mail: its plain text, or what can be read of its HTML.
pub(crate) fn of(message: &Message<'_>) -> String {
    let mut pieces = Vec::new();
    let mut left = MOST_BYTES;
    for id in &message.text_body {
        let Some(part) = usize::try_from(*id).ok().and_then(|id| message.parts.get(id)) else { continue };
        let piece = match &part.body {
            PartType::Text(_) => {
                let text = charset::words(message, part);
                let flowed = part.content_type().is_some_and(|kind| {
                    kind.attribute("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
                });
                let delete = part.content_type().is_some_and(|kind| {
                    kind.attribute("delsp").is_some_and(|delete| delete.eq_ignore_ascii_case("yes"))
                });
                let text = cut(&text, left);
                if flowed { unflowed(text, delete) } else { text.to_owned() }
            }
            PartType::Html(_) => html_to_text(cut(&charset::words(message, part), left)),
            _ => continue,
        };
        left = left.saturating_sub(piece.len());
        let clean = normal(&piece);
        if !clean.is_empty() {
            pieces.push(clean);
        }
    }
    if pieces.is_empty() {
        // a plain part that is blank beside HTML that is not
        let html = super::html::of(message).map(|html| normal(&html_to_text(cut(&html, MOST_BYTES))));
        return html.unwrap_or_else(|| of_no_type(message));
    }
    pieces.join("\n\n")
}

/// The words of a mail that says nonsense about what it is made of.
fn of_no_type(message: &Message<'_>) -> String {
    let [part] = message.parts.as_slice() else { return String::new() };
    let is_typed = part.content_type().is_none_or(|kind| kind.subtype().is_some());
    match &part.body {
        PartType::Binary(bytes) if !is_typed => normal(cut(&String::from_utf8_lossy(bytes), MOST_BYTES)),
        _ => String::new(),
    }
}

pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Lines end in LF and not in spaces; there are no blank ones around.
pub(crate) fn normal(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String = unix
        .chars()
        .map(|c| if c == '\u{a0}' { ' ' } else { c })
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect();
    // a signature's separator ends in a space
    let line = |line: &str| {
        if line.trim_end() == "--" && line.len() > 2 { "-- ".to_owned() } else { line.trim_end().to_owned() }
    };
    let lines: Vec<String> = clean.split('\n').map(line).collect();
    let from = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let to = lines.iter().rposition(|line| !line.is_empty()).map_or(from, |last| last + 1);
    lines.get(from..to).unwrap_or_default().join("\n")
}

/// Joins what was wrapped for the way (RFC 3676).
fn unflowed(text: &str, delete_space: bool) -> String {
    let mut out = String::new();
    let mut joins: Option<usize> = None;
    for raw in text.lines() {
        let depth = raw.bytes().take_while(|byte| *byte == b'>').count();
        let body = raw.get(depth..).unwrap_or_default();
        let body = body.strip_prefix(' ').unwrap_or(body);
        if joins != Some(depth) {
            if !out.is_empty() || joins.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 {
                out.push(' ');
            }
        }
        let is_soft = body.ends_with(' ') && body != "-- ";
        let piece = if is_soft && delete_space { body.strip_suffix(' ').unwrap_or(body) } else { body };
        out.push_str(piece);
        joins = is_soft.then_some(depth);
        if !is_soft && out.is_empty() {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_are_joined() {
        let text = "This is one \nlong line.\nNext.\n\n> quoted \n> words\n-- \nAna";
        assert_eq!(unflowed(text, false), "This is one long line.\nNext.\n\n> quoted words\n-- \nAna");
        assert_eq!(unflowed("日本 \n語", true), "日本語");
        assert_eq!(unflowed(" >stuffed", false), ">stuffed");
    }

    #[test]
    fn text_is_made_even() {
        assert_eq!(normal("\r\n \r\nHello \r\n\r\n\u{a0}you\t\r\n\r\n"), "Hello\n\n you");
        assert_eq!(normal("a\u{0}b\u{1b}[1m"), "ab[1m");
        assert_eq!(normal("Hi\n-- \nAna"), "Hi\n-- \nAna");
    }
}
