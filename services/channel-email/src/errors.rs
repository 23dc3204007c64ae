//! What mail servers' codes mean, in words for agents.

use std::time::Duration;

use weft_channel::SendError;

/// A server that is busy is asked again after this: many let a stranger wait for some minutes (greylisting).
const BUSY: Duration = Duration::from_secs(120);

/// What an enhanced status code (RFC 3463) means, and whether the address is to blame.
struct Row {
    /// Without the class before the first dot.
    code: &'static str,
    words: &'static str,
    /// A permanent failure means that nobody can be reached there.
    gone: bool,
}

const fn row(code: &'static str, words: &'static str, gone: bool) -> Row {
    Row { code, words, gone }
}

const TABLE: [Row; 25] = [
    row("1.1", "there is no such address", true),
    row("1.2", "there is no such mail domain", true),
    row("1.3", "the address is written wrongly", true),
    row("1.6", "the mailbox has moved and nobody says where to", true),
    row("1.10", "the domain takes no mail", true),
    row("2.1", "the mailbox is switched off", true),
    row("2.2", "the mailbox is full", false),
    row("2.3", "the mail is larger than this mailbox takes", false),
    row("3.1", "the other mail server has no room", false),
    row("3.4", "the mail is larger than the other server takes", false),
    row("4.1", "the other mail server does not answer", false),
    row("4.2", "the connection to the other mail server broke", false),
    row("4.4", "nobody knows the way to the other mail server", false),
    row("4.6", "the mail went round in a circle", false),
    row("4.7", "it could not be delivered in time", false),
    row("5.3", "the mail has too many recipients", false),
    row("6.0", "the other server did not like how the mail is made", false),
    row("7.0", "the other server's rules do not let it in", false),
    row("7.1", "the other server's rules do not let it in: perhaps it takes us for spam", false),
    row("7.8", "the mail server does not accept user name and password", false),
    row("7.9", "the mail server does not take this way of signing in", false),
    row("7.23", "the other server does not believe that we may send for this domain (SPF)", false),
    row("7.25", "the address of the mail server that sends has no name", false),
    row("7.26", "the mail is not signed for this domain (SPF, DKIM)", false),
    row("7.28", "the other server has had too much mail from here", false),
];

/// What a code like `5.1.1` means, in plain words.
pub(crate) fn words(status: &str) -> Option<&'static str> {
    find(status).map(|row| row.words)
}

/// Whether a code says that the address does not exist any more.
pub(crate) fn is_gone(status: &str) -> bool {
    status.starts_with("5.") && find(status).is_some_and(|row| row.gone)
}

fn find(status: &str) -> Option<&'static Row> {
    let (_class, code) = status.split_once('.')?;
    TABLE.iter().find(|row| row.code == code)
}

/// At which point of a delivery a server said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Greeting, encrypting, naming the sender.
    Opening,
    /// Signing in.
    SigningIn,
    /// Naming the recipient.
    Recipient,
    /// The mail itself.
    Content,
}

/// What a refusal of a mail server means. `text` is all that it said, which may quote addresses: only its code is used.
pub(crate) fn refused(stage: Stage, code: u16, text: &str) -> SendError {
    let status = enhanced(text).unwrap_or_default();
    let said = if status.is_empty() { code.to_string() } else { format!("{code} {status}") };
    let known = words(&status);
    let plain = |otherwise: &str| known.unwrap_or(otherwise).to_owned();
    match (stage, code) {
        (Stage::SigningIn, 500..) => {
            SendError::account_invalid("the mail server does not accept user name and password")
        }
        (_, 530 | 535 | 538) => {
            SendError::account_invalid(plain("the mail server wants us to sign in in another way"))
        }
        (_, 421 | 450 | 451 | 454) if status.starts_with("4.7.") || code == 421 => {
            SendError::Throttled { retry_after: Some(BUSY) }
        }
        (_, 400..500) => SendError::unreachable(plain("the mail server asks to come again later")),
        (_, 552) => SendError::message_invalid(plain("it is too large for the mail server")),
        (Stage::Recipient, 500..) if is_gone(&status) || (status.is_empty() && code == 550) => {
            SendError::recipient_gone(plain("the mail server knows no such address"))
        }
        (Stage::Recipient, 553 | 501) => SendError::recipient_gone(plain("the address is written wrongly")),
        _ => SendError::rejected(said, plain("the mail server does not take it")),
    }
}

/// The first enhanced status code in what a server said.
pub(crate) fn enhanced(text: &str) -> Option<String> {
    let is_code = |word: &&str| {
        let parts: Vec<&str> = word.split('.').collect();
        let is_number =
            |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        parts.len() == 3 && matches!(parts.first(), Some(&("2" | "4" | "5"))) && parts.iter().all(is_number)
    };
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|word| word.trim_matches('.'));
    words.into_iter().find(is_code).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use weft_channel::Retry;

    use super::*;

    #[test]
    fn a_refusal_says_what_to_do_about_it() {
        let table = [
            (Stage::SigningIn, 535, "5.7.8 Authentication failed", "account_invalid", Retry::Never),
            (
                Stage::Opening,
                530,
                "5.7.0 Must issue a STARTTLS command first",
                "account_invalid",
                Retry::Never,
            ),
            (Stage::Opening, 421, "4.7.0 Try again later", "throttled", Retry::After(BUSY)),
            (Stage::Recipient, 450, "4.2.0 <a@example.com>: greylisted", "unreachable", Retry::Backoff),
            (Stage::Recipient, 451, "4.7.1 greylisted", "throttled", Retry::After(BUSY)),
            (Stage::Recipient, 550, "5.1.1 <a@example.com>: unknown", "recipient_gone", Retry::Never),
            (Stage::Recipient, 550, "No such user", "recipient_gone", Retry::Never),
            (Stage::Recipient, 550, "5.7.1 relaying denied", "550 5.7.1", Retry::Never),
            (Stage::Recipient, 552, "5.2.2 mailbox full", "message_invalid", Retry::Never),
            (Stage::Content, 552, "5.3.4 too large", "message_invalid", Retry::Never),
            (Stage::Content, 554, "5.7.26 unauthenticated", "554 5.7.26", Retry::Never),
            (Stage::Content, 452, "4.3.1 no room", "unreachable", Retry::Backoff),
        ];
        for (stage, code, text, expected, retry) in table {
            let error = refused(stage, code, text);
            assert_eq!((error.code(), error.retry()), (expected, retry), "{stage:?} {code} {text}");
            assert!(!error.to_string().contains("example.com"), "{error}");
        }
    }

    #[test]
    fn a_status_code_is_found_in_what_servers_say() {
        assert_eq!(enhanced("smtp; 550 5.1.1 User unknown").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced("550-5.7.26 not signed").as_deref(), Some("5.7.26"));
        assert_eq!(enhanced("host 10.1.2.3 said 550"), None);
        assert!(is_gone("5.1.1") && !is_gone("4.1.1") && !is_gone("5.2.2") && !is_gone("nonsense"));
    }
}
