use std::time::Duration;

use crate::Capabilities;

/// What a provider is and can do, as data: no code asks for a provider's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// Its word in subjects, addresses and settings: lower case letters, digits and `-`.
    pub kind: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it can do.
    pub capabilities: Capabilities,
    /// How fast it may be called.
    pub rate: Rate,
    /// How long it delivers a webhook again that was not answered with 2xx. Shorter than our worst outage means
    /// that the host spools instead of answering 503.
    pub redelivers_for: Duration,
    /// The largest webhook it makes.
    pub max_webhook_bytes: usize,
}

/// How fast a provider may be called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Messages a second for one account.
    pub account_per_second: f64,
    /// Messages at once for one account.
    pub account_burst: u32,
    /// Messages a second in one thread.
    pub thread_per_second: f64,
    /// Messages at once in one thread.
    pub thread_burst: u32,
}
