use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use moka::future::Cache;
use tokio::time::timeout;
use weft_domain::id::ChannelId;

use super::{core::Core, live_account::LiveAccount};
use crate::{Adapter, Inbound, Person};

/// Who changes their name is called by the old one no longer than this.
const KEEP: Duration = Duration::from_hours(24);
const MOST: u64 = 100_000;
/// The provider waits for its own answer meanwhile.
const PATIENCE: Duration = Duration::from_millis(700);

/// What providers told of people, in memory only; none: nothing.
pub(crate) struct People(Cache<(ChannelId, String), Option<Person>>);

impl People {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(KEEP).build())
    }
}

impl<A: Adapter> Core<A> {
    /// Fills in who people are whom events only name by their ids. Of whom the provider does not tell in time, nothing is.
    pub(crate) async fn introduce(&self, account: &LiveAccount<A::Account>, events: &mut [Inbound]) {
        let ids: BTreeSet<String> =
            events.iter_mut().flat_map(nameless).map(|person| person.id.clone()).collect();
        if ids.is_empty() {
            return;
        }
        let transport = self.transport(account, "person");
        let asks = ids.iter().map(|id| {
            let ask = Box::pin(self.adapter.person(&account.settings, id, &transport));
            timeout(PATIENCE, self.people.0.try_get_with((account.channel_id, id.clone()), ask))
        });
        let told: Vec<Person> =
            join_all(asks).await.into_iter().filter_map(|told| told.ok()?.ok()?).collect();
        for event in events {
            for person in nameless(event) {
                if let Some(known) = told.iter().find(|known| known.id == person.id) {
                    *person = known.clone();
                }
            }
            // a direct thread is called by its contact
            if let Some(thread) = event.thread.as_mut().filter(|thread| thread.title.is_empty()) {
                thread.title =
                    thread.contact.as_ref().map(|contact| contact.name.clone()).unwrap_or_default();
            }
        }
    }
}

/// The people of an event who have an id and no name.
fn nameless(event: &mut Inbound) -> impl Iterator<Item = &mut Person> {
    let contact = event.thread.as_mut().and_then(|thread| thread.contact.as_mut());
    let all = contact.into_iter().chain(event.sender.as_mut());
    all.filter(|person| person.name.is_empty() && !person.id.is_empty())
}
