//! OpenAI's audio API: hosted there, or wherever somebody has the same.

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use weft_domain::Result;
use weft_http::{Client, Multipart, Request};

use super::{Heard, Script, Segment, provider};
use crate::{
    audio::{Format, Pcm},
    config::OpenAi,
    language,
};

const NAME: &str = "OpenAI";
/// What is said of a segment in which the model made words up: it heard nobody, and is not sure of what it wrote.
const NOBODY_SPEAKS: f64 = 0.8;
const UNSURE: f64 = -1.0;

#[derive(Deserialize)]
struct Answer {
    text: String,
    #[serde(default)]
    segments: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    start: f64,
    end: f64,
    text: String,
    #[serde(default)]
    avg_logprob: f64,
    #[serde(default)]
    no_speech_prob: f64,
}

impl Part {
    fn is_said(&self) -> bool {
        self.no_speech_prob <= NOBODY_SPEAKS || self.avg_logprob >= UNSURE
    }
}

/// Hears what is said.
pub(crate) async fn hear(http: &Client, config: &OpenAi, sound: &Pcm, spoken: &str) -> Result<Heard> {
    // only this family tells what was said when
    let is_verbose = config.hearing_model.starts_with("whisper");
    let form = Multipart::new()
        .text("model", &config.hearing_model)
        .text("language", language::primary(spoken))
        .text("response_format", if is_verbose { "verbose_json" } else { "json" })
        .file("file", "recording.wav", "audio/wav", sound.wav()?);
    let request = request(config, "/audio/transcriptions").multipart(form);
    let answer: Answer = provider::read(NAME, &provider::call(http, NAME, request).await?)?;
    let said: Vec<&Part> = answer.segments.iter().filter(|part| part.is_said()).collect();
    let text = if answer.segments.is_empty() {
        answer.text.trim().to_owned()
    } else {
        said.iter().map(|part| part.text.trim()).collect::<Vec<_>>().join(" ")
    };
    let count = u32::try_from(said.len()).unwrap_or(u32::MAX);
    let sure = said.iter().map(|part| part.avg_logprob.exp().min(1.0)).sum::<f64>();
    Ok(Heard {
        text,
        language: spoken.to_owned(),
        confidence: (count > 0).then(|| sure / f64::from(count)),
        segments: said
            .iter()
            .map(|part| Segment { start: part.start, end: part.end, text: part.text.trim().to_owned() })
            .collect(),
        seconds: 0.0,
    })
}

/// Speaks a text.
pub(crate) async fn speak(http: &Client, config: &OpenAi, script: &Script<'_>) -> Result<Bytes> {
    let format = match script.format {
        Format::Ogg => "opus",
        Format::Mp3 => "mp3",
        Format::Wav => "wav",
    };
    let body = json!({
        "model": config.speaking_model,
        "input": script.text,
        "voice": script.voice.unwrap_or(&config.voice),
        "response_format": format,
    });
    Ok(provider::call(http, NAME, request(config, "/audio/speech").json(&body)).await?.body)
}

fn request(config: &OpenAi, path: &'static str) -> Request {
    let url = format!("{}{path}", config.base_url.as_str().trim_end_matches('/'));
    let request = Request::post(&url).template(path);
    match &config.api_key {
        Some(key) => request.bearer(key.expose_secret()),
        None => request,
    }
}
