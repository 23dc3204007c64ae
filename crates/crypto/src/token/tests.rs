use proptest::prelude::*;

use super::*;

#[test]
fn a_token_is_read_back_and_no_two_are_alike() {
    let token = generate("api");
    let text = token.expose_secret();
    assert!(text.starts_with("weft_api_") && text.len() == 9 + 43 + 6, "{}", text.len());
    let read = parse(text).unwrap();
    assert_eq!((read.kind(), read.hash()), ("api", token.hash()));
    assert_ne!(generate("api").hash(), token.hash());
    assert_eq!(random_secret().expose_secret().len(), 43);
}

#[test]
fn the_format_is_fixed() {
    let token = "weft_api_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg2otXBR";
    assert_eq!(parse(token).map(|token| token.kind().to_owned()), Ok("api".to_owned()));
}

#[test]
fn what_is_no_token_is_refused() {
    for text in ["", "weft_", "weft_api_", "weft__x", "xoxb_api_1", "weft_API_1", "weft_ä_ü"] {
        assert_eq!(parse(text).err(), Some(Malformed), "{text}");
    }
}

proptest! {
    #[test]
    fn one_wrong_character_is_noticed(position in 0..58_usize, character in "[ -~]") {
        let token = generate("api");
        let mut wrong = token.expose_secret().to_owned();
        wrong.replace_range(position..=position, &character);
        prop_assume!(wrong != token.expose_secret());
        prop_assert!(parse(&wrong).is_err());
    }

    #[test]
    fn any_text_is_read_without_panic(text in "(weft_)?\\PC{0,80}") {
        prop_assert!(parse(&text).is_err());
    }
}
