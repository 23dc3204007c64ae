//! What Viber's refusals mean: one table.

use weft_channel::{ProviderReply, SendError};

use crate::wire::Answer;

/// Reads an answer; a refusal is one with HTTP's 200 and a status of its own.
pub(crate) fn read(reply: &ProviderReply) -> Result<Answer, SendError> {
    if !reply.status.is_success() {
        return Err(reply.error_of_status());
    }
    let answer: Answer = reply.json()?;
    if answer.status == 0 { Ok(answer) } else { Err(explain(answer)) }
}

fn explain(answer: Answer) -> SendError {
    let Answer { status, status_message: words, .. } = answer;
    let refused = |why: &str| SendError::rejected(status.to_string(), why);
    match status {
        1 => refused("Viber cannot call this address"),
        2 => SendError::account_invalid("Viber does not accept the token"),
        3 | 4 => SendError::message_invalid(words),
        5 => SendError::recipient_gone("they are not on Viber any more"),
        6 => SendError::recipient_gone("they do not follow the bot"),
        7 => SendError::account_invalid("Viber has blocked the bot"),
        8 => SendError::account_invalid("Viber does not know the bot any more"),
        9 => SendError::account_invalid("Viber has suspended the bot"),
        10 => SendError::account_invalid("Viber does not know where to call: save the channel again"),
        11 => SendError::recipient_gone("they have no device that can show messages of bots"),
        12 => SendError::Throttled { retry_after: None },
        13 | 14 => refused("the contact's Viber is too old for this message"),
        15 => refused("the bot may not do this"),
        21 => refused("Viber does not let bots write to the contact's country"),
        22 => refused("payments are not possible with this contact"),
        23 => refused("the bot's free messages are used up"),
        24 => refused("the bot's account with Viber has no money left"),
        _ => SendError::rejected(status.to_string(), words),
    }
}
