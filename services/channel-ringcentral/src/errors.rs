//! What RingCentral's refusals mean: one table, and one for messages that were not delivered.

use std::time::Duration;

use weft_channel::{ProviderReply, SendError};

use crate::wire::Refused;

/// The words for a client id or secret that is not accepted.
pub(crate) const WRONG_CLIENT: &str = "RingCentral does not accept the client id and secret";
/// The words for a JWT that is not accepted.
pub(crate) const WRONG_JWT: &str = "RingCentral does not accept the JWT";
/// The words for a number that is not the extension's.
pub(crate) const WRONG_NUMBER: &str = "the number is not one of this extension that may send SMS";

/// How long to wait when RingCentral does not say: each call before that begins the wait anew.
const PENALTY: Duration = Duration::from_secs(30);
/// What carriers and RingCentral say of a message to somebody who wants none.
const OPTED_OUT: &str = "413";

/// Explains an answer that is not a success.
pub(crate) fn explain(reply: &ProviderReply) -> SendError {
    let refused: Refused = reply.json().unwrap_or_default();
    let (code, field) = refused.what();
    let account = |why: &str| SendError::account_invalid(why);
    match (reply.status.as_u16(), code) {
        (_, "CMN-301" | "CMN-302" | "CMN-303" | "CMN-304" | "CMN-310" | "MSG-305") => {
            SendError::Throttled { retry_after: Some(reply.retry_after().unwrap_or(PENALTY)) }
        }
        (_, "MSG-290" | "CMN-201") => SendError::unreachable("RingCentral cannot do it just now"),
        (_, "OAU-123" | "OAU-128" | "OAU-129" | "OAU-134" | "OAU-149") => {
            account("RingCentral does not accept the token")
        }
        (_, "OAU-140") => account(WRONG_JWT),
        (_, "OAU-146") => account(WRONG_CLIENT),
        (_, "OAU-112" | "OAU-151") => {
            account("the app may not sign in by JWT: allow it in the developer console")
        }
        (_, "SUB-405" | "SUB-406") => account("the app may not subscribe to all of these events"),
        (_, "SUB-505") => account("there are too many subscriptions: delete those that nobody needs"),
        // where it listens may only just be starting
        (_, "SUB-525") => {
            SendError::unreachable("RingCentral gets no proper answer at the webhook's address")
        }
        (_, "MSG-304") => account(WRONG_NUMBER),
        (_, "CMN-101") if field == "to" => SendError::recipient_gone("no such number can be reached"),
        (_, "CMN-101" | "CMN-102" | "CMN-103" | "CMN-104" | "CMN-120") => {
            SendError::message_invalid(format!("RingCentral does not take it as it is ({code})"))
        }
        (403, code) => {
            let which = if code.is_empty() { String::new() } else { format!(" ({code})") };
            account(&format!("the app or its user lacks a permission{which}"))
        }
        (400..500, code) if !code.is_empty() && reply.status != 401 && reply.status != 429 => {
            SendError::rejected(code, "RingCentral refused it for a reason that it only names by this code")
        }
        _ => reply.error_of_status(),
    }
}

/// Why a message did not arrive, by a code like `SMS-CAR-413`.
pub(crate) fn of_delivery(code: &str) -> &'static str {
    match number(code) {
        "403" => "the number has sent more than carriers allow: try later",
        "410" => "this number takes no SMS",
        OPTED_OUT => "the contact opted out",
        "430" => "a carrier took it for spam: look at its words and links",
        "501" | "503" | "504" => "our number is not set up for SMS: look at its registration",
        _ => "no reason was given",
    }
}

/// Whether a message did not arrive because the contact wants none.
pub(crate) fn is_opt_out(code: &str) -> bool {
    number(code) == OPTED_OUT
}

fn number(code: &str) -> &str {
    code.rsplit('-').next().unwrap_or_default()
}
