use rstest::rstest;
use weft_domain::ErrorCode;

use crate::rig::{Engine, Rig, SENTENCE, config, spoken};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_recording_is_refused_before_any_work() {
    let rig = Rig::with(Engine::Sqlite, config("[voice]\nmax_seconds = 1\nmax_file_bytes = 100000")).await;
    let agent = rig.agent();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("text/plain", b"a note".to_vec(), "not_audio"),
        // the type decides, not what a playlist says
        ("audio/x-mpegurl", b"#EXTM3U\nfile:///etc/passwd\n".to_vec(), "not_audio"),
        ("audio/ogg", b"OggS, and then nothing that anybody could hear".to_vec(), "recording_unreadable"),
        ("audio/ogg", vec![0; 200_000], "file_too_large"),
        ("audio/x-wav", spoken(SENTENCE), "recording_too_long"),
    ];
    for (mime, bytes, reason) in cases {
        let file = agent.upload(mime, &bytes).await;
        let refused = agent.transcribe(&file, "").await.unwrap_err();
        assert_eq!((refused.reason(), refused.field()), (reason, Some("file_id")));
    }
    let refused = agent.synthesize(&"a".repeat(3001), "").await.unwrap_err();
    assert_eq!(refused.reason(), "too_long");
}

/// A playlist that calls itself a recording of a type we take is not followed to another file.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_leads_to_no_other_file_and_to_no_address() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let folder = weft_testkit::temp_dir();
    let secret = folder.path().join("secret.wav");
    std::fs::write(&secret, spoken(SENTENCE)).unwrap();
    let playlists = [
        format!("#EXTM3U\n#EXTINF:1,\nfile://{}\n#EXT-X-ENDLIST\n", secret.display()),
        format!("ffconcat version 1.0\nfile {}\n", secret.display()),
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.wav\n".to_owned(),
    ];
    for playlist in playlists {
        for mime in ["audio/ogg", "audio/mpeg", "audio/x-wav", "audio/m4a", "video/webm"] {
            let file = agent.upload(mime, playlist.as_bytes()).await;
            let refused = agent.transcribe(&file, "").await.unwrap_err();
            assert_eq!(refused.reason(), "recording_unreadable", "{mime}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_tenant_is_unknown() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (ours, theirs) = (rig.agent(), rig.agent());
    let file = theirs.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let refused = ours.transcribe(&file, "").await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (ErrorCode::Invalid, "unknown_file"));
}

#[rstest]
#[case("transcriber = \"\"\nsynthesizer = \"\"", "voice_off")]
#[case("local.dictionary = \"/nowhere\"", "model_missing")]
#[case("program_memory_mib = 1", "")]
#[tokio::test(flavor = "multi_thread")]
async fn what_this_installation_cannot_do_is_said_and_nothing_hangs(
    #[case] settings: &str,
    #[case] reason: &str,
) {
    let rig = Rig::with(Engine::Sqlite, config(&format!("[voice]\n{settings}"))).await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let refused = agent.transcribe(&file, "").await.unwrap_err();
    assert!(reason.is_empty() || refused.reason() == reason, "{refused}");
    assert!(agent.transcribe(&file, "de").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_language_than_the_models_is_refused() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let refused = agent.transcribe(&file, "de-DE").await.unwrap_err();
    assert_eq!((refused.reason(), refused.field()), ("language_unsupported", Some("language")));
}
