//! What every adapter owes: one table for all.

mod answers;
mod content;
mod description;
mod signature;

use serde_json::Value;
use weft_channel::{Adapter, Outbound, WebhookCall};

use crate::{account::Given, player::Played, secrets::Secrets};

/// What the suite needs to know of a provider.
#[derive(Clone, Debug)]
pub struct Samples {
    /// An account's settings.
    pub settings: Value,
    /// An account's secrets, each of eight characters or more.
    pub secrets: Value,
    /// A thread to write to.
    pub thread_id: String,
    /// What the provider answers to a message it takes, of whatever content; and to a file that goes up before it.
    pub accepted: Played,
    /// A genuine call of the provider.
    pub webhook: WebhookCall,
    /// The header that carries the webhook's signature or secret.
    pub signature_header: &'static str,
}

/// Runs the suite.
///
/// # Panics
/// With everything the adapter fails to do.
pub async fn contract<A: Adapter>(adapter: &A, samples: &Samples) {
    let telemetry = weft_telemetry::init_for_test();
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let given = Given { settings: object(&samples.settings), secrets: object(&samples.secrets) };
    let account = given.account::<A::Account>().unwrap_or_else(|why| panic!("{why}"));
    let subject = Subject { adapter, account, samples, secrets: Secrets::of(&given.secrets) };

    let mut failures = description::check(&subject, &given);
    failures.extend(signature::check(&subject));
    failures.extend(answers::check(&subject).await);
    failures.extend(content::check(&subject).await);
    for line in telemetry.log_lines() {
        failures.extend(subject.secrets.shown_in(&line).map(|name| format!("a log line shows `{name}`")));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

struct Subject<'a, A: Adapter> {
    adapter: &'a A,
    account: A::Account,
    samples: &'a Samples,
    secrets: Secrets,
}

impl<A: Adapter> Subject<'_, A> {
    fn text(&self, text: &str) -> Outbound {
        Outbound {
            message_id: "msg_01kdtvz0000000000000000000".to_owned(),
            conversation_id: "conv_01kdtvz0000000000000000000".to_owned(),
            thread_id: self.samples.thread_id.clone(),
            attempt: 1,
            text: text.to_owned(),
            ..Outbound::default()
        }
    }
}
