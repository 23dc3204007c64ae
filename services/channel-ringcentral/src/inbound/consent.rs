use weft_channel::Reachability;

/// Words that stop messages, alone in one, and that begin them again.
const OUT: [&str; 5] = ["STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END"];
const IN: [&str; 5] = ["START", "SUBSCRIBE", "RESUME", "CONTINUE", "UNSTOP"];

/// What a message asks for, if it asks.
pub(super) fn wish(text: &str) -> Option<Reachability> {
    let word = text.trim().to_uppercase();
    if OUT.contains(&word.as_str()) {
        return Some(opted_out());
    }
    IN.contains(&word.as_str()).then(|| Reachability { reachable: true, reason: String::new() })
}

/// The contact wants no more messages.
pub(super) fn opted_out() -> Reachability {
    Reachability { reachable: false, reason: "the contact opted out".to_owned() }
}
