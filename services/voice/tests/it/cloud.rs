//! Providers, played by servers that refuse what the providers refuse.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use weft_runtime::TaskSet;

use crate::signature;

pub(crate) const KEY: &str = "canary-provider-key";
pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";

/// What the providers have seen, and how they behave.
#[derive(Default)]
pub(crate) struct Seen {
    /// The last bodies, by provider.
    pub(crate) asked: HashMap<&'static str, Value>,
    /// What lies in the bucket.
    pub(crate) bucket: HashMap<String, Vec<u8>>,
    /// What was taken out of it again.
    pub(crate) removed: usize,
    /// No job ends.
    pub(crate) never_ends: bool,
    /// Answered once instead of anything else.
    pub(crate) fault: Option<(u16, Value)>,
    /// How often a job was asked for.
    polls: usize,
}

#[derive(Clone)]
pub(crate) struct Cloud {
    pub(crate) base: String,
    pub(crate) seen: Arc<Mutex<Seen>>,
    /// Where it is served; what serves it does not hold itself.
    _tasks: Option<Arc<TaskSet>>,
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            _tasks: None,
        };
        let routes = Router::new()
            .route("/openai/audio/transcriptions", post(transcriptions))
            .route("/openai/audio/speech", post(speech))
            .route("/google/v1/speech:recognize", post(recognize))
            .route("/google/v1/text:synthesize", post(synthesize))
            .route("/google/token", post(token))
            .route("/transcribe/", post(job))
            .route("/polly/v1/speech", post(polly))
            .route("/s3/recordings/{key}", put(store).delete(remove))
            .route("/transcripts/{name}", get(transcript))
            .with_state(cloud.clone());
        let tasks = Arc::new(TaskSet::new("cloud"));
        tasks.spawn("providers", async move { axum::serve(listener, routes).await });
        Self { _tasks: Some(tasks), ..cloud }
    }

    async fn fault(&self) -> Option<Response> {
        let (status, body) = self.seen.lock().await.fault.take()?;
        Some((StatusCode::from_u16(status).unwrap(), Json(body)).into_response())
    }

    async fn note(&self, who: &'static str, body: Value) {
        self.seen.lock().await.asked.insert(who, body);
    }
}

fn has_key(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value == &format!("Bearer {KEY}"))
}

fn openai_error(status: u16, code: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(json!({"error": {"message": "no", "code": code}})))
        .into_response()
}

async fn transcriptions(
    State(cloud): State<Cloud>,
    headers: HeaderMap,
    form: axum::extract::Multipart,
) -> Response {
    let (mut form, mut fields, mut sound) = (form, json!({}), Vec::new());
    while let Some(field) = form.next_field().await.unwrap() {
        let name = field.name().unwrap().to_owned();
        if name == "file" {
            fields["file_name"] = json!(field.file_name());
            sound = field.bytes().await.unwrap().to_vec();
        } else {
            fields[name] = json!(field.text().await.unwrap());
        }
    }
    if !has_key(&headers) {
        return openai_error(401, "invalid_api_key");
    }
    if let Some(fault) = cloud.fault().await {
        return fault;
    }
    // the name's ending says what it is
    if fields["file_name"] != "recording.wav" || !sound.starts_with(b"RIFF") {
        return openai_error(400, "invalid_file_format");
    }
    cloud.note("openai", fields.clone()).await;
    if fields["response_format"] != "verbose_json" {
        return Json(json!({"text": "My router is offline.", "usage": {"type": "duration", "seconds": 3}}))
            .into_response();
    }
    let segment = |start: f64, text: &str, sure: f64, nobody: f64| {
        json!({"id": 0, "seek": 0, "start": start, "end": start + 1.0,
        "text": text, "avg_logprob": sure, "no_speech_prob": nobody})
    };
    let segments = [
        segment(0.0, " My router is offline.", 0.0, 0.01),
        segment(1.0, " Thanks for watching!", -1.5, 0.95),
    ];
    Json(json!({"text": "My router is offline. Thanks for watching!", "language": "english", "duration": 2.0, "segments": segments}))
        .into_response()
}

async fn speech(State(cloud): State<Cloud>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !has_key(&headers) {
        return openai_error(401, "invalid_api_key");
    }
    if !["mp3", "opus", "aac", "flac", "wav", "pcm"].contains(&body["response_format"].as_str().unwrap()) {
        return openai_error(400, "invalid_value");
    }
    cloud.note("openai", body).await;
    b"spoken".into_response()
}

