use super::{Parameters, Refusal};

/// What a tag may be called. <https://core.telegram.org/bots/api#html-style>
const TAGS: [&str; 14] =
    ["a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong", "u"];

/// A parameter's words as they are shown: with `parse_mode` they are markup, which has to be right.
pub(super) fn words(parameters: &Parameters, name: &str) -> Result<String, Refusal> {
    let given = parameters.text(name).unwrap_or_default();
    match parameters.text("parse_mode").as_deref() {
        None | Some("") => Ok(given),
        Some("HTML") => shown(&given),
        Some(_) => Err(Refusal::bad_request("unsupported parse_mode")),
    }
}

fn shown(markup: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| Refusal::bad_request(&format!("can't parse entities: {why}"));
    let (mut out, mut open, mut rest) = (String::new(), Vec::new(), markup);
    while let Some(at) = rest.find('<') {
        let (words, tag) = rest.split_at(at);
        out.push_str(words);
        let (tag, after) = tag.split_once('>').ok_or_else(|| wrong("Unclosed start tag"))?;
        rest = after;
        let name = |tag: &str| tag.split_whitespace().next().unwrap_or_default().to_owned();
        match tag.strip_prefix("</") {
            Some(closed) if open.pop().as_deref() == Some(closed) => {}
            Some(_) => return Err(wrong("Unmatched end tag")),
            None => open.push(name(tag.trim_start_matches('<'))),
        }
        if open.last().is_some_and(|name| !TAGS.contains(&name.as_str())) {
            return Err(wrong("Unsupported start tag"));
        }
    }
    if !open.is_empty() {
        return Err(wrong("Can't find end tag"));
    }
    out.push_str(rest);
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    Ok(plain.into_iter().fold(out, |text, (entity, letter)| text.replace(entity, letter)))
}
