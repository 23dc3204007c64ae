use std::path::PathBuf;

use weft_config::{Fault, Loader, Source};

use crate::sections::{Gateway, loader};

const FILE: &str = r#"
colour = "red"
store = 3
[gateway]
listne = "0.0.0.0:1"
trusted_hops = 300
https = "perhaps"
most = 0
limits.connections = "many"
session_key = ["s3cret"]
[gatewai]
x = 1
"#;

const ENVIRONMENT: [(&str, &str); 4] = [
    ("WEFT_GATEWAY__LISTEN", "somewhere"),
    ("WEFT_GATEWAY__ORIGIN", "https://a"),
    ("WEFT_GATEWAY__LIMITS__RATIO", "half"),
    ("WEFT_GATEWAY__LISTEN__PORT", "1"),
];

#[test]
fn all_faults_are_told_at_once_with_their_key_and_source() {
    let mut loader = loader(FILE, &ENVIRONMENT).unwrap();
    let gateway: Gateway = loader.section("gateway").unwrap();
    loader.fault("gateway.files_url", "must be an https url");
    let faults = loader.finish().unwrap_err();

    assert_eq!(gateway.listen.port(), 8080, "the default stands in");
    let mut told: Vec<String> = faults.0.iter().map(Fault::to_string).collect();
    told.sort();
    let expected = [
        "colour (weft.toml): no such key",
        "gatewai.x (weft.toml): no such key; did you mean `gateway.x`?",
        "gateway.files_url (default): must be an https url",
        "gateway.https (weft.toml): found the text \"perhaps\", expected a boolean",
        "gateway.limits.connections (weft.toml): found the text \"many\", expected a whole number from 0 to 4294967295",
        "gateway.limits.ratio (WEFT_GATEWAY__LIMITS__RATIO): expected a number",
        "gateway.listen (WEFT_GATEWAY__LISTEN): invalid socket address syntax",
        "gateway.listen.port (WEFT_GATEWAY__LISTEN__PORT): no such key",
        "gateway.listne (weft.toml): no such key; did you mean `gateway.listen`?",
        "gateway.most (weft.toml): found 0, expected a nonzero u16",
        "gateway.origin (WEFT_GATEWAY__ORIGIN): no such key; did you mean `WEFT_GATEWAY__ORIGINS`?",
        "gateway.session_key (weft.toml): expected a string",
        "gateway.trusted_hops (weft.toml): found 300, expected a whole number from 0 to 255",
        "store (weft.toml): expected a table",
    ];
    assert_eq!(told, expected);
    assert!(!faults.to_string().contains("s3cret"));
    assert!(faults.to_string().starts_with("the configuration has 14 fault(s)\n  "));
}

#[test]
fn a_fault_found_by_the_service_names_the_variable_that_gave_the_value() {
    let mut loader = loader("gateway.https = true", &[("WEFT_GATEWAY__FILES_URL", "ftp://x")]).unwrap();
    loader.fault("gateway.files_url", "must be an https url");
    loader.fault("gateway.https", "is wrong here");
    let sources = loader.finish().unwrap_err().0.into_iter().map(|fault| fault.source_of);
    let expected =
        [Source::Environment("WEFT_GATEWAY__FILES_URL".to_owned()), Source::File(PathBuf::from("weft.toml"))];
    assert_eq!(sources.collect::<Vec<_>>(), expected);
}

#[test]
fn defaults_that_do_not_fit_the_type_are_an_error_and_not_an_endless_loop() {
    let defaults = "[gateway]\nlisten = 3\n";
    let mut loader = Loader::from_parts(&[defaults], "", [], &[]).unwrap();
    let faults = loader.section::<Gateway>("gateway").unwrap_err();
    assert_eq!(faults.0.first().unwrap().key, "gateway.listen");

    let missing = loader.section::<Gateway>("nothing").unwrap_err();
    assert!(missing.to_string().contains("missing field"), "{missing}");
}
