use std::{borrow::Cow, collections::HashMap};

use ammonia::{Builder, UrlRelative};
use mail_parser::{Message, PartType};

use super::charset;

/// HTML beyond this is cut: nobody wrote it.
const MOST_BYTES: usize = 4_000_000;
/// The same for its elements: building and closing them is slow when all are inside each other.
const MOST_ELEMENTS: usize = 20_000;
/// What a style may say; nothing that loads, moves or covers anything.
const STYLES: [&str; 34] = [
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "padding",
    "text-align",
    "text-decoration",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
];

/// The HTML of a mail; none when it is plain text alone.
pub(crate) fn of(message: &Message<'_>) -> Option<String> {
    let bodies = message.html_body.iter().filter_map(|id| message.parts.get(usize::try_from(*id).ok()?));
    let mut html = String::new();
    let mut is_html = false;
    for part in bodies {
        match &part.body {
            PartType::Html(_) => {
                is_html = true;
                html.push_str(&charset::words(message, part));
            }
            PartType::Text(_) => {
                let escaped = charset::words(message, part)
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;");
                html.push_str(&format!("<pre>{escaped}</pre>"));
            }
            _ => {}
        }
        if html.len() > MOST_BYTES {
            break;
        }
    }
    let elements = html.match_indices('<').nth(MOST_ELEMENTS).map_or(html.len(), |(at, _)| at);
    is_html.then(|| super::text::cut(&html, MOST_BYTES.min(elements)).to_owned())
}

/// HTML that runs nothing and loads nothing. `pictures`: what the mail brought, by the names that the text has for them.
pub(crate) fn safe(html: &str, pictures: HashMap<String, String>) -> String {
    let mut builder = Builder::default();
    builder
        .add_tags(["font", "u"])
        .add_generic_attributes(["style", "align", "dir"])
        .add_tag_attributes("font", ["color", "face", "size"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "width", "bgcolor"])
        .add_tag_attributes("td", ["width", "height", "valign", "bgcolor"])
        .filter_style_properties(STYLES.into_iter().collect())
        .url_schemes(["http", "https", "mailto", "tel", "cid", "data"].into_iter().collect())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(move |element, attribute, value| filter(element, attribute, value, &pictures));
    let body = builder.clean(html).to_string();
    format!("<!doctype html><html><head><meta charset=\"utf-8\"></head><body>{body}</body></html>")
}

/// Pictures come from the mail itself, never from elsewhere: whoever fetches one tells that the mail was read.
fn filter<'a>(
    element: &str,
    attribute: &str,
    value: &'a str,
    pictures: &HashMap<String, String>,
) -> Option<Cow<'a, str>> {
    match (element, attribute) {
        ("img", "src") => {
            let name = value.strip_prefix("cid:").unwrap_or(value);
            let decoded = percent_decoded(name);
            pictures.get(name).or_else(|| pictures.get(&decoded)).map(|data| Cow::Owned(data.clone()))
        }
        (_, "src" | "cite" | "longdesc" | "background") => None,
        (_, "href") => {
            let known = ["http://", "https://", "mailto:", "tel:"];
            let lower = value.trim().to_lowercase();
            known.iter().any(|scheme| lower.starts_with(scheme)).then_some(Cow::Borrowed(value))
        }
        (_, "style") => {
            let lower = value.to_lowercase();
            let loads = ["url(", "expression", "@import", "\\", "/*"].iter().any(|word| lower.contains(word));
            (!loads).then_some(Cow::Borrowed(value))
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

fn percent_decoded(text: &str) -> String {
    // a pair's name is what an address would be
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes())
        .next()
        .map(|(name, value)| if value.is_empty() { name.into_owned() } else { format!("{name}={value}") })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures() -> HashMap<String, String> {
        [("logo@ex".to_owned(), "data:image/png;base64,AAAA".to_owned())].into()
    }

    #[test]
    fn nothing_that_runs_or_loads_is_left() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<img src=\"https://tracker.example/p.gif\">",
            "<img src=\"data:image/svg+xml,<svg onload=alert(1)>\">",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
            "<a href=\" JaVaScRiPt:alert(1)\">x</a>",
            "<form action=\"https://evil.example\"><input name=p></form>",
            "<div style=\"background-color:url(https://evil.example/x)\">x</div>",
            "<div style=\"position:fixed;top:0;width:100%\">x</div>",
            "<style>@import url(https://evil.example)</style>",
            "<link rel=stylesheet href=https://evil.example>",
            "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
            "<iframe src=https://evil.example></iframe><object data=x></object><embed src=x>",
            "<svg><script>alert(1)</script></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<base href=https://evil.example>",
            "<img srcset=\"https://tracker.example 1x\">",
            "<table background=\"https://tracker.example\"><tr><td>x</td></tr></table>",
            "<blockquote cite=\"https://tracker.example\">x</blockquote>",
        ];
        for html in hostile {
            let safe = safe(html, pictures()).to_lowercase();
            for word in [
                "script",
                "onerror",
                "onload",
                "evil.example",
                "tracker.example",
                "<form",
                "position",
                "url(",
            ] {
                assert!(!safe.contains(word), "{html} became {safe}");
            }
        }
    }

    #[test]
    fn what_a_mail_looks_like_stays() {
        let html = "<p style=\"color: red; position: fixed\">Hi <b>you</b> <img src=\"cid:logo%40ex\" alt=logo> \
                    <a href=\"https://example.com/a?b=c\" id=x class=y>link</a></p>";
        let safe = safe(html, pictures());
        for piece in [
            "color:",
            "<b>you</b>",
            "data:image/png;base64,AAAA",
            "https://example.com/a?b=c",
            "noopener",
            "target=\"_blank\"",
        ] {
            assert!(safe.contains(piece), "{piece}: {safe}");
        }
        assert!(!safe.contains("position") && !safe.contains("class=") && !safe.contains("id="), "{safe}");
    }

    #[test]
    fn thousands_of_open_elements_are_no_trouble() {
        let deep = "<div>".repeat(5_000) + "deep";
        assert!(safe(&deep, HashMap::new()).contains("deep"));
    }
}
