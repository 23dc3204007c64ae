//! What Meta's codes mean for conversations: one table. The words change, and the status says nothing reliable.

use std::time::Duration;

use weft_channel::SendError;

use crate::Refusal;

/// Limits of the app or the account are counted by the hour; asking sooner only adds to them.
const CALL_LIMIT_WAIT: Duration = Duration::from_mins(5);

/// The contact wrote too long ago. The second is in older material.
const WINDOW_CLOSED: [i64; 3] = [2_018_278, 2_018_065, 2_534_022];

/// Whether a refusal is for the time that has passed alone, so that the message surely did not go.
pub(super) fn is_window_closed(refusal: &Refusal) -> bool {
    refusal.code == 10 && refusal.subcode.is_some_and(|subcode| WINDOW_CLOSED.contains(&subcode))
}

/// The table. What an adapter knows better, like the names of permissions, it says before.
pub fn meaning(refusal: &Refusal) -> Option<SendError> {
    let refused = |why: &str| SendError::rejected(refusal.name(), why);
    if is_window_closed(refusal) {
        return Some(refused(
            "too much time has passed since the contact last wrote; they have to write first",
        ));
    }
    Some(match (refusal.code, refusal.subcode) {
        (_, Some(2_018_022)) | (4 | 17 | 32 | 613 | 80_006, _) => SendError::Throttled {
            retry_after: matches!(refusal.code, 4 | 17 | 32 | 80_006).then_some(CALL_LIMIT_WAIT),
        },
        (_, Some(1_545_041)) | (551, _) => {
            SendError::recipient_gone("they cannot be written to: gone, blocked us, or take no messages")
        }
        (10, Some(2_018_108)) => refused("this app may not write to them; is it switched to live?"),
        (100, Some(2_018_001 | 2_534_014)) => {
            SendError::recipient_gone("Meta knows nobody under this id here")
        }
        (100, Some(2_018_007 | 2_018_047)) => SendError::unreachable("Meta could not take the file"),
        (190, Some(460)) => SendError::account_invalid(
            "the access token is no longer good, because a password was changed; make a new one",
        ),
        (190, Some(463)) => SendError::account_invalid("the access token has expired; make a new one"),
        (0 | 190, _) => {
            SendError::account_invalid("Meta does not accept the access token; it is wrong or has expired")
        }
        (3 | 10 | 200..=299, _) => SendError::account_invalid("the access token lacks a permission"),
        (368, _) => SendError::account_invalid(
            "Meta has blocked the account for breaking a rule; its support inbox says which",
        ),
        (1 | 2 | 1200, _) => SendError::unreachable("Meta has a fault of its own"),
        (2022, _) => refused("messages about buying are switched off for this account"),
        (10_900, _) => refused("this comment has been answered in private before"),
        (10_903, _) => refused("this comment cannot be answered in private"),
        (100, _) => SendError::message_invalid(format!(
            "something in it is missing or wrong for Meta: {}",
            refusal.words()
        )),
        _ if refusal.is_transient => SendError::unreachable("Meta has a fault of its own"),
        _ => return None,
    })
}
