use std::{io, thread, time::Duration};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Lifecycle;

/// The exit status of a stop that was forced, by a second signal or the watchdog.
const FORCED: i32 = 70;

impl Lifecycle {
    /// Ties this life to the process: only for `main`, once.
    ///
    /// SIGTERM and SIGINT ask to stop; a second one ends the process at once. From the moment a stop is asked for, by
    /// whomever, a watchdog ends the process when it has not ended by itself, and says what was still running.
    ///
    /// # Errors
    /// When the operating system refuses the signal handlers.
    pub fn own_process(&self) -> io::Result<()> {
        let signals =
            Signals { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? };
        // not on a task set: it must outlive them all
        drop(tokio_util::task::TaskTracker::new().spawn(watch_signals(self.clone(), signals)));
        Ok(())
    }
}

struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}

async fn watch_signals(life: Lifecycle, mut signals: Signals) {
    tokio::select! {
        name = signals.next() => life.ask_to_stop(name),
        _failed = life.until_asked_to_stop() => {}
    }
    let watched = life.clone();
    // a thread of its own: it must bite when the runtime hangs
    let dog = thread::Builder::new().name("watchdog".to_owned()).spawn(move || bite_late(&watched));
    if let Err(error) = dog {
        tracing::error!(error = &error as &dyn std::error::Error, "no watchdog");
    }
    let name = signals.next().await;
    tracing::warn!(signal = name, running = ?life.running(), "second signal: leaving at once");
    exit();
}

fn bite_late(life: &Lifecycle) {
    thread::sleep(life.times().watchdog);
    tracing::error!(running = ?life.running(), "not stopped in time: leaving");
    // the log goes through a pipe; give it a moment
    thread::sleep(Duration::from_millis(50));
    exit();
}

#[expect(clippy::disallowed_methods, reason = "the one place that ends the process by force")]
fn exit() -> ! {
    std::process::exit(FORCED)
}
