use std::sync::Arc;

use bytes::Bytes;
use tokio::time::timeout;
use weft_domain::{Clock, Error, ErrorCode, Result};
use weft_runtime::TaskSet;

use crate::{
    Config,
    audio::{Pcm, Recording, decode},
    config::Engine,
    engine::{Heard, Script, aws::Aws, google::Google, local, openai},
    metering,
    programs::Programs,
};

/// The reason when it took too long.
pub(crate) const TIMEOUT: &str = "voice_timeout";
/// Shorter than this nobody says anything.
const SHORTEST_SECONDS: f64 = 0.3;

/// Those who hear and speak, as this installation is set up.
pub(crate) struct Engines {
    config: Config,
    programs: Programs,
    http: weft_http::Client,
    google: Google,
    aws: Arc<Aws>,
}

impl Engines {
    pub(crate) fn new(
        config: Config,
        http: weft_http::Client,
        clock: Arc<dyn Clock>,
        tasks: TaskSet,
    ) -> Self {
        let programs = Programs::new(config.programs_at_once, config.program_memory_mib, config.timeout());
        let google = Google::new(config.google.clone(), http.clone(), Arc::clone(&clock));
        let aws = Arc::new(Aws::new(config.aws.clone(), http.clone(), clock, tasks));
        Self { config, programs, http, google, aws }
    }

    /// Writes down what is said in a recording.
    pub(crate) async fn hear(&self, recording: &Recording, language: &str) -> Result<Heard> {
        let engine = self.config.transcriber.ok_or_else(|| off("transcriber"))?;
        let heard = within(&self.config, async {
            let sound = decode::run(&self.programs, recording, self.config.max_seconds).await?;
            let seconds = sound.seconds();
            if seconds < SHORTEST_SECONDS {
                return Ok(Heard { language: language.to_owned(), seconds, ..Heard::default() });
            }
            let heard = self.hear_with(engine, &sound, language).await?;
            Ok(Heard { seconds, ..heard })
        });
        let heard = heard.await;
        metering::heard(engine, &heard);
        heard
    }

    async fn hear_with(&self, engine: Engine, sound: &Pcm, language: &str) -> Result<Heard> {
        match engine {
            Engine::Local => local::hear(&self.programs, &self.config.local, sound, language).await,
            Engine::Google => self.google.hear(sound, language).await,
            Engine::Aws => self.aws.hear(sound, language).await,
            Engine::OpenAi => openai::hear(&self.http, &self.config.openai, sound, language).await,
        }
    }

    /// Speaks a text into a file.
    pub(crate) async fn speak(&self, script: &Script<'_>) -> Result<Bytes> {
        let engine = self.config.synthesizer.ok_or_else(|| off("synthesizer"))?;
        let spoken = within(&self.config, async {
            match engine {
                Engine::Local => local::speak(&self.programs, script).await,
                Engine::Google => self.google.speak(script).await,
                Engine::Aws => self.aws.speak(script).await,
                Engine::OpenAi => openai::speak(&self.http, &self.config.openai, script).await,
            }
        });
        let spoken = spoken.await;
        metering::spoken(engine, &spoken);
        spoken
    }

    /// The name of who speaks.
    pub(crate) fn speaker(&self) -> &'static str {
        self.config.synthesizer.map_or("", Engine::name)
    }
}

async fn within<T>(config: &Config, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = timeout(config.timeout(), work).await;
    done.unwrap_or_else(|_elapsed| {
        let words = "it took too long; try a shorter recording or text, or try again later";
        Err(Error::new(ErrorCode::Timeout, "voice_timeout", words))
    })
}

fn off(setting: &str) -> Error {
    let words = format!("this installation has no {setting}; ask whoever runs it to set `voice.{setting}`");
    Error::precondition("voice_off", words)
}
