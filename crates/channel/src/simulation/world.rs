use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use weft_domain::Result;

use super::{Play, Records};

/// What a simulator knows, and who waits for that to change. Cheap to clone; clones are the same one.
pub struct World<S>(Arc<Inner<S>>);

struct Inner<S> {
    state: Mutex<S>,
    changes: watch::Sender<()>,
}

impl<S> World<S> {
    /// Makes a world.
    pub fn new(state: S) -> Self {
        Self(Arc::new(Inner { state: Mutex::new(state), changes: watch::Sender::new(()) }))
    }

    /// To look at, or to change what nobody waits for.
    pub fn lock(&self) -> MutexGuard<'_, S> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it and tells those who wait.
    pub fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.changes.send_replace(());
        result
    }

    /// Waits until it shows something. What is taken out of it then wakes nobody.
    pub async fn wait<T>(&self, mut look: impl FnMut(&mut S) -> Option<T>) -> T {
        self.wait_until_due(|state| look(state).ok_or(None)).await
    }

    /// The same for what may become due without a change: looks again then, too.
    pub async fn wait_until_due<T>(&self, mut look: impl FnMut(&mut S) -> Result<T, Option<Instant>>) -> T {
        let mut changes = self.0.changes.subscribe();
        loop {
            let due = match look(&mut self.lock()) {
                Ok(found) => return found,
                Err(due) => due,
            };
            // cannot fail: the sender lives in `self`
            match due {
                Some(at) => drop(timeout_at(at, changes.changed()).await),
                None => drop(changes.changed().await),
            }
        }
    }
}

impl<S: Send + 'static> World<S> {
    /// Lets customers write once somebody is connected: nobody would hear them before.
    pub fn play<F>(
        &self,
        is_connected: fn(&S) -> bool,
        play: impl FnOnce(CancellationToken) -> F + Send + 'static,
    ) -> Play
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let world = self.clone();
        Box::new(move |stop| {
            Box::pin(async move {
                world.wait(|state| is_connected(state).then_some(())).await;
                play(stop).await
            })
        })
    }

    /// What is sent from now on and before, for people to read.
    pub fn transcript<T: Clone + Send + 'static>(
        &self,
        sent: fn(&S) -> &Records<T>,
        line: fn(&T) -> String,
    ) -> BoxStream<'static, String> {
        let next = move |(world, seen): (Self, usize)| async move {
            let (fresh, total) = world.wait(|state| sent(state).after(seen)).await;
            let lines = fresh.iter().map(line).collect::<Vec<_>>();
            Some((stream::iter(lines), (world, total)))
        };
        stream::unfold((self.clone(), 0), next).flatten().boxed()
    }
}

impl<S: Default> Default for World<S> {
    fn default() -> Self {
        Self::new(S::default())
    }
}

impl<S> Clone for World<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[cfg(test)]
mod tests;
