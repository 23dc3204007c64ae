use std::{fs, path::Path};

use bytes::Bytes;
use weft_channel::{Adapter, Received, WebhookCall};

use crate::golden::sample_calls;

/// An adapter's way in, for whatever bytes a fuzzer thinks of.
#[derive(Debug)]
pub struct Intake<A: Adapter> {
    adapter: A,
    account: A::Account,
    /// The call of each golden case, by name: providers use several methods, addresses and kinds of bodies.
    calls: Vec<(String, WebhookCall)>,
}

impl<A: Adapter> Intake<A> {
    /// With the account and the kinds of calls of an adapter's golden cases.
    ///
    /// # Panics
    /// When the folder has no cases or no account.
    pub fn open(adapter: A, folder: impl AsRef<Path>) -> Self {
        let (account, calls) = sample_calls(folder.as_ref());
        let account = account.account().unwrap_or_else(|why| panic!("{why}"));
        Self { adapter, account, calls }
    }

    /// Puts what a fuzzer begins with into its corpus: each golden case as [`Intake::feed`] takes it.
    ///
    /// # Panics
    /// When that cannot be written.
    pub fn plant(&self, corpus: impl AsRef<Path>) {
        let corpus = corpus.as_ref();
        fs::create_dir_all(corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
        for (index, (name, call)) in self.calls.iter().enumerate() {
            let chosen = u8::try_from(index % 256).unwrap_or_default();
            let seed = corpus.join(name);
            let written = fs::write(&seed, [&[chosen], call.body.as_ref()].concat());
            written.unwrap_or_else(|error| panic!("{}: {error}", seed.display()));
        }
    }

    /// Takes a body as the adapter would: the first byte chooses the kind of call.
    ///
    /// # Panics
    /// When the adapter does, when the same call has other events the second time, or when an event cannot travel.
    pub fn feed(&self, data: &[u8]) {
        let Some((chosen, body)) = data.split_first() else { return };
        let Some((_, sample)) = self.calls.get(usize::from(*chosen) % self.calls.len()) else { return };
        let call = WebhookCall { body: Bytes::copy_from_slice(body), ..sample.clone() };
        let _unproven = self.adapter.verify(&self.account, &call);
        let _routed = self.adapter.addressees(&call);
        let (first, second) = (self.receive(&call), self.receive(&call));
        assert_eq!(first.events, second.events, "the same call has other events the second time");
        for event in &first.events {
            assert!(!event.key.is_empty(), "an event has no key");
            assert!(weft_proto::json::encode(event).is_ok(), "an event cannot travel");
        }
    }

    fn receive(&self, call: &WebhookCall) -> Received {
        self.adapter.receive(&self.account, call).unwrap_or_default()
    }
}
