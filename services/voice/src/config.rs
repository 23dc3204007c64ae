use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use weft_config::Loader;

use crate::language;

/// The documented defaults of the service's configuration.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// The settings of section `voice`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who writes down what is said; none: nobody.
    #[serde(deserialize_with = "weft_config::optional")]
    pub transcriber: Option<Engine>,
    /// Who speaks; none: nobody.
    #[serde(deserialize_with = "weft_config::optional")]
    pub synthesizer: Option<Engine>,
    /// What is spoken where nobody says.
    pub language: String,
    /// The longest recording.
    pub max_seconds: u32,
    /// The largest recording.
    pub max_file_bytes: u64,
    /// How long writing down or speaking may take.
    pub timeout_seconds: u64,
    /// How many programs run at the same time.
    pub programs_at_once: usize,
    /// How much memory each of them may have.
    pub program_memory_mib: u64,
    /// Programs of this machine.
    pub local: Local,
    /// Google's services.
    pub google: Google,
    /// Amazon's services.
    pub aws: Aws,
    /// Services with OpenAI's audio API.
    pub openai: OpenAi,
}

/// Somebody who hears or speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Programs of this machine.
    Local,
    /// Google Cloud.
    Google,
    /// Amazon Transcribe and Polly.
    Aws,
    /// OpenAI, and who has the same API.
    OpenAi,
}

impl Engine {
    /// Its name in figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Google => "google",
            Self::Aws => "aws",
            Self::OpenAi => "openai",
        }
    }
}

/// The model that programs of this machine hear with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// The language it is made for.
    pub language: String,
    /// Its sounds.
    pub acoustic_model: PathBuf,
    /// Its sentences.
    pub language_model: PathBuf,
    /// Its words.
    pub dictionary: PathBuf,
}

/// Google's services, and how we sign in there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Google {
    /// An API key.
    #[serde(deserialize_with = "weft_config::optional")]
    pub api_key: Option<SecretString>,
    /// The key file of a service account.
    #[serde(deserialize_with = "weft_config::optional")]
    pub service_account_file: Option<PathBuf>,
    /// Where speech is heard.
    pub speech_url: Url,
    /// Where texts are spoken.
    pub synthesis_url: Url,
}

/// Amazon's services, and how we sign in there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The access key's id.
    pub access_key_id: SecretString,
    /// The access key.
    pub secret_access_key: SecretString,
    /// What belongs to a key that is good for a while only.
    #[serde(deserialize_with = "weft_config::optional")]
    pub session_token: Option<SecretString>,
    /// Like `us-east-1`.
    pub region: String,
    /// Where recordings lie while they are heard.
    pub bucket: String,
    /// Who speaks where nobody says.
    pub voice: String,
    /// What speaks.
    pub voice_engine: String,
    /// Where speech is heard; none: the region's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub transcribe_url: Option<Url>,
    /// Where texts are spoken; none: the region's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub polly_url: Option<Url>,
    /// Where the bucket is; none: the region's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub s3_url: Option<Url>,
}

/// A service with OpenAI's audio API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAi {
    /// Where it is.
    pub base_url: Url,
    /// The key; self-hosted ones need none.
    #[serde(deserialize_with = "weft_config::optional")]
    pub api_key: Option<SecretString>,
    /// What hears.
    pub hearing_model: String,
    /// What speaks.
    pub speaking_model: String,
    /// Who speaks where nobody says.
    pub voice: String,
}

impl Config {
    /// Reports what the types cannot say to the loader.
    pub fn check(&self, loader: &mut Loader) {
        for (key, text) in
            [("voice.language", &self.language), ("voice.local.language", &self.local.language)]
        {
            if !language::is_tag(text) {
                loader.fault(key, "must be a language like `en-US`");
            }
        }
        let positive = [
            ("voice.max_seconds", u64::from(self.max_seconds)),
            ("voice.max_file_bytes", self.max_file_bytes),
            ("voice.program_memory_mib", self.program_memory_mib),
            ("voice.programs_at_once", u64::try_from(self.programs_at_once).unwrap_or(u64::MAX)),
        ];
        for (key, _) in positive.into_iter().filter(|(_, value)| *value == 0) {
            loader.fault(key, "must be at least 1");
        }
        if !(1..=55).contains(&self.timeout_seconds) {
            loader.fault("voice.timeout_seconds", "must be 1 to 55, so that callers hear of it");
        }
        self.check_sign_in(loader);
    }

    /// Reports what the chosen providers need and do not have.
    fn check_sign_in(&self, loader: &mut Loader) {
        let is_chosen = |engine| [self.transcriber, self.synthesizer].contains(&Some(engine));
        let google = &self.google;
        if is_chosen(Engine::Google) && google.api_key.is_some() == google.service_account_file.is_some() {
            loader.fault("voice.google.api_key", "give either an API key or `service_account_file`");
        }
        if is_chosen(Engine::Aws) && self.aws.secret_access_key.expose_secret().is_empty() {
            loader.fault("voice.aws.secret_access_key", "is needed, with `access_key_id`");
        }
        if self.transcriber == Some(Engine::Aws) && self.aws.bucket.is_empty() {
            loader.fault("voice.aws.bucket", "is needed: recordings lie there while they are heard");
        }
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(file: &str) -> Vec<String> {
        let mut loader = Loader::from_parts(&[DEFAULTS], file, [], &[]).unwrap();
        let config: Config = loader.section("voice").unwrap();
        config.check(&mut loader);
        loader.finish().err().into_iter().flat_map(|faults| faults.0).map(|fault| fault.key).collect()
    }

    #[test]
    fn the_defaults_are_a_valid_configuration_and_wrong_values_are_named() {
        assert_eq!(faults(""), [""; 0]);
        let wrong = "[voice]\nlanguage = \"../en\"\nmax_seconds = 0\ntimeout_seconds = 56";
        assert_eq!(faults(wrong), ["voice.language", "voice.max_seconds", "voice.timeout_seconds"]);
        let nobody = "[voice]\ntranscriber = \"aws\"\nsynthesizer = \"google\"";
        let missing = ["voice.google.api_key", "voice.aws.secret_access_key", "voice.aws.bucket"];
        assert_eq!(faults(nobody), missing);
    }
}
