use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rstest::rstest;
use serde_json::json;
use weft_domain::ErrorCode;
use weft_proto::{
    conversation::v1::{Message, message::Direction},
    voice::v1::SynthesizeRequest,
};

use crate::{
    cloud::{Cloud, KEY, KEY_ID},
    rig::{Engine, PATIENCE, Rig, SENTENCE, answer, config, spoken},
    world::voice,
};

/// A service account's key, as its file holds it.
fn service_key() -> String {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()))
}

/// A service whose speech is all with one provider.
async fn rig(provider: &str, cloud: &Cloud, key: &str) -> Rig {
    patient_rig(provider, cloud, key, 50).await
}

async fn patient_rig(provider: &str, cloud: &Cloud, key: &str, seconds: u32) -> Rig {
    let base = &cloud.base;
    let text = format!(
        "[voice]\ntimeout_seconds = {seconds}\ntranscriber = \"{provider}\"\nsynthesizer = \"{provider}\"\n\
         [voice.openai]\nbase_url = \"{base}/openai\"\napi_key = \"{key}\"\n\
         [voice.google]\napi_key = \"{key}\"\nspeech_url = \"{base}/google\"\nsynthesis_url = \"{base}/google/\"\n\
         [voice.aws]\naccess_key_id = \"{KEY_ID}\"\nsecret_access_key = \"{key}\"\nregion = \"eu-central-1\"\n\
         bucket = \"recordings\"\ntranscribe_url = \"{base}/transcribe\"\npolly_url = \"{base}/polly\"\ns3_url = \"{base}/s3\"\n"
    );
    Rig::with(Engine::Sqlite, config(&text)).await
}

#[rstest]
#[case("openai", "My router is offline.", 1.0)]
#[case("google", "my router is offline please help", 0.92)]
#[case("aws", "My router is offline.", 0.98)]
#[tokio::test(flavor = "multi_thread")]
async fn each_provider_hears_and_speaks(#[case] provider: &str, #[case] text: &str, #[case] sure: f64) {
    let cloud = Cloud::start().await;
    let rig = rig(provider, &cloud, KEY).await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let heard = agent.transcribe(&file, "de-DE").await.unwrap();
    assert_eq!((heard.text.as_str(), heard.language.as_str()), (text, "de-DE"));
    assert!((heard.confidence.unwrap() - sure).abs() < 0.001, "{heard:?}");
    assert!(heard.segments[0].end > heard.segments[0].start, "{heard:?}");
    let asked = cloud.seen.lock().await.asked.remove(provider).unwrap();
    assert!(asked.to_string().contains(if provider == "openai" { "\"de\"" } else { "\"de-DE\"" }), "{asked}");

    for (format, begins) in [("mp3", b"spoken".as_slice()), ("ogg", b"spoken"), ("wav", b"")] {
        let said = agent.synthesize("Hello", format).await.unwrap();
        let (_, bytes) = rig.world.file(&agent.tenant.to_string(), &said.file.unwrap().id).await;
        assert!(bytes.starts_with(begins), "{format}");
    }
    let seen = cloud.seen.lock().await;
    assert!(seen.bucket.is_empty(), "what was heard lies in the bucket no more");
    assert_eq!(seen.removed, usize::from(provider == "aws"));
}

#[rstest]
#[case("openai")]
#[case("google")]
#[case("aws")]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_to_those_who_can_mend_it_and_never_shown(#[case] provider: &str) {
    let cloud = Cloud::start().await;
    let rig = rig(provider, &cloud, "canary-wrong-key").await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    for refused in
        [agent.transcribe(&file, "").await.unwrap_err(), agent.synthesize("Hello", "mp3").await.unwrap_err()]
    {
        assert_eq!((refused.code(), refused.reason()), (ErrorCode::Unavailable, "voice_provider_refused"));
        assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
    }
}

