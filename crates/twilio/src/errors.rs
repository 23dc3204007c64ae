//! What Twilio's codes mean: one table, for refused calls and for messages that failed later.

use serde::Deserialize;
use weft_channel::{ProviderReply, SendError};

/// What a refused call answers.
#[derive(Deserialize)]
struct Refusal {
    code: u32,
}

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The account or the sender: nothing goes until a person looks at it.
    Account,
    /// The recipient cannot be written to.
    Recipient,
    /// This message.
    Message,
    /// It was too much at once.
    Pace,
    /// Something that may pass.
    Passing,
    /// Something else that will not pass by itself.
    Refused,
}

/// The contact opted out.
pub const OPTED_OUT: u32 = 21610;

/// What a code means, in words for an agent.
pub fn meaning(code: u32) -> Option<(Fault, &'static str)> {
    use Fault::{Account, Message, Pace, Passing, Recipient, Refused};
    Some(match code {
        20003 => (Account, "Twilio does not accept the credentials"),
        20005 | 30002 => (Account, "Twilio has suspended the account"),
        20006 => (Account, "the account has no access to this part of Twilio"),
        20404 => (Refused, "Twilio does not know what it was asked for"),
        20429 => (Pace, "Twilio asks to slow down"),
        20500 => (Passing, "Twilio has a fault of its own"),
        21211 | 21214 | 21217 => (Recipient, "the contact's number is not one that Twilio can reach"),
        21614 => (Recipient, "the contact's number cannot receive SMS"),
        21201 | 21203 => (Message, "it has no number that can be called"),
        21210 | 21212 | 21213 => (Account, "the number is not one that this Twilio account may call from"),
        21216 => (Recipient, "Twilio does not call the contact's number"),
        21205 => (Refused, "Twilio cannot use an address of ours"),
        21220 => (Refused, "the call is not in a state that allows this"),
        21408 | 21215 => {
            (Refused, "sending to the contact's country is not switched on in the Twilio console")
        }
        21602 | 21619 => (Message, "it is empty"),
        21603 => (Account, "no sender is configured"),
        21604 => (Message, "it has no recipient"),
        21605 | 21617 => (Message, "it is longer than the 1,600 characters that Twilio takes"),
        21606 | 21659 => {
            (Account, "the sender is not a number of this Twilio account that can send messages")
        }
        21703..=21705 => (Account, "the messaging service has no number that can send this message"),
        21608 => (Refused, "a trial account writes only to numbers verified in the Twilio console"),
        OPTED_OUT => (Recipient, "the contact has opted out; only a START of their own undoes it"),
        21611 => (Pace, "too many messages of this sender are waiting at Twilio"),
        21620 => (Message, "Twilio cannot use the address of the file"),
        21623 => (Message, "it has more files than Twilio takes"),
        63019 => (Message, "Twilio could not fetch the file"),
        30001 => (Pace, "too many messages are waiting at Twilio"),
        30003 => (Refused, "the contact's phone is switched off or out of reach"),
        30004 => (Recipient, "the contact or their carrier blocks messages"),
        30005 => (Recipient, "the contact's number is not in use"),
        30006 => (Recipient, "the contact's number is a landline, or its carrier takes no SMS"),
        30007 => (Refused, "the carrier took it for spam"),
        30008 => (Refused, "the carrier gave no reason"),
        30017 => (Pace, "the carrier's network is congested"),
        30022 | 30023 | 30027 => (Pace, "the carrier's limit for this sender is used up"),
        30032 => (Account, "the toll-free number is not verified yet"),
        30034 => (Account, "the number is not registered for messages to the United States (A2P 10DLC)"),
        63003 | 63024 => (Recipient, "the contact's number is not on WhatsApp"),
        63005 | 63013 | 63021 => (Refused, "WhatsApp does not allow this content"),
        63016 => {
            (Refused, "WhatsApp takes only templates more than 24 hours after the contact's last message")
        }
        63017 | 63018 => (Pace, "WhatsApp's limit for this sender is used up"),
        63032 => (Refused, "WhatsApp does not deliver this message to the contact for now"),
        63033 => (Recipient, "the contact blocks messages on WhatsApp"),
        _ => return None,
    })
}

/// Why a call was refused.
pub fn refusal(reply: &ProviderReply) -> SendError {
    let Ok(Refusal { code }) = reply.json() else { return reply.error_of_status() };
    // Twilio's own words may hold the contact's number
    let unknown = || match reply.status.as_u16() {
        status @ (400 | 403 | 404) => SendError::rejected(code.to_string(), refused_with(status, code)),
        _ => reply.error_of_status(),
    };
    let Some((fault, words)) = meaning(code) else { return unknown() };
    match fault {
        Fault::Account => SendError::account_invalid(words),
        Fault::Recipient => SendError::recipient_gone(words),
        Fault::Message => SendError::message_invalid(words),
        Fault::Pace => SendError::Throttled { retry_after: reply.retry_after() },
        Fault::Passing => SendError::unreachable(words),
        Fault::Refused => SendError::rejected(code.to_string(), words),
    }
}

fn refused_with(status: u16, code: u32) -> String {
    format!("Twilio refused it with error {code} (status {status})")
}

/// Why a message failed after it was taken.
pub fn failure(code: Option<u32>) -> String {
    match (code, code.and_then(meaning)) {
        (_, Some((_, words))) => words.to_owned(),
        (Some(code), None) => format!("Twilio gave up with error {code}"),
        (None, None) => "Twilio could not deliver it and gives no reason".to_owned(),
    }
}
