//! Google Cloud Speech-to-Text v1 and Text-to-Speech v1.

mod sign_in;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use weft_domain::{Clock, Error, Result};
use weft_http::{Client, Request};

use super::{Heard, Script, Segment, provider};
use crate::{
    audio::{Format, Pcm},
    config,
};
use sign_in::SignIn;

const NAME: &str = "Google";
/// The longest recording that is heard at once.
const MOST_SECONDS: u32 = 60;
/// The longest text that is spoken at once.
const MOST_TEXT: usize = 5_000;

/// Google's two services.
pub(crate) struct Google {
    config: config::Google,
    http: Client,
    sign_in: SignIn,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(default)]
    alternatives: Vec<Alternative>,
    #[serde(default)]
    result_end_time: String,
}

#[derive(Deserialize)]
struct Alternative {
    #[serde(default)]
    transcript: String,
    confidence: Option<f64>,
    #[serde(default)]
    words: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Word {
    #[serde(default)]
    start_time: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spoken {
    audio_content: String,
}

impl Google {
    pub(crate) fn new(config: config::Google, http: Client, clock: Arc<dyn Clock>) -> Self {
        let sign_in = SignIn::new(config.service_account_file.clone(), http.clone(), clock);
        Self { config, http, sign_in }
    }

    /// Hears what is said.
    pub(crate) async fn hear(&self, sound: &Pcm, spoken: &str) -> Result<Heard> {
        provider::at_most(sound.seconds(), MOST_SECONDS)?;
        let body = json!({
            "config": {
                "encoding": "LINEAR16", "sampleRateHertz": 16_000, "languageCode": spoken, "maxAlternatives": 1,
                "enableWordTimeOffsets": true, "enableAutomaticPunctuation": true, "audioChannelCount": 1,
            },
            "audio": {"content": STANDARD.encode(sound.wav()?)},
        });
        let answer = self.call(&self.config.speech_url, "/v1/speech:recognize", &body).await?;
        let answer: Answer = provider::read(NAME, &answer)?;
        let parts = answer.results.iter().filter_map(|part| Some((part, part.alternatives.first()?)));
        let parts: Vec<(&Part, &Alternative)> = parts.collect();
        let sure: Vec<f64> =
            parts.iter().filter_map(|(_, best)| best.confidence).filter(|sure| *sure > 0.0).collect();
        let count = u32::try_from(sure.len()).unwrap_or(u32::MAX);
        Ok(Heard {
            text: parts.iter().map(|(_, best)| best.transcript.trim()).collect::<Vec<_>>().join(" "),
            language: spoken.to_owned(),
            confidence: (count > 0).then(|| sure.iter().sum::<f64>() / f64::from(count)),
            segments: parts.iter().map(|(part, best)| segment(part, best)).collect(),
            seconds: 0.0,
        })
    }

    /// Speaks a text.
    pub(crate) async fn speak(&self, script: &Script<'_>) -> Result<Bytes> {
        if script.text.len() > MOST_TEXT {
            let words = format!("`text` must be at most {MOST_TEXT} bytes long");
            return Err(Error::invalid("too_long", words).with_field("text"));
        }
        let encoding = match script.format {
            Format::Ogg => "OGG_OPUS",
            Format::Mp3 => "MP3",
            Format::Wav => "LINEAR16",
        };
        let mut voice = json!({"languageCode": script.language});
        if let (Some(name), Some(fields)) = (script.voice, voice.as_object_mut()) {
            fields.insert("name".to_owned(), name.into());
        }
        let body = json!({"input": {"text": script.text}, "voice": voice, "audioConfig": {"audioEncoding": encoding}});
        let answer = self.call(&self.config.synthesis_url, "/v1/text:synthesize", &body).await?;
        let spoken: Spoken = provider::read(NAME, &answer)?;
        STANDARD
            .decode(spoken.audio_content)
            .map(Bytes::from)
            .map_err(|error| provider::away(NAME).with_source(error))
    }

    async fn call(&self, base: &Url, path: &'static str, body: &Value) -> Result<weft_http::Response> {
        let url = format!("{}{path}", base.as_str().trim_end_matches('/'));
        let request = Request::post(&url).template(path).json(body);
        let request = match &self.config.api_key {
            Some(key) => sign_in::with_key(request, key),
            None => self.sign_in.sign(request).await?,
        };
        provider::call(&self.http, NAME, request).await
    }
}

fn segment(part: &Part, best: &Alternative) -> Segment {
    let start = best.words.first().map_or(0.0, |word| seconds(&word.start_time));
    Segment { start, end: seconds(&part.result_end_time), text: best.transcript.trim().to_owned() }
}

/// `2.450s` as a number.
fn seconds(text: &str) -> f64 {
    text.trim_end_matches('s').parse().unwrap_or_default()
}