#[rstest]
#[case("openai", 429, json!({"error": {"code": "rate_limit_exceeded"}}), "voice_provider_busy")]
#[case("openai", 500, json!({}), "voice_provider_away")]
#[case("openai", 200, json!("no"), "voice_provider_away")]
#[case("google", 400, json!({"error": {"status": "INVALID_ARGUMENT"}}), "voice_provider_rejected")]
#[case("google", 503, json!({"error": {"status": "UNAVAILABLE"}}), "voice_provider_away")]
#[case("aws", 400, json!({"__type": "ThrottlingException"}), "voice_provider_away")]
#[case("aws", 400, json!({"__type": "x#BadRequestException"}), "voice_provider_rejected")]
#[tokio::test(flavor = "multi_thread")]
async fn a_providers_fault_is_told_apart(
    #[case] provider: &str,
    #[case] status: u16,
    #[case] body: serde_json::Value,
    #[case] reason: &str,
) {
    let cloud = Cloud::start().await;
    let rig = rig(provider, &cloud, KEY).await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    cloud.seen.lock().await.fault = Some((status, body));
    assert_eq!(agent.transcribe(&file, "").await.unwrap_err().reason(), reason);
    assert!(cloud.seen.lock().await.bucket.is_empty());
    agent.transcribe(&file, "").await.unwrap();
}

/// Waits until so many recordings were taken out of the bucket.
async fn removed(cloud: &Cloud, count: usize) {
    weft_testkit::eventually(&format!("{count} recordings are removed"), PATIENCE, async || {
        let seen = cloud.seen.lock().await;
        (seen.removed == count && seen.bucket.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_nobody_waits_for_any_more_lies_in_no_bucket() {
    let cloud = Cloud::start().await;
    cloud.seen.lock().await.never_ends = true;
    let rig = patient_rig("aws", &cloud, KEY, 2).await;
    let agent = rig.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    assert_eq!(agent.transcribe(&file, "").await.unwrap_err().reason(), "voice_timeout");
    removed(&cloud, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_tried_three_times_and_then_no_more() {
    let cloud = Cloud::start().await;
    cloud.seen.lock().await.never_ends = true;
    let rig = patient_rig("aws", &cloud, KEY, 2).await;
    let agent = rig.agent();
    agent.switch_on().await;
    let tenant = agent.tenant.to_string();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let first = rig.world.voice_message(&tenant, &file).await;
    removed(&cloud, 3).await;
    cloud.seen.lock().await.never_ends = false;
    // behind it in the same conversation, so it is heard only once the first is done with
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let message = rig.world.message(&first.conversation_id, Direction::Inbound, "").await;
    let second = Message { attachments: vec![voice(&file)], ..message };
    rig.world.tell(&tenant, "updated", &second).await;
    let kept = weft_testkit::eventually("a transcript", PATIENCE, async || {
        let state = rig.world.state.lock().await;
        let all: Vec<String> = state.kept.iter().map(|one| one.message_id.clone()).collect();
        (!all.is_empty()).then_some(all)
    });
    assert_eq!(kept.await, [second.id]);
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_no_error_and_a_voice_that_is_not_there_is() {
    let cloud = Cloud::start().await;
    let google = rig("google", &cloud, KEY).await;
    let agent = google.agent();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    cloud.seen.lock().await.fault = Some((200, json!({})));
    assert_eq!(agent.transcribe(&file, "").await.unwrap().text, "");
    let aws = rig("aws", &cloud, KEY).await;
    let agent = aws.agent();
    let request =
        SynthesizeRequest { text: "Hello".into(), voice: "Nobody".into(), ..SynthesizeRequest::default() };
    let refused = answer(agent.voice().synthesize(agent.asks(request)).await).unwrap_err();
    assert_eq!(refused.reason(), "voice_provider_rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_signs_in_once_for_many_calls() {
    let cloud = Cloud::start().await;
    let folder = weft_testkit::temp_dir();
    let path = folder.path().join("account.json");
    let account = json!({"type": "service_account", "client_email": "voice@example.test", "private_key_id": "k1",
        "private_key": service_key(), "token_uri": format!("{}/google/token", cloud.base)});
    std::fs::write(&path, account.to_string()).unwrap();
    let text = format!(
        "[voice]\nsynthesizer = \"google\"\n[voice.google]\nservice_account_file = \"{}\"\nsynthesis_url = \"{}/google\"\n",
        path.display(),
        cloud.base
    );
    let rig = Rig::with(Engine::Sqlite, config(&text)).await;
    let agent = rig.agent();
    agent.synthesize("Hello", "mp3").await.unwrap();
    let form = cloud.seen.lock().await.asked.remove("token").unwrap();
    assert_eq!(
        form.as_str().unwrap().split("assertion=").nth(1).unwrap().split('.').count(),
        3,
        "a signed token"
    );
    agent.synthesize("Hello again", "mp3").await.unwrap();
    assert!(!cloud.seen.lock().await.asked.contains_key("token"), "the first token still holds");
}
