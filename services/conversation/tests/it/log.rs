use std::{sync::Mutex, time::Duration};

use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(20);

/// What has come so far, to be waited for.
pub(crate) struct Log<T> {
    seen: Mutex<Vec<T>>,
    came: Notify,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { seen: Mutex::default(), came: Notify::new() }
    }
}

impl<T> Log<T> {
    pub(crate) fn add(&self, item: T) {
        self.seen.lock().unwrap().push(item);
        self.came.notify_waiters();
    }

    /// Waits until `look` finds what it wants in all that has come.
    pub(crate) async fn wait<R>(&self, what: &str, mut look: impl FnMut(&[T]) -> Option<R>) -> R {
        let found = async {
            loop {
                let mut came = std::pin::pin!(self.came.notified());
                came.as_mut().enable();
                let found = look(&self.seen.lock().unwrap());
                if let Some(found) = found {
                    return found;
                }
                came.await;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    /// What has come so far.
    pub(crate) fn now<R>(&self, look: impl FnOnce(&[T]) -> R) -> R {
        look(&self.seen.lock().unwrap())
    }
}