fn google_error(status: u16, word: &str) -> Response {
    let body = json!({"error": {"code": status, "message": "no", "status": word}});
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

fn is_signed_in(headers: &HeaderMap) -> bool {
    headers.get("x-goog-api-key").is_some_and(|value| value == KEY) || has_key(headers)
}

async fn recognize(State(cloud): State<Cloud>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !is_signed_in(&headers) {
        return google_error(403, "PERMISSION_DENIED");
    }
    if let Some(fault) = cloud.fault().await {
        return fault;
    }
    let (audio, config) = (&body["audio"], &body["config"]);
    let rate = config["sampleRateHertz"].as_u64().unwrap();
    let is_whole = audio["content"].is_string() && audio["uri"].is_null();
    if !is_whole || config["encoding"] != "LINEAR16" || !(8_000..=48_000).contains(&rate) {
        return google_error(400, "INVALID_ARGUMENT");
    }
    cloud.note("google", body.clone()).await;
    let words = json!([{"startTime": "0.100s", "endTime": "0.400s", "word": "my"}]);
    let best = json!({"transcript": "my router is offline", "confidence": 0.94, "words": words});
    let second = json!({"transcript": " please help", "confidence": 0.9});
    Json(json!({"results": [
        {"alternatives": [best], "channelTag": 0, "resultEndTime": "2.450s", "languageCode": "en-us"},
        {"alternatives": [second], "resultEndTime": "3.5s"},
    ], "totalBilledTime": "3s", "requestId": "8412345678901234567"}))
    .into_response()
}

async fn synthesize(State(cloud): State<Cloud>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !is_signed_in(&headers) {
        return google_error(403, "PERMISSION_DENIED");
    }
    if body["input"]["text"].as_str().is_none_or(|text| text.len() > 5000) {
        return google_error(400, "INVALID_ARGUMENT");
    }
    cloud.note("google", body).await;
    Json(json!({"audioContent": "c3Bva2Vu"})).into_response()
}

async fn token(State(cloud): State<Cloud>, body: String) -> Response {
    cloud.note("token", json!(body)).await;
    if !body.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=") {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    }
    Json(json!({"access_token": KEY, "expires_in": 3600, "token_type": "Bearer"})).into_response()
}

fn aws_error(status: u16, name: &str) -> Response {
    let body = json!({"__type": format!("com.amazonaws#{name}"), "Message": "no"});
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn job(State(cloud): State<Cloud>, headers: HeaderMap, body: Bytes) -> Response {
    if !signature::holds("POST", "/transcribe/", "transcribe", &headers, &body) {
        return aws_error(400, "InvalidSignatureException");
    }
    if let Some(fault) = cloud.fault().await {
        return fault;
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let name = body["TranscriptionJobName"].as_str().unwrap().to_owned();
    let job = |status: &str| json!({"TranscriptionJobName": name, "TranscriptionJobStatus": status, "CreationTime": 1768469400.123});
    if headers["x-amz-target"] == "Transcribe.StartTranscriptionJob" {
        let key = body["Media"]["MediaFileUri"]
            .as_str()
            .unwrap()
            .strip_prefix("s3://recordings/")
            .unwrap()
            .to_owned();
        if !cloud.seen.lock().await.bucket[&key].starts_with(b"RIFF") || body["LanguageCode"] == "xx-XX" {
            return aws_error(400, "BadRequestException");
        }
        cloud.note("aws", body).await;
        return Json(json!({"TranscriptionJob": job("IN_PROGRESS")})).into_response();
    }
    assert_eq!(headers["x-amz-target"], "Transcribe.GetTranscriptionJob");
    let is_on_the_way = {
        let mut seen = cloud.seen.lock().await;
        seen.polls += 1;
        seen.polls == 1 || seen.never_ends
    };
    if is_on_the_way {
        return Json(json!({"TranscriptionJob": job("IN_PROGRESS")})).into_response();
    }
    let mut done = job("COMPLETED");
    done["Transcript"] = json!({"TranscriptFileUri": format!("{}/transcripts/{name}", cloud.base)});
    Json(json!({"TranscriptionJob": done})).into_response()
}

async fn transcript(Path(name): Path<String>) -> Response {
    let item = |start: &str, end: &str, sure: &str, word: &str| {
        json!({"type": "pronunciation", "start_time": start, "end_time": end,
        "alternatives": [{"confidence": sure, "content": word}]})
    };
    let stop = json!({"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": "."}]});
    Json(json!({"jobName": name, "status": "COMPLETED", "results": {
        "transcripts": [{"transcript": "My router is offline."}],
        "items": [item("0.1", "0.4", "0.99", "My"), item("0.4", "1.2", "0.97", "router"), stop],
    }}))
    .into_response()
}

async fn polly(State(cloud): State<Cloud>, headers: HeaderMap, body: Bytes) -> Response {
    if !signature::holds("POST", "/polly/v1/speech", "polly", &headers, &body) {
        return aws_error(403, "InvalidSignatureException");
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let formats = ["json", "mp3", "ogg_opus", "ogg_vorbis", "pcm", "mulaw", "alaw"];
    if !formats.contains(&body["OutputFormat"].as_str().unwrap()) || body["VoiceId"] == "Nobody" {
        let header = [("x-amzn-errortype", "EngineNotSupportedException")];
        return (StatusCode::BAD_REQUEST, header, Json(json!({"message": "no"}))).into_response();
    }
    let spoken = if body["OutputFormat"] == "pcm" { vec![0; 64] } else { b"spoken".to_vec() };
    cloud.note("aws", body).await;
    ([("content-type", "audio/mpeg"), ("x-amzn-requestcharacters", "5")], spoken).into_response()
}

async fn store(
    State(cloud): State<Cloud>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !signature::holds("PUT", &format!("/s3/recordings/{key}"), "s3", &headers, &body) {
        return StatusCode::FORBIDDEN.into_response();
    }
    cloud.seen.lock().await.bucket.insert(key, body.to_vec());
    StatusCode::OK.into_response()
}

async fn remove(
    State(cloud): State<Cloud>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !signature::holds("DELETE", &format!("/s3/recordings/{key}"), "s3", &headers, &body) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut seen = cloud.seen.lock().await;
    seen.bucket.remove(&key);
    seen.removed += 1;
    StatusCode::NO_CONTENT.into_response()
}
