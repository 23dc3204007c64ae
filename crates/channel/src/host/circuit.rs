#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use moka::future::Cache;

use super::metering::OpenCircuit;

const WINDOW: Duration = Duration::from_secs(30);
const MIN_CALLS: usize = 20;
/// More than this many calls in a window tell no more.
const MAX_CALLS: usize = 200;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A probe that is silent for longer is given up.
const PROBE_PATIENCE: Duration = Duration::from_secs(60);

/// The circuits, by account and class of endpoints.
#[derive(Clone)]
pub(crate) struct Circuits {
    kind: &'static str,
    accounts: Cache<String, Arc<Mutex<ByClass>>>,
}

type ByClass = Vec<OfClass>;

struct OfClass {
    class: &'static str,
    /// Messages are sent by it.
    sends: bool,
    circuit: Circuit,
    counted: Option<OpenCircuit>,
}

/// Stops calling a provider that fails: half of at least 20 calls in 30 s. Then one call at a time finds out whether it is back.
#[derive(Debug, Default)]
pub(crate) struct Circuit {
    calls: VecDeque<(Instant, bool)>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Instant,
    pause: Duration,
    probe_since: Option<Instant>,
}

impl Circuit {
    /// Whether a call may be made; if not, how long to wait.
    pub(crate) fn permit(&mut self, now: Instant) -> Result<(), Duration> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if now < open.until {
            return Err(open.until - now);
        }
        if let Some(since) = open.probe_since
            && now < since + PROBE_PATIENCE
        {
            return Err(Duration::from_secs(1).max(since + PROBE_PATIENCE - now).min(FIRST_PAUSE));
        }
        open.probe_since = Some(now);
        Ok(())
    }

    /// Notes how a call ended.
    pub(crate) fn note(&mut self, now: Instant, worked: bool) {
        if let Some(open) = &mut self.open {
            let was_probe = open.probe_since.take().is_some();
            match (was_probe, worked) {
                (true, true) => *self = Self::default(),
                (true, false) => {
                    open.pause = (open.pause * 2).min(LONGEST_PAUSE);
                    open.until = now + open.pause;
                }
                // began before it opened
                (false, _) => {}
            }
            return;
        }
        self.calls.push_back((now, worked));
        while self.calls.len() > MAX_CALLS
            || self.calls.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW)
        {
            self.calls.pop_front();
        }
        let failures = self.calls.iter().filter(|(_, worked)| !worked).count();
        if self.calls.len() >= MIN_CALLS && failures * 2 >= self.calls.len() {
            self.calls.clear();
            self.open = Some(Open { until: now + FIRST_PAUSE, pause: FIRST_PAUSE, probe_since: None });
        }
    }

    fn closed_for(&self, now: Instant) -> Option<Duration> {
        self.open
            .as_ref()
            .map(|open| open.until.saturating_duration_since(now))
            .filter(|left| !left.is_zero())
    }
}

impl Circuits {
    pub(crate) fn new(kind: &'static str) -> Self {
        let accounts = Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_secs(3600)).build();
        Self { kind, accounts }
    }

    /// Asks for a call, perhaps one that sends a message; what is got has to say how it went.
    pub(crate) async fn begin(
        &self,
        account: &str,
        class: &'static str,
        sends: bool,
    ) -> Result<Call, Duration> {
        let circuits = self.of(account).await;
        with(&mut lock(&circuits), class, |known| {
            known.sends |= sends;
            known.circuit.permit(Instant::now())
        })?;
        Ok(Call { circuits, kind: self.kind, class, ended: false })
    }

    /// How long to wait when no call may be made by which this account sends messages.
    pub(crate) async fn sending_paused(&self, account: &str) -> Option<Duration> {
        let circuits = self.of(account).await;
        let circuits = lock(&circuits);
        let now = Instant::now();
        let sending = circuits.iter().filter(|known| known.sends);
        let waits: Option<Vec<Duration>> = sending.map(|known| known.circuit.closed_for(now)).collect();
        waits?.into_iter().min()
    }

    async fn of(&self, account: &str) -> Arc<Mutex<ByClass>> {
        self.accounts.get_with(account.to_owned(), async { Arc::default() }).await
    }
}

/// A call that was let through. One that is dropped before it ended has failed: it took too long.
pub(crate) struct Call {
    circuits: Arc<Mutex<ByClass>>,
    kind: &'static str,
    class: &'static str,
    ended: bool,
}

impl Call {
    pub(crate) fn end(mut self, worked: bool) {
        self.note(worked);
    }

    fn note(&mut self, worked: bool) {
        self.ended = true;
        with(&mut lock(&self.circuits), self.class, |known| {
            known.circuit.note(Instant::now(), worked);
            match (known.circuit.open.is_some(), known.counted.is_some()) {
                (true, false) => known.counted = Some(OpenCircuit::new(self.kind)),
                (false, true) => known.counted = None,
                _ => {}
            }
        });
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.note(false);
        }
    }
}

fn with<T>(circuits: &mut ByClass, class: &'static str, work: impl FnOnce(&mut OfClass) -> T) -> T {
    if let Some(known) = circuits.iter_mut().find(|known| known.class == class) {
        return work(known);
    }
    let mut fresh = OfClass { class, sends: false, circuit: Circuit::default(), counted: None };
    let done = work(&mut fresh);
    circuits.push(fresh);
    done
}

fn lock(circuits: &Mutex<ByClass>) -> MutexGuard<'_, ByClass> {
    circuits.lock().unwrap_or_else(PoisonError::into_inner)
}
