//! What Meta's codes mean: one table. The status says nothing reliable, and the words change.

use std::time::Duration;

use weft_channel::SendError;
use weft_meta_graph::Refusal;

use crate::wire::Fault;

/// Limits of the app or the account are counted by the hour; asking sooner only adds to them.
const CALL_LIMIT_WAIT: Duration = Duration::from_mins(5);

/// Explains a refusal; none: its status says more.
pub(crate) fn explain(refusal: &Refusal) -> Option<SendError> {
    let by_itself =
        || refusal.is_transient.then(|| SendError::unreachable("WhatsApp has a fault of its own"));
    meaning(refusal.code, refusal.words()).or_else(by_itself)
}

/// What a status of a message failed with, in plain words.
pub(crate) fn reason(fault: &Fault) -> String {
    let details = fault.error_data.as_ref().and_then(|data| data.details.clone()).unwrap_or_default();
    let words = if details.is_empty() { fault.title.clone() } else { details };
    match meaning(fault.code, &words) {
        None => words,
        Some(SendError::Rejected { reason, .. } | SendError::RecipientGone { reason }) => reason,
        Some(
            SendError::AccountInvalid { why }
            | SendError::MessageInvalid { why }
            | SendError::Unreachable { why },
        ) => why,
        Some(SendError::Throttled { .. }) => "too many messages went to WhatsApp at once".to_owned(),
        Some(other) => other.to_string(),
    }
}

/// The table; `details` are Meta's own words.
fn meaning(code: i64, details: &str) -> Option<SendError> {
    let refused = |why: &str| SendError::rejected(code.to_string(), why);
    Some(match code {
        0 | 190 => {
            SendError::account_invalid("Meta does not accept the access token; it is wrong or has expired")
        }
        3 | 10 | 200..=299 | 131_005 => SendError::account_invalid(
            "the access token lacks a permission; it needs `whatsapp_business_messaging` for this number",
        ),
        131_031 | 368 | 130_497 => SendError::account_invalid(
            "Meta has locked or restricted the business account; the reason is in its Business Support Home",
        ),
        131_042 => {
            SendError::account_invalid("something is wrong with the business account's payment method")
        }
        131_045 => SendError::account_invalid("the phone number is not registered with the Cloud API"),
        131_037 => SendError::account_invalid("Meta has not approved the phone number's display name yet"),
        1 | 2 | 131_000 | 131_016 | 135_000 => SendError::unreachable("WhatsApp has a fault of its own"),
        131_057 => {
            SendError::unreachable("the phone number is being moved by Meta, which takes about a minute")
        }
        131_052 | 131_053 => SendError::unreachable("WhatsApp could not take the file"),
        4 | 80_007 | 80_008 => SendError::Throttled { retry_after: Some(CALL_LIMIT_WAIT) },
        // for the pair of number and contact alone, so the others need not wait
        130_429 | 131_056 => SendError::Throttled { retry_after: None },
        131_048 => refused(
            "people blocked or reported this number so often that WhatsApp limits it; try again later",
        ),
        133_016 => refused("the number was registered too often; it has to wait for some days"),
        131_047 => refused(
            "more than 24 hours have passed since the contact last wrote; only a template can be sent",
        ),
        131_026 => SendError::recipient_gone(
            "WhatsApp cannot deliver to them: no WhatsApp under this number, an old app, or its terms not accepted",
        ),
        131_049 => refused("WhatsApp holds it back: the contact has had enough marketing messages for now"),
        130_472 => refused("WhatsApp holds it back: the contact takes part in an experiment of Meta"),
        131_050 => refused("the contact does not want marketing messages from this number"),
        131_021 => refused("the contact is this number itself"),
        131_030 => refused("this is a test number, and the contact is not on its list of allowed recipients"),
        131_062 => refused("this kind of message needs the contact's phone number, which is not known"),
        131_008 | 131_009 | 100 | 33 => {
            SendError::message_invalid(format!("something in it is missing or wrong for WhatsApp: {details}"))
        }
        131_051 => SendError::unsupported("this kind of message"),
        132_000 | 132_012 => refused("the template's variables do not fit it"),
        132_001 => refused("there is no such template in this language, or it is not approved"),
        132_005 => refused("the template is too long once its variables are filled in"),
        132_007 => refused("the template breaks a rule of WhatsApp"),
        132_008 => refused("the template's variables have a wrong format"),
        132_015 => refused("the template is paused because people did not like it"),
        132_016 => refused("the template is disabled because people did not like it"),
        _ => return None,
    })
}
