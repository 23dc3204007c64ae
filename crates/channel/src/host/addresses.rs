use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use weft_domain::id::ChannelId;

/// An id that nobody knows may be that of an account connected a moment ago; others come all the time.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Which channels a provider means by its own ids. Several may claim one id: their secrets tell whose a call is.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<Known>);

#[derive(Default)]
struct Known {
    ids: HashMap<ChannelId, Vec<String>>,
    channels: HashMap<String, BTreeSet<ChannelId>>,
    complete: bool,
    looked_at: Option<Instant>,
}

impl Addresses {
    /// Notes what the provider calls a channel, in place of what it was called before.
    pub(crate) fn put(&self, channel: ChannelId, ids: Vec<String>) {
        let mut known = self.lock();
        known.remove(&channel);
        for id in &ids {
            known.channels.entry(id.clone()).or_default().insert(channel);
        }
        known.ids.insert(channel, ids);
    }

    pub(crate) fn remove(&self, channel: &ChannelId) {
        self.lock().remove(channel);
    }

    /// The channels called so.
    pub(crate) fn of(&self, id: &str) -> BTreeSet<ChannelId> {
        self.lock().channels.get(id).cloned().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> Vec<ChannelId> {
        self.lock().ids.keys().copied().collect()
    }

    /// Notes that all channels there are have been put.
    pub(crate) fn complete(&self) {
        self.lock().complete = true;
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.lock().complete
    }

    /// Whether it is worth asking for a new list; said once in a while.
    pub(crate) fn may_look_again(&self) -> bool {
        let mut known = self.lock();
        let may = known.looked_at.is_none_or(|at| at.elapsed() >= LOOK_AGAIN);
        if may {
            known.looked_at = Some(Instant::now());
        }
        may
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn remove(&mut self, channel: &ChannelId) {
        for id in self.ids.remove(channel).unwrap_or_default() {
            let Some(channels) = self.channels.get_mut(&id) else { continue };
            channels.remove(channel);
            if channels.is_empty() {
                self.channels.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use weft_domain::id;

    use super::*;

    #[test]
    fn an_id_leads_to_all_who_claim_it_and_to_nobody_who_left() {
        let addresses = Addresses::default();
        let (one, other) = (id::new(), id::new());
        addresses.put(one, vec!["1".to_owned(), "shared".to_owned()]);
        addresses.put(other, vec!["2".to_owned(), "shared".to_owned()]);
        assert_eq!(addresses.of("shared"), BTreeSet::from([one, other]));
        addresses.put(one, vec!["3".to_owned()]);
        assert_eq!(addresses.of("shared"), BTreeSet::from([other]));
        assert!(addresses.of("1").is_empty() && addresses.of("3").contains(&one));
        addresses.remove(&one);
        assert!(addresses.of("3").is_empty());
        assert_eq!(addresses.all(), [other]);
    }

    #[test]
    fn a_new_list_is_asked_for_once_in_a_while() {
        let addresses = Addresses::default();
        assert!(!addresses.is_complete() && addresses.may_look_again() && !addresses.may_look_again());
    }
}
