use secrecy::ExposeSecret as _;

use crate::sections::{Gateway, loader};

#[test]
fn a_variable_is_read_as_the_kind_of_its_default() {
    let environment = [
        ("WEFT_GATEWAY__HTTPS", "true"),
        ("WEFT_GATEWAY__ORIGINS", "https://a, https://b"),
        ("WEFT_GATEWAY__LIMITS__CONNECTIONS", "12"),
        ("WEFT_GATEWAY__LIMITS__RATIO", "1"),
        ("WEFT_GATEWAY__SESSION_KEY", "0123"),
        ("WEFT_GATEWAY__FILES_URL", "12"),
        ("WEFT_GATEWAY__MOST", "3"),
        ("WEFT_GATEWAY__HEADERS__X_COLOUR", "7"),
        ("WEFT_TOKEN", "not ours"),
        ("WEFT_TEST_NATS_URL", "not ours"),
        ("PATH", "/bin"),
    ];
    let mut loader = loader("", &environment).unwrap();
    let gateway: Gateway = loader.section("gateway").unwrap();
    loader.finish().unwrap();

    assert!(gateway.https);
    assert_eq!(gateway.origins, ["https://a", "https://b"]);
    assert_eq!((gateway.limits.connections, gateway.limits.ratio), (12, 1.0));
    assert_eq!(gateway.session_key.expose_secret(), "0123", "digits in a text stay text");
    assert_eq!(gateway.files_url.as_deref(), Some("12"));
    assert_eq!(gateway.most.unwrap().get(), 3);
    assert_eq!(gateway.headers["x_colour"], "7");
}

#[test]
fn an_empty_list_can_be_given() {
    let mut loader = loader("", &[("WEFT_GATEWAY__ORIGINS", "")]).unwrap();
    assert_eq!(loader.section::<Gateway>("gateway").unwrap().origins, [""; 0]);
}
