use http::{HeaderMap, HeaderValue, header};
use weft_telemetry::{Redacted, redact};

#[test]
fn tokens_in_urls_are_masked() {
    let cases = [
        (
            "https://api.example.org/bot123456:AAH-dQw4w9WgXcQ/sendMessage",
            "https://api.example.org/***/sendMessage",
        ),
        ("https://user:pw@example.com/a/b", "https://example.com/a/b"),
        ("https://example.com/x?token=s3cret&page=2", "https://example.com/x?token=***&page=***"),
        ("https://example.com/x?s3cret#s3cret", "https://example.com/x?***"),
        (
            "https://hooks.example.com/services/T0/B0/XxYyZz0123456789abcdef",
            "https://hooks.example.com/services/T0/B0/***",
        ),
        ("https://example.com", "https://example.com"),
        ("/v1/conversations", "/v1/conversations"),
        ("", ""),
    ];
    for (url, masked) in cases {
        assert_eq!(redact::url(url), masked);
    }
}

#[test]
fn only_harmless_headers_are_shown() {
    let mut map = HeaderMap::new();
    map.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"));
    map.insert("x-acme-auth-token", HeaderValue::from_static("s3cret"));
    map.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));

    let shown = redact::headers(&map);
    assert!(!format!("{shown:?}").contains("s3cret"));
    assert!(shown.contains(&("content-type".to_owned(), "text/html".to_owned())));
}

#[test]
fn a_redacted_value_never_shows() {
    let token = Redacted("s3cret");
    assert_eq!(format!("{token} {token:?} {:?}", Some(&token)), "*** *** Some(***)");
    assert_eq!(token.into_inner(), "s3cret");
}
