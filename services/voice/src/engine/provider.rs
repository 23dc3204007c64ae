//! What is the same with every provider on the network.

use std::time::Duration;

use weft_domain::{Error, ErrorCode, Result};
use weft_http::{Client, Request, Response, StatusCode};

/// Speech of the longest text.
pub(super) const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Makes a call; an answer that is no success is an error that says whose it is to mend.
pub(super) async fn call(http: &Client, name: &'static str, request: Request) -> Result<Response> {
    let sent = http.send(request.host_class(name).max_body(MOST_BYTES)).await;
    let answer = sent.map_err(|error| away(name).with_source(error))?;
    match answer.status {
        status if status.is_success() => Ok(answer),
        StatusCode::TOO_MANY_REQUESTS => {
            let words = format!("{name} asks to slow down; try again later");
            let error = Error::new(ErrorCode::Throttled, "voice_provider_busy", words);
            Err(error.with_retry_after(retry_after(&answer)))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(refused(name)),
        status if status.is_server_error() => Err(away(name)),
        status => Err(rejected(name).with_source(format!("status {status}"))),
    }
}

/// Reads JSON; the error holds nothing of it.
pub(super) fn read<T: serde::de::DeserializeOwned>(name: &str, answer: &Response) -> Result<T> {
    answer.json().map_err(|error| away(name).with_source(error))
}

/// The provider does not take our word: an operator has to look at it, and until then it is as if it were away.
pub(super) fn refused(name: &str) -> Error {
    let words = format!("{name} does not accept the credentials; ask whoever runs this installation");
    Error::new(ErrorCode::Unavailable, "voice_provider_refused", words)
}

/// The provider does not take what it was given.
pub(super) fn rejected(name: &str) -> Error {
    let words = format!("{name} does not take this; another language, voice or recording may do");
    Error::invalid("voice_provider_rejected", words)
}

/// The provider cannot be had.
pub(super) fn away(name: &str) -> Error {
    let words = format!("{name} does not answer as it should; try again later");
    Error::new(ErrorCode::Unavailable, "voice_provider_away", words)
}

/// The longest recording the provider takes.
pub(super) fn at_most(seconds: f64, most: u32) -> Result<()> {
    if seconds <= f64::from(most) {
        return Ok(());
    }
    let words = format!("the recording is longer than {most} seconds");
    Err(Error::new(ErrorCode::TooLarge, "recording_too_long", words).with_field("file_id"))
}

fn retry_after(answer: &Response) -> Duration {
    let given = answer.headers.get(weft_http::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    Duration::from_secs(given.and_then(|text| text.parse().ok()).unwrap_or(5))
}
