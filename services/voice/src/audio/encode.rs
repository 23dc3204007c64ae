use bytes::Bytes;
use weft_domain::{Error, Result};

use super::{Format, Recording, decode};
use crate::programs::Programs;

const PROGRAM: &str = "ffmpeg";
/// More than anybody speaks of the longest text.
const LONGEST: u32 = 1_800;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Makes a file of the wanted format of a WAV file that a program spoke into.
pub(crate) async fn run(programs: &Programs, spoken: Bytes, format: Format) -> Result<Bytes> {
    let codec: &[&str] = match format {
        Format::Ogg => &["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"],
        Format::Mp3 => &["-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"],
        Format::Wav => {
            let spoken = Recording { mime: "audio/wav".to_owned(), bytes: spoken };
            return decode::run(programs, &spoken, LONGEST).await?.wav();
        }
    };
    let turn = programs.turn().await?;
    turn.write(decode::INPUT, &spoken).await?;
    let input = [
        "-nostdin",
        "-v",
        "quiet",
        "-threads",
        "1",
        "-protocol_whitelist",
        "file",
        "-f",
        "wav",
        "-i",
        decode::INPUT,
        "-ac",
        "1",
    ];
    let arguments = input.iter().chain(codec).chain(&["pipe:1"]);
    let encoded = turn.run(PROGRAM, arguments, &[], MOST_BYTES).await;
    let encoded = encoded.map_err(|failure| {
        failure.fault(PROGRAM).unwrap_or_else(|| Error::internal("the speech could not be encoded"))
    })?;
    Ok(encoded.into())
}
