//! Programs of this machine: `pocketsphinx` hears, `espeak-ng` speaks.

mod transcript;

use bytes::Bytes;
use weft_domain::{Error, ErrorCode, Result};

use super::{Heard, Script};
use crate::{
    audio::{Pcm, encode},
    config::Local,
    language,
    programs::{Failure, Programs},
};

const HEARS: &str = "pocketsphinx_continuous";
const SPEAKS: &str = "espeak-ng";
/// A little slower than usual: it is also heard over the telephone.
const WORDS_A_MINUTE: &str = "160";
const SOUND: &str = "sound.wav";
const MOST_WORDS: usize = 1024 * 1024;
const MOST_SOUND: usize = 64 * 1024 * 1024;

/// Hears what is said in the model's language.
pub(crate) async fn hear(programs: &Programs, model: &Local, sound: &Pcm, spoken: &str) -> Result<Heard> {
    if language::primary(spoken) != language::primary(&model.language) {
        let words = format!("only `{}` can be written down here", model.language);
        return Err(Error::invalid("language_unsupported", words).with_field("language"));
    }
    for part in [&model.acoustic_model, &model.language_model, &model.dictionary] {
        if !tokio::fs::try_exists(part).await.unwrap_or_default() {
            let words =
                "the language model of `voice.local` is not installed; ask whoever runs this installation";
            return Err(Error::new(ErrorCode::Unavailable, "model_missing", words));
        }
    }
    let turn = programs.turn().await?;
    turn.write(SOUND, sound.wav()?).await?;
    let arguments = [
        "-infile".as_ref(),
        SOUND.as_ref(),
        "-hmm".as_ref(),
        model.acoustic_model.as_os_str(),
        "-lm".as_ref(),
        model.language_model.as_os_str(),
        "-dict".as_ref(),
        model.dictionary.as_os_str(),
        "-time".as_ref(),
        "yes".as_ref(),
        "-logfn".as_ref(),
        "/dev/null".as_ref(),
    ];
    let said = turn.run(HEARS, arguments, &[], MOST_WORDS).await;
    let said =
        said.map_err(|failure| failure.fault(HEARS).unwrap_or_else(|| Error::internal("nothing was heard")))?;
    Ok(transcript::read(&String::from_utf8_lossy(&said), spoken))
}

/// Speaks a text.
pub(crate) async fn speak(programs: &Programs, script: &Script<'_>) -> Result<Bytes> {
    let usual = script.language.to_ascii_lowercase();
    let voice = script.voice.unwrap_or(&usual);
    // a name with a path would be read as a file
    if !voice.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte)) {
        return Err(no_voice(script));
    }
    let arguments = ["-v", voice, "-b", "1", "-s", WORDS_A_MINUTE, "--stdin", "--stdout"];
    // the turn ends here: encoding takes one of its own
    let spoken = programs.turn().await?.run(SPEAKS, arguments, script.text.as_bytes(), MOST_SOUND).await;
    let spoken = spoken.map_err(|failure| match failure {
        Failure::Failed => no_voice(script),
        other => other.fault(SPEAKS).unwrap_or_else(|| Error::internal("the speech is too long")),
    })?;
    encode::run(programs, spoken.into(), script.format).await
}

fn no_voice(script: &Script<'_>) -> Error {
    let (field, what) = match script.voice {
        Some(_) => ("voice", "voice"),
        None => ("language", "voice for this language"),
    };
    Error::invalid("voice_unknown", format!("there is no such {what}")).with_field(field)
}
