//! Amazon Transcribe, which hears what lies in a bucket, and Polly.

mod answer;
mod signed;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::sleep};
use uuid::Uuid;
use weft_domain::{Clock, Error, Result};
use weft_http::{Client, Method, Request, Response, StatusCode};
use weft_runtime::TaskSet;

use super::{Heard, Script, provider};
use crate::{
    audio::{Format, Pcm},
    config,
};
use signed::{Call, Signer};

const NAME: &str = "Amazon";
/// How often is asked whether a recording has been heard.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Amazon's two services.
pub(crate) struct Aws {
    config: config::Aws,
    http: Client,
    signer: Signer,
    tasks: TaskSet,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobAnswer {
    transcription_job: Job,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Job {
    transcription_job_status: String,
    transcript: Option<Place>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Place {
    transcript_file_uri: String,
}

impl Aws {
    pub(crate) fn new(config: config::Aws, http: Client, clock: Arc<dyn Clock>, tasks: TaskSet) -> Self {
        let signer = Signer::new(&config, clock);
        Self { config, http, signer, tasks }
    }

    /// Hears what is said: the recording lies in the bucket as long as that takes, or as long as somebody waits for it.
    pub(crate) async fn hear(self: &Arc<Self>, sound: &Pcm, spoken: &str) -> Result<Heard> {
        let (aws, wav, spoken) = (Arc::clone(self), sound.wav()?, spoken.to_owned());
        let (mut done, heard) = oneshot::channel();
        self.tasks.spawn("hear at Amazon", async move {
            let name = format!("weft-{}", Uuid::now_v7());
            let key = format!("{name}.wav");
            let heard = tokio::select! {
                heard = aws.hear_in_bucket(&name, &key, wav, &spoken) => heard,
                () = done.closed() => Err(provider::away(NAME)),
            };
            if let Err(error) = aws.bucket(Method::DELETE, &key, Bytes::new()).await {
                tracing::warn!(error = %error, "a recording stays in the bucket");
            }
            // nobody waits for it any more
            drop(done.send(heard));
        });
        heard.await.map_err(Error::internal)?
    }

    async fn hear_in_bucket(&self, name: &str, key: &str, wav: Bytes, spoken: &str) -> Result<Heard> {
        self.bucket(Method::PUT, key, wav).await?;
        let job = json!({
            "TranscriptionJobName": name, "LanguageCode": spoken, "MediaFormat": "wav",
            "Media": {"MediaFileUri": format!("s3://{}/{key}", self.config.bucket)},
        });
        self.job("StartTranscriptionJob", &job).await?;
        loop {
            let job = self.job("GetTranscriptionJob", &json!({"TranscriptionJobName": name})).await?;
            let job = provider::read::<JobAnswer>(NAME, &job)?.transcription_job;
            match (job.transcription_job_status.as_str(), job.transcript) {
                ("COMPLETED", Some(place)) => {
                    // its address is signed already
                    let request = Request::get(&place.transcript_file_uri).template("/transcript");
                    let answer = provider::call(&self.http, NAME, request).await?;
                    return answer::heard(provider::read(NAME, &answer)?, spoken);
                }
                ("COMPLETED", None) => return Err(provider::away(NAME)),
                ("FAILED", _) => return Err(provider::rejected(NAME)),
                _ => sleep(ASK_EVERY).await,
            }
        }
    }

    /// Speaks a text.
    pub(crate) async fn speak(&self, script: &Script<'_>) -> Result<Bytes> {
        let (format, rate) = match script.format {
            Format::Ogg => ("ogg_opus", None),
            Format::Mp3 => ("mp3", None),
            Format::Wav => ("pcm", Some("16000")),
        };
        let mut body = json!({
            "OutputFormat": format, "Text": script.text, "TextType": "text",
            "VoiceId": script.voice.unwrap_or(&self.config.voice), "Engine": self.config.voice_engine,
        });
        if let (Some(rate), Some(fields)) = (rate, body.as_object_mut()) {
            fields.insert("SampleRate".to_owned(), rate.into());
        }
        let url = format!("{}/v1/speech", self.place("polly", self.config.polly_url.as_ref()));
        let call =
            Call { service: "polly", method: Method::POST, url, kind: "application/json", target: None };
        let spoken = self.call(call, body.to_string().into()).await?.body;
        if script.format == Format::Wav { Pcm::read(&spoken).wav() } else { Ok(spoken) }
    }

    async fn job(&self, action: &str, body: &Value) -> Result<Response> {
        let call = Call {
            service: "transcribe",
            method: Method::POST,
            url: format!("{}/", self.place("transcribe", self.config.transcribe_url.as_ref())),
            kind: "application/x-amz-json-1.1",
            target: Some(format!("Transcribe.{action}")),
        };
        self.call(call, body.to_string().into()).await
    }

    async fn bucket(&self, method: Method, key: &str, body: Bytes) -> Result<Response> {
        let url = format!("{}/{}/{key}", self.place("s3", self.config.s3_url.as_ref()), self.config.bucket);
        let call = Call { service: "s3", method, url, kind: "audio/wav", target: None };
        self.call(call, body).await
    }

    fn place(&self, service: &str, own: Option<&url::Url>) -> String {
        match own {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("https://{service}.{}.amazonaws.com", self.config.region),
        }
    }

    async fn call(&self, call: Call, body: Bytes) -> Result<Response> {
        let request = self.signer.sign(call, body)?;
        let sent = self.http.send(request.host_class(NAME).max_body(provider::MOST_BYTES)).await;
        let answer = sent.map_err(|error| provider::away(NAME).with_source(error))?;
        match (answer.status, answer::fault(&answer).as_str()) {
            (status, _) if status.is_success() => Ok(answer),
            (_, "ThrottlingException" | "LimitExceededException" | "InternalFailureException") => {
                Err(provider::away(NAME))
            }
            (_, "UnrecognizedClientException" | "InvalidSignatureException" | "AccessDeniedException") => {
                Err(provider::refused(NAME))
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Err(provider::refused(NAME)),
            (status, _) if status.is_server_error() => Err(provider::away(NAME)),
            (_, fault) => Err(provider::rejected(NAME).with_source(fault.to_owned())),
        }
    }
}
