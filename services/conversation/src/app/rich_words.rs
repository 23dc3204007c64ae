use weft_domain::{Error, Result};
use weft_proto::conversation::v1::RichText;
use weft_rich_text::{MOST_CHARS, Refused, checked, from_html, is_plain, to_plain};

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
    let rich = looked.map_err(|why| refused(field, &why))?;
    let text = to_plain(&rich);
    has_room(field, &text)?;
    Ok((text, (!is_plain(&rich)).then_some(rich)))
}

/// One message has room for these words.
pub(super) fn has_room(field: &str, text: &str) -> Result<()> {
    if text.chars().count() > MOST_CHARS { Err(refused(field, &Refused::TooLong)) } else { Ok(()) }
}

/// Why words with looks are not taken, as a fault of the field that they are in.
pub(super) fn refused(field: &str, why: &Refused) -> Error {
    Error::invalid_field(field, why.to_string())
}
