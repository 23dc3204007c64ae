use serde::Deserialize;
use weft_channel::{ProviderReply, SendError};

/// What the graph refuses a call with.
#[derive(Debug, Default, Deserialize)]
pub struct Refusal {
    /// The kind of error.
    pub code: i64,
    /// The kind within the kind.
    #[serde(rename = "error_subcode")]
    pub subcode: Option<i64>,
    /// Meta's own words.
    #[serde(default)]
    pub message: String,
    /// Whether Meta thinks that it would work later.
    #[serde(default)]
    pub is_transient: bool,
    error_data: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    details: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: Refusal,
}

impl Refusal {
    /// The most particular words of Meta.
    pub fn words(&self) -> &str {
        let details = self.error_data.as_ref().and_then(|data| data.details.as_deref());
        details.filter(|details| !details.is_empty()).unwrap_or(&self.message)
    }

    /// Its name, like `190` or `10/2018278`.
    pub fn name(&self) -> String {
        match self.subcode {
            Some(subcode) => format!("{}/{subcode}", self.code),
            None => self.code.to_string(),
        }
    }
}

/// Explains an answer that is not a success. The status says little: what Meta means is in the code, and `meaning` knows it.
pub fn explain(reply: &ProviderReply, meaning: impl FnOnce(&Refusal) -> Option<SendError>) -> SendError {
    let Ok(Refused { error }) = reply.json() else { return reply.error_of_status() };
    match meaning(&error) {
        Some(SendError::Throttled { retry_after }) => {
            SendError::Throttled { retry_after: reply.retry_after().or(retry_after) }
        }
        Some(meant) => meant,
        // what comes with a status of its own
        None if matches!(reply.status.as_u16(), 401 | 413 | 429 | 500..) => reply.error_of_status(),
        None => SendError::rejected(error.name(), error.words()),
    }
}
