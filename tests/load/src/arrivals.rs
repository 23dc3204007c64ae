use tokio::{task::JoinSet, time::sleep_until};

use crate::{Block, Journal};

/// A step is given up when the answers are so many seconds of arrivals behind.
const FURTHEST_BEHIND_SECS: usize = 5;

/// Sends each message of a block at its time, whether earlier ones were answered or not, and waits for the answers.
///
/// False when the answers fell so far behind that the step was given up.
pub async fn drive<F>(journal: &Journal, block: &Block, send: impl Fn(u64) -> F) -> bool
where
    F: Future<Output = ()> + Send + 'static,
{
    let most = FURTHEST_BEHIND_SECS * usize::try_from(block.rate()).unwrap() + 64;
    block.start(journal.now());
    let mut under_way = JoinSet::new();
    let mut kept_up = true;
    for number in block.numbers() {
        sleep_until(journal.instant(block.meant(number)).into()).await;
        while under_way.try_join_next().is_some() {}
        if under_way.len() > most {
            kept_up = false;
            break;
        }
        under_way.spawn(send(number));
    }
    while under_way.join_next().await.is_some() {}
    kept_up
}
