use weft_domain::{Error, ErrorCode, Result};

use super::{Pcm, Recording, pcm};
use crate::programs::{Failure, Programs};

const PROGRAM: &str = "ffmpeg";
/// Where the recording lies for the program.
pub(super) const INPUT: &str = "recording";

/// Makes sound of a recording of at most `max_seconds`. The container is told and not guessed, so that nothing in a file can
/// lead the program to other files; it opens no network either.
pub(crate) async fn run(programs: &Programs, recording: &Recording, max_seconds: u32) -> Result<Pcm> {
    let container = container(&recording.mime).ok_or_else(|| {
        Error::invalid(
            "not_audio",
            "this file is no recording that could be heard; send OGG, MP3, M4A, WAV, FLAC, AMR or WebM",
        )
        .with_field("file_id")
    })?;
    let turn = programs.turn().await?;
    turn.write(INPUT, &recording.bytes).await?;
    // a second more than allowed shows that it is too long
    let (cut, rate) = ((max_seconds + 1).to_string(), pcm::RATE.to_string());
    let arguments = [
        "-nostdin",
        "-v",
        "quiet",
        "-threads",
        "1",
        "-protocol_whitelist",
        "file",
        "-f",
        container,
        "-i",
        INPUT,
        "-map",
        "0:a:0",
        "-t",
        &cut,
        "-ac",
        "1",
        "-ar",
        &rate,
        "-c:a",
        "pcm_s16le",
        "-f",
        "s16le",
        "pipe:1",
    ];
    let longest = usize::try_from(max_seconds).unwrap_or(usize::MAX);
    let most = longest.saturating_add(2).saturating_mul(pcm::BYTES_PER_SECOND);
    let decoded = turn.run(PROGRAM, arguments, &[], most).await;
    let sound = Pcm::read(&decoded.map_err(explain)?);
    if sound.seconds() > f64::from(max_seconds) {
        let words = format!("the recording is longer than {max_seconds} seconds");
        return Err(Error::new(ErrorCode::TooLarge, "recording_too_long", words).with_field("file_id"));
    }
    Ok(sound)
}

fn explain(failure: Failure) -> Error {
    failure.fault(PROGRAM).unwrap_or_else(|| {
        let words = "the recording is damaged, or holds no sound that could be heard; record it again";
        Error::invalid("recording_unreadable", words).with_field("file_id")
    })
}

/// How the program calls the containers that recordings come in.
fn container(mime: &str) -> Option<&'static str> {
    let bare = mime.split(';').next().unwrap_or_default().trim();
    Some(match bare {
        "audio/ogg" | "audio/opus" | "application/ogg" | "video/ogg" => "ogg",
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/wav" | "audio/x-wav" | "audio/vnd.wave" => "wav",
        "audio/flac" | "audio/x-flac" => "flac",
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" | "video/mp4" | "audio/3gpp" | "video/3gpp"
        | "video/quicktime" => "mov",
        "audio/aac" => "aac",
        "audio/amr" => "amr",
        "audio/webm" | "video/webm" | "video/x-matroska" => "matroska",
        _ => return None,
    })
}
