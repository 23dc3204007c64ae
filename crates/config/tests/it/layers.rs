use std::path::Path;

use secrecy::ExposeSecret as _;
use weft_config::Loader;

use crate::sections::{GATEWAY, Gateway, STORE, loader};

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[gateway]\nlisten = \"0.0.0.0:1\"\ntrusted_hops = 1\n[gateway.limits]\nconnections = 7\n";
    let mut loader = loader(file, &[("WEFT_GATEWAY__LISTEN", "0.0.0.0:2")]).unwrap();
    let gateway: Gateway = loader.section("gateway").unwrap();
    loader.finish().unwrap();

    assert_eq!(gateway.listen.port(), 2);
    assert_eq!(gateway.trusted_hops, 1);
    assert!(!gateway.https);
    assert_eq!((gateway.limits.connections, gateway.limits.ratio), (7, 0.5));
}

#[test]
fn the_defaults_alone_are_enough_and_an_empty_text_means_unset() {
    let mut loader = loader("", &[]).unwrap();
    let gateway: Gateway = loader.section("gateway").unwrap();
    loader.finish().unwrap();
    assert_eq!((gateway.files_url, gateway.most), (None, None));
    assert_eq!(gateway.session_key.expose_secret(), "from-the-defaults");
}

#[test]
fn a_list_in_the_file_replaces_the_default_list() {
    let mut loader = loader("gateway.origins = [\"https://a\"]", &[]).unwrap();
    let gateway: Gateway = loader.section("gateway").unwrap();
    assert_eq!(gateway.origins, ["https://a"]);
}

#[test]
fn a_named_file_must_be_there_and_be_toml() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weft.toml");
    let missing = Loader::new(&[GATEWAY, STORE], Some(&path), &["WEFT_*"]).unwrap_err();
    assert!(missing.to_string().contains("weft.toml"), "{missing}");

    std::fs::write(&path, "[gateway\n").unwrap();
    let broken = Loader::new(&[GATEWAY, STORE], Some(&path), &["WEFT_*"]).unwrap_err();
    assert!(broken.to_string().contains("weft.toml") && broken.to_string().contains("line 1"), "{broken}");

    std::fs::write(&path, "[gateway]\nhttps = true\n").unwrap();
    let mut loader = Loader::new(&[GATEWAY, STORE], Some(&path), &["WEFT_*"]).unwrap();
    assert!(loader.section::<Gateway>("gateway").unwrap().https);

    Loader::new(&[GATEWAY], None::<&Path>, &["WEFT_*"]).unwrap().finish().unwrap();
}
