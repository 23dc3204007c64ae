//! Numbers and mail addresses in one shape each, so that one person is known by them on every channel.

use phonenumber::{Mode, PhoneNumber, country};
use weft_domain::{Error, Result};

/// The most digits of a telephone number (ITU-T E.164).
const MAX_DIGITS: usize = 15;
/// The longest path of mail (RFC 5321 4.5.3.1.3).
const MAX_EMAIL_BYTES: usize = 254;
/// Fewer than these are a short code, which several countries have.
const MIN_DIGITS: usize = 7;

/// A telephone number as E.164 writes it, `+442079460958`. Without a country code it is one of `country`.
pub(crate) fn phone(text: &str, country: &str) -> Option<String> {
    e164(&parsed(text, country)?)
}

fn parsed(text: &str, country: &str) -> Option<PhoneNumber> {
    let country: Option<country::Id> = country.parse().ok();
    phonenumber::parse(country, text.trim()).ok()
}

fn e164(number: &PhoneNumber) -> Option<String> {
    let written = number.format().mode(Mode::E164).to_string();
    let digits = written.strip_prefix('+')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len())).then_some(written)
}

/// The digits of an international number without its country's.
pub(crate) fn national(digits: &str) -> Option<String> {
    let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
    Some(number.national().value().to_string()).filter(|national| national.len() >= MIN_DIGITS)
}

/// An e-mail address in lower case.
pub(crate) fn email(text: &str) -> Option<String> {
    let text = Some(text.trim()).filter(|text| text.len() <= MAX_EMAIL_BYTES)?;
    let (local, domain) = text.rsplit_once('@')?;
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
    (is_plain && !local.is_empty() && !local.contains('@') && domain.contains('.') && !domain.ends_with('.'))
        .then(|| text.to_lowercase())
}

/// A telephone number as it was typed, in the shape it is kept in. There is no room in it for an extension, without which it is
/// another number.
pub(crate) fn read_phone(field: &str, text: &str, country: &str) -> Result<String> {
    let number = parsed(text, country);
    let extension = number.as_ref().and_then(PhoneNumber::extension).filter(|digits| !digits.is_empty());
    if let Some(digits) = extension {
        let words = format!("`{field}` has the extension {digits}, which cannot be kept: leave it out");
        return Err(Error::invalid_field(field, words));
    }
    number.as_ref().and_then(e164).ok_or_else(|| {
        let words =
            format!("`{field}` must be a telephone number with its country code, like `+442079460958`");
        Error::invalid_field(field, words)
    })
}

/// An e-mail address as it was typed, in the shape it is kept in.
pub(crate) fn read_email(field: &str, text: &str) -> Result<String> {
    email(text).ok_or_else(|| {
        Error::invalid_field(field, format!("`{field}` must be an e-mail address like `ada@example.com`"))
    })
}

/// A country as two letters that telephone numbers know.
pub(crate) fn read_country(field: &str, text: &str) -> Result<String> {
    let country = text.trim().to_uppercase();
    if country.is_empty() || country.parse::<country::Id>().is_ok() {
        return Ok(country);
    }
    Err(Error::invalid_field(field, format!("`{field}` must be a country's two letters, like `GB`")))
}

/// What a number is compared by. Countries that changed their mobile numbers have two ways to write one, and providers mix them.
pub(crate) fn phone_key(written: &str) -> String {
    let digits = written.trim_start_matches('+');
    let one = match digits.len() {
        // Mexico: a `1` before mobile numbers until 2019
        13 => digits.strip_prefix("521").map(|rest| format!("52{rest}")),
        // Brazil: a `9` before mobile numbers since 2012; landlines begin with 2 to 5
        12 if is_brazilian_mobile(digits) => {
            digits.split_at_checked(4).map(|(area, rest)| format!("{area}9{rest}"))
        }
        _ => None,
    };
    // Argentina: a `9` before mobile numbers from abroad
    let one = one.or_else(|| {
        digits.strip_prefix("549").filter(|rest| rest.len() == 10).map(|rest| format!("54{rest}"))
    });
    format!("tel:+{}", one.as_deref().unwrap_or(digits))
}

fn is_brazilian_mobile(digits: &str) -> bool {
    digits.starts_with("55") && digits.as_bytes().get(4).is_some_and(|first| (b'6'..=b'9').contains(first))
}

/// What a mail address is compared by.
pub(crate) fn email_key(written: &str) -> String {
    format!("mailto:{written}")
}

/// What it is, and its words, from what it is compared by.
pub(crate) fn of_key(key: &str) -> (&'static str, &str) {
    match key.split_once(':') {
        Some(("tel", number)) => ("phone", number),
        Some((_, address)) => ("email", address),
        None => ("email", key),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("+44 20 7946 0958", "", Some("+442079460958"))]
    #[case("+44 (0)20 7946-0958", "", Some("+442079460958"))]
    #[case("020 7946 0958", "GB", Some("+442079460958"))]
    #[case("030 901820", "DE", Some("+4930901820"))]
    #[case("020 7946 0958", "", None)]
    #[case("0049 30 901820", "GB", Some("+4930901820"))]
    #[case("+1 (555) 010-0199", "", Some("+15550100199"))]
    #[case("12345", "US", None)]
    #[case("call me", "GB", None)]
    #[case("", "GB", None)]
    fn a_number_is_kept_in_one_shape(#[case] text: &str, #[case] country: &str, #[case] kept: Option<&str>) {
        assert_eq!(phone(text, country).as_deref(), kept);
    }

    #[rstest]
    #[case("+44 20 7946 0958 ext. 12")]
    #[case("+44 20 7946 0958 x12")]
    #[case("020 7946 0958 extension 12")]
    #[case("tel:+44-20-7946-0958;ext=12")]
    fn a_number_with_an_extension_is_refused_and_not_cut(#[case] text: &str) {
        let error = read_phone("phone", text, "GB").unwrap_err();
        assert_eq!(error.field(), Some("phone"));
        assert!(error.message().contains("extension 12"), "{error}");
        assert_eq!(read_phone("phone", "020 7946 0958", "GB").unwrap(), "+442079460958");
    }

    #[rstest]
    #[case("+5215512345678", "tel:+525512345678")]
    #[case("+525512345678", "tel:+525512345678")]
    #[case("+5491123456789", "tel:+541123456789")]
    #[case("+541123456789", "tel:+541123456789")]
    #[case("+551187654321", "tel:+5511987654321")]
    #[case("+5511987654321", "tel:+5511987654321")]
    #[case("+551132654321", "tel:+551132654321")]
    #[case("+442079460958", "tel:+442079460958")]
    fn two_ways_to_write_one_number_are_one_key(#[case] written: &str, #[case] key: &str) {
        assert_eq!(phone_key(written), key);
    }

    #[rstest]
    #[case(" Ada@Example.COM ", Some("ada@example.com"))]
    #[case("ada@example", None)]
    #[case("ada", None)]
    #[case("a b@example.com", None)]
    #[case("a@b@example.com", None)]
    #[case("Ada <ada@example.com>", None)]
    fn a_mail_address_is_kept_in_lower_case(#[case] text: &str, #[case] kept: Option<&str>) {
        assert_eq!(email(text).as_deref(), kept);
    }

    #[test]
    fn a_country_is_two_letters_that_exist() {
        assert_eq!(read_country("country", "gb").unwrap(), "GB");
        assert_eq!(read_country("country", "").unwrap(), "");
        assert_eq!(read_country("country", "ZZ").unwrap_err().field(), Some("country"));
    }
}
