use weft_twilio::Fields;

use crate::{Account, address};

/// What a contact wants by a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing more.
    OptOut,
    /// To be written to again.
    OptIn,
}

/// Words that Twilio acts on for SMS; with advanced opt-out it says so in a field of its own.
const OUT: [&str; 11] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "REVOKE",
    "OPTOUT",
    "CANCEL",
    "END",
    "QUIT",
    "ARRET",
    "ARRETT",
    "ARRETE",
];
const IN: [&str; 3] = ["START", "UNSTOP", "YES"];
/// Where Twilio does not act on words, only those count that mean nothing else.
const PLAIN_OUT: [&str; 3] = ["STOP", "STOPALL", "UNSUBSCRIBE"];
const PLAIN_IN: [&str; 2] = ["START", "UNSTOP"];

/// What a message asks for, if it asks.
pub(super) fn wish(account: &Account, fields: &Fields, thread_id: &str) -> Option<Wish> {
    match fields.get("OptOutType") {
        Some("STOP") => return Some(Wish::OptOut),
        Some("START") => return Some(Wish::OptIn),
        // help is for Twilio to answer
        Some(_) => return None,
        None => {}
    }
    let word = fields.get("Body").filter(|_| account.opt_out_words)?.trim().to_uppercase();
    let (out, back): (&[&str], &[&str]) =
        if address::is_prefixed(thread_id) { (&PLAIN_OUT, &PLAIN_IN) } else { (&OUT, &IN) };
    match word.as_str() {
        word if out.contains(&word) => Some(Wish::OptOut),
        word if back.contains(&word) => Some(Wish::OptIn),
        _ => None,
    }
}
