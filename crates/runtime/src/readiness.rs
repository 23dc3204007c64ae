use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

/// Whether a service cannot work without a dependency, or only offers less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Not ready while it is down.
    Required,
    /// Degraded, and ready, while it is down.
    Optional,
}

/// How the process presents itself to who sends it traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The start is not over, or something required has never been up.
    Starting,
    /// Everything is up.
    Ready,
    /// Something optional is down: it serves, with less.
    Degraded,
    /// Something required is down.
    Unready,
    /// It takes no new work.
    Stopping,
}

impl State {
    /// Whether traffic should come here.
    pub fn serves(self) -> bool {
        matches!(self, Self::Ready | Self::Degraded)
    }

    /// The word for probes and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::Unready => "unready",
            Self::Stopping => "stopping",
        }
    }
}

/// One dependency as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// What is looked at.
    pub name: String,
    /// What its failure means.
    pub need: Need,
    /// `None` when it is up, else why not.
    pub trouble: Option<String>,
}

/// The readiness of a process: named checks that the owners of dependencies keep up to date. Clones share it.
///
/// Nothing is asked when a probe comes in, so a probe is cheap and never hangs on a dependency.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    board: Mutex<Board>,
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct Board {
    started: bool,
    stopping: bool,
    checks: BTreeMap<Cow<'static, str>, (Need, Standing)>,
}

#[derive(Debug)]
enum Standing {
    Never,
    Up,
    Down(String),
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

impl Readiness {
    /// A process that is starting, with nothing to check.
    pub fn new() -> Self {
        Self(Arc::new(Inner { board: Mutex::default(), state: watch::Sender::new(State::Starting) }))
    }

    /// Adds a dependency that has not been seen up yet.
    pub fn check(&self, name: impl Into<Cow<'static, str>>, need: Need) -> Check {
        let key = name.into();
        self.change(|board| {
            board.checks.insert(key.clone(), (need, Standing::Never));
        });
        Check { readiness: self.clone(), name: key }
    }

    /// The start is over: from now on the checks decide.
    pub fn started(&self) {
        self.change(|board| board.started = true);
    }

    /// Not ready any more, for good.
    pub fn stopping(&self) {
        self.change(|board| board.stopping = true);
    }

    /// The state as of now.
    pub fn state(&self) -> State {
        *self.0.state.borrow()
    }

    /// Follows the state.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.0.state.subscribe()
    }

    /// All checks by name.
    pub fn report(&self) -> Vec<CheckReport> {
        let board = self.0.board.lock().unwrap_or_else(PoisonError::into_inner);
        let each = board.checks.iter().map(|(name, (need, standing))| CheckReport {
            name: name.to_string(),
            need: *need,
            trouble: match standing {
                Standing::Never => Some("not up yet".to_owned()),
                Standing::Up => None,
                Standing::Down(why) => Some(why.clone()),
            },
        });
        each.collect()
    }

    fn change(&self, edit: impl FnOnce(&mut Board)) {
        let mut board = self.0.board.lock().unwrap_or_else(PoisonError::into_inner);
        edit(&mut board);
        let new = board.state();
        // under the lock, so that two changes cannot be published in the wrong order
        let before = self.0.state.send_replace(new);
        drop(board);
        if before != new {
            tracing::info!(from = before.as_str(), to = new.as_str(), "readiness changed");
            crate::metering::ready(new.serves());
        }
    }
}

impl Board {
    fn state(&self) -> State {
        if self.stopping {
            return State::Stopping;
        }
        if !self.started || self.any(|need, it| need == Need::Required && matches!(it, Standing::Never)) {
            return State::Starting;
        }
        if self.any(|need, it| need == Need::Required && matches!(it, Standing::Down(_))) {
            return State::Unready;
        }
        if self.any(|_need, it| !matches!(it, Standing::Up)) {
            return State::Degraded;
        }
        State::Ready
    }

    fn any(&self, wanted: impl Fn(Need, &Standing) -> bool) -> bool {
        self.checks.values().any(|(need, standing)| wanted(*need, standing))
    }
}

/// The handle with which the owner of a dependency says how it stands.
#[derive(Clone, Debug)]
pub struct Check {
    readiness: Readiness,
    name: Cow<'static, str>,
}

impl Check {
    /// It works.
    pub fn up(&self) {
        self.set(Standing::Up);
    }

    /// It does not work; `why` is shown to operators.
    pub fn down(&self, why: impl Into<String>) {
        self.set(Standing::Down(why.into()));
    }

    fn set(&self, standing: Standing) {
        let name = self.name.as_ref();
        self.readiness.change(|board| {
            let Some((_need, current)) = board.checks.get_mut(&self.name) else { return };
            // probes do not show why, so the log must; a check may be set every second, so only the turns
            match (&*current, &standing) {
                (Standing::Never | Standing::Up, Standing::Down(why)) => {
                    tracing::warn!(check = name, why, "a dependency is down");
                }
                (Standing::Down(_), Standing::Up) => tracing::info!(check = name, "a dependency is up again"),
                _ => {}
            }
            *current = standing;
        });
    }
}
