use rstest::rstest;
use weft_domain::ErrorCode;
use weft_proto::voice::v1::{SynthesizeRequest, TranscribeRequest};

use crate::rig::{Engine, Rig, SENTENCE, answer, converted, spoken};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_spoken_is_written_down_with_times_and_confidence(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let heard = agent.transcribe(&file, "en-US").await.unwrap();
    assert_eq!(heard.text, SENTENCE);
    assert_eq!(heard.language, "en-US");
    assert!((0.0..=1.0).contains(&heard.confidence.unwrap()));
    assert!(heard.seconds > 1.0 && heard.segments[0].end <= heard.seconds + 0.1, "{heard:?}");
    assert!(heard.segments[0].start < heard.segments[0].end, "{heard:?}");
}

#[rstest]
#[case("audio/ogg", &["-c:a", "libopus", "-f", "ogg"])]
#[case("audio/mpeg", &["-b:a", "64k", "-f", "mp3"])]
#[case("audio/m4a", &["-f", "ipod"])]
#[case("audio/x-flac", &["-f", "flac"])]
#[case("video/webm", &["-c:a", "libopus", "-f", "webm"])]
#[tokio::test(flavor = "multi_thread")]
async fn recordings_come_in_every_container_that_people_send(#[case] mime: &str, #[case] container: &[&str]) {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let file = agent.upload(mime, &converted(&spoken(SENTENCE), container)).await;
    let heard = agent.transcribe(&file, "").await.unwrap();
    assert!(heard.text.contains("tomorrow"), "{heard:?}");
}

#[rstest]
#[case("", "audio/ogg", b"OggS")]
#[case("mp3", "audio/mpeg", b"\xff\xf3")]
#[case("wav", "audio/wav", b"RIFF")]
#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_spoken_in_the_format_asked_for_and_can_be_heard_again(
    #[case] format: &str,
    #[case] mime: &str,
    #[case] magic: &[u8],
) {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let spoken = agent.synthesize(SENTENCE, format).await.unwrap();
    let file = spoken.file.unwrap();
    let (stored, bytes) = rig.world.file(&agent.tenant.to_string(), &file.id).await;
    assert_eq!(stored.mime, mime);
    let begins = if magic == b"\xff\xf3" {
        bytes.starts_with(b"ID3") || bytes.starts_with(b"\xff")
    } else {
        bytes.starts_with(magic)
    };
    assert!(begins, "{:?}", &bytes[..8]);
    let heard = agent.transcribe(&file.id, "").await.unwrap();
    assert!(heard.text.contains("tomorrow"), "{heard:?}");
    let again = agent.synthesize(SENTENCE, format).await.unwrap();
    assert_eq!(again.file.unwrap().id, file.id, "the same words in the same voice are one file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_without_words_has_an_empty_transcript() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let short = converted(&spoken("a"), &["-t", "0.1", "-f", "wav"]);
    let file = agent.upload("audio/x-wav", &short).await;
    assert_eq!(agent.transcribe(&file, "").await.unwrap().text, "");
    let silence = converted(&spoken(SENTENCE), &["-af", "volume=0", "-f", "wav"]);
    let file = agent.upload("audio/x-wav", &silence).await;
    assert_eq!(agent.transcribe(&file, "").await.unwrap().text, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_keeps_the_transcript_of_its_attachment_for_those_who_may_read_it() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let file_id = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let message_id = weft_domain::id::new::<weft_domain::id::Message>().to_string();
    let request =
        TranscribeRequest { file_id, message_id: Some(message_id.clone()), language: String::new() };
    let blind = agent.with_scopes(&["voice.use"]);
    let refused = answer(blind.voice().transcribe(blind.asks(request.clone())).await).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    answer(agent.voice().transcribe(agent.asks(request)).await).unwrap();
    let kept = rig.world.state.lock().await.kept.pop().unwrap();
    assert_eq!((kept.message_id, kept.transcript.unwrap().text), (message_id, SENTENCE.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_spoken_says_why() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let cases = [
        ("nobody", "", "", "voice_unknown", "voice"),
        ("../../etc/passwd", "", "", "voice_unknown", "voice"),
        ("", "xx", "", "voice_unknown", "language"),
        ("", "--help", "", "invalid_field", "language"),
        ("", "", "aiff", "invalid_field", "format"),
    ];
    for (voice, language, format, reason, field) in cases {
        let request = SynthesizeRequest {
            text: "hello".to_owned(),
            voice: voice.to_owned(),
            language: language.to_owned(),
            format: format.to_owned(),
        };
        let refused = answer(agent.voice().synthesize(agent.asks(request)).await).unwrap_err();
        assert_eq!((refused.reason(), refused.field()), (reason, Some(field)), "{voice} {language} {format}");
    }
}
