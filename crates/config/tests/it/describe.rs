use std::{collections::BTreeMap, path::PathBuf};

use weft_config::{Entry, Source};

use crate::sections::loader;

#[test]
fn every_key_is_shown_with_its_source_and_secrets_masked() {
    let file = "[gateway]\nhttps = true\nheaders = { x_api_token = \"s3cret\", plain = \"shown\" }\n";
    let environment = [("WEFT_GATEWAY__SESSION_KEY", "s3cret"), ("WEFT_GATEWAY__SEED", "s3cret")];
    let entries = loader(file, &environment).unwrap().describe();
    let by_key: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    let shown = |key: &str| (by_key[key].value.as_str(), by_key[key].source.clone());

    let from_file = Source::File(PathBuf::from("weft.toml"));
    assert_eq!(shown("gateway.https"), ("true", from_file.clone()));
    assert_eq!(shown("gateway.listen"), ("127.0.0.1:8080", Source::Default));
    assert_eq!(shown("gateway.limits.connections"), ("1000", Source::Default));
    assert_eq!(shown("gateway.origins"), (r#"["https://console.example"]"#, Source::Default));
    let variable = Source::Environment("WEFT_GATEWAY__SESSION_KEY".to_owned());
    assert_eq!(shown("gateway.session_key"), ("***", variable));
    assert_eq!(shown("gateway.seed").0, "***", "marked in the defaults");
    assert_eq!(shown("gateway.headers.x_api_token"), ("***", from_file));
    assert_eq!(shown("gateway.headers.plain").0, "shown");
    assert_eq!(shown("gateway.files_url").0, "");
    assert_eq!(shown("store.url").0, "postgres://weft:***@localhost/weft");

    let all = format!("{entries:?}");
    assert!(!all.contains("s3cret") && !all.contains("pw-in-url"), "{all}");
}
