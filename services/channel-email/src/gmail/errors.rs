//! What the Gmail API's refusals mean.

use serde::Deserialize;
use weft_channel::{ProviderReply, SendError};

#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    error: Fault,
}

#[derive(Default, Deserialize)]
struct Fault {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Default, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

/// What an answer that is no success means. Google's words may quote addresses: only its reason is used.
pub(super) fn of(reply: &ProviderReply) -> SendError {
    let said: Said = serde_json::from_slice(&reply.body).unwrap_or_default();
    let reason = said.error.errors.first().map(|error| error.reason.as_str()).unwrap_or_default();
    match (reply.status.as_u16(), reason) {
        (403, "rateLimitExceeded" | "userRateLimitExceeded") => {
            SendError::Throttled { retry_after: reply.retry_after() }
        }
        (403, "dailyLimitExceeded") => {
            SendError::rejected(reason, "the mailbox has had as much today as Google allows")
        }
        (403, "insufficientPermissions") => SendError::account_invalid(
            "the permission is not wide enough: allow the application again, to read and to send",
        ),
        (400, "failedPrecondition") => SendError::account_invalid("there is no Gmail for this account"),
        (400, reason) if !reason.is_empty() => {
            SendError::message_invalid("Gmail does not take the mail as it is")
        }
        _ => reply.error_of_status(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue, StatusCode};
    use serde_json::json;
    use weft_channel::Retry;

    use super::*;

    #[test]
    fn each_refusal_says_what_to_do_about_it() {
        let wait = Duration::from_secs(9);
        let table = [
            (429, "rateLimitExceeded", "throttled", Retry::After(wait)),
            (403, "rateLimitExceeded", "throttled", Retry::After(wait)),
            (403, "userRateLimitExceeded", "throttled", Retry::After(wait)),
            (403, "dailyLimitExceeded", "dailyLimitExceeded", Retry::Never),
            (403, "insufficientPermissions", "account_invalid", Retry::Never),
            (401, "authError", "account_invalid", Retry::Never),
            (400, "invalidArgument", "message_invalid", Retry::Never),
            (400, "failedPrecondition", "account_invalid", Retry::Never),
            (413, "uploadTooLarge", "message_invalid", Retry::Never),
            (500, "backendError", "unreachable", Retry::Backoff),
            (503, "backendError", "unreachable", Retry::Backoff),
        ];
        for (status, reason, code, retry) in table {
            let error =
                json!({"code": status, "message": "ana@people.example", "errors": [{"reason": reason}]});
            let reply = ProviderReply {
                status: StatusCode::from_u16(status).unwrap(),
                headers: HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from(9))]),
                body: json!({"error": error}).to_string().into(),
            };
            let error = of(&reply);
            assert_eq!((error.code(), error.retry()), (code, retry), "{status} {reason}");
            assert!(!error.to_string().contains("example"), "{error}");
        }
    }
}
