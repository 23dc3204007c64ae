use weft_domain::{Error, Result};
use weft_proto::conversation::v1::RichText;
use weft_rich_text::{checked, from_html, is_plain, to_plain};

/// Words as somebody gave them: as text, with their looks, or as HTML. Looks are kept only where there is more to them than text.
pub(super) fn run(
    text: &str,
    rich: Option<&RichText>,
    html: Option<&str>,
) -> Result<(String, Option<RichText>)> {
    let given = [("text", !text.is_empty()), ("rich", rich.is_some()), ("html", html.is_some())];
    let mut given = given.into_iter().filter(|(_, is_given)| *is_given).map(|(field, _)| field);
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        return Err(Error::invalid_field(
            second,
            format!("the words are in `{first}` already; give one of the two"),
        ));
    }
    let (field, looked) = match (rich, html) {
        (Some(rich), _) => ("rich", checked(rich.clone())),
        (None, Some(html)) => ("html", from_html(html)),
        (None, None) => return Ok((text.to_owned(), None)),
    };
    let rich = looked.map_err(|refused| Error::invalid_field(field, refused.to_string()))?;
    let text = to_plain(&rich);
    if text.chars().count() > weft_rich_text::MOST_CHARS {
        return Err(Error::invalid_field(field, weft_rich_text::Refused::TooLong.to_string()));
    }
    Ok((text, (!is_plain(&rich)).then_some(rich)))
}
