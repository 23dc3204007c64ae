use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use super::*;

fn checked(webhook_url: &str, call: &WebhookCall) -> Result<(), VerifyError> {
    let tokens = ["next-auth-token", "example-auth-token"].map(SecretString::from);
    verify(Some(&Url::parse(webhook_url).unwrap()), &tokens, call)
}

fn call(kind: &str, signature: &str, query: &str, body: &str) -> WebhookCall {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).unwrap());
    headers.insert(SIGNATURE, HeaderValue::from_str(signature).unwrap());
    WebhookCall {
        method: Method::POST,
        path_rest: "messages".to_owned(),
        query: query.to_owned(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        received_at: chrono::DateTime::UNIX_EPOCH,
    }
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const BODY: &str = "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&Body=Hi+there%2C+caf%C3%A9+%26+tea%3F\
    &From=%2B12025550143&FromCity=&MessageSid=SM00000000000000000000000000000001&NumMedia=0&NumSegments=1&SmsStatus=received\
    &To=%2B12025550100";

#[test]
fn forms_are_signed_with_their_address_and_every_field() {
    let webhook_url = "https://hooks.example.com/v1/twilio/acme";
    let genuine = call(FORM, "qwdEH0MS4IGBYopz+4xet0v6KDI=", "channel=42", BODY);
    assert_eq!(checked(webhook_url, &genuine), Ok(()));
    for (query, body) in [
        ("channel=43", BODY.to_owned()),
        ("", BODY.to_owned()),
        ("channel=42", BODY.replace("FromCity=&", "")),
        ("channel=42", format!("{BODY}&Added=1")),
    ] {
        let other = WebhookCall { query: query.to_owned(), body: body.into(), ..genuine.clone() };
        assert_eq!(checked(webhook_url, &other), Err(VerifyError::Wrong), "{query}");
    }
    let other_type = call("text/plain", "qwdEH0MS4IGBYopz+4xet0v6KDI=", "channel=42", BODY);
    assert_eq!(checked(webhook_url, &other_type), Err(VerifyError::Wrong));
    let repeated = call(FORM, "5hz7SV6++VZ3DDswUiQEFMCMYfA=", "", "Digits=5&Digits=12&Digits=5&CallSid=CA01");
    assert_eq!(checked(webhook_url, &repeated), Ok(()));
}

#[test]
fn other_bodies_are_signed_through_their_digest_in_the_address() {
    let webhook_url = "https://hooks.example.com/v1/twilio/acme";
    let query = "bodySHA256=edda465515fbbe7a9a891e951d843b2532f3ef4e2ee8203fee2f45b32d35c76a";
    let body = r#"{"type":"com.example.test","n":1}"#;
    let genuine = WebhookCall {
        path_rest: "events".to_owned(),
        ..call("application/json", "BIBJoN55EEbNOBzSzKMwdeto8ac=", query, body)
    };
    assert_eq!(checked(webhook_url, &genuine), Ok(()));
    let other_body = WebhookCall { body: "{}".into(), ..genuine.clone() };
    assert_eq!(checked(webhook_url, &other_body), Err(VerifyError::Wrong));
    let no_digest = WebhookCall { query: String::new(), ..genuine };
    assert_eq!(checked(webhook_url, &no_digest), Err(VerifyError::Wrong));
}

#[test]
fn the_port_may_be_left_out_or_given() {
    let token = SecretString::from("next-auth-token");
    for (configured, signed) in [
        ("https://hooks.example.com/a", "https://hooks.example.com:443/a/messages"),
        ("https://hooks.example.com/a", "https://hooks.example.com/a/messages"),
        ("https://hooks.example.com:8443/a", "https://hooks.example.com/a/messages"),
        ("http://hooks.example.com/a", "http://hooks.example.com:80/a/messages"),
    ] {
        let signature = sign(&token, signed, BODY.as_bytes());
        let call = call(FORM, signature.expose_secret(), "", BODY);
        assert_eq!(checked(configured, &call), Ok(()), "{signed}");
    }
}

#[test]
fn without_an_address_of_ours_nothing_can_be_checked() {
    let token = SecretString::from("example-auth-token");
    assert_eq!(verify(None, [&token], &call(FORM, "x", "", BODY)), Err(VerifyError::NoSecret));
}
