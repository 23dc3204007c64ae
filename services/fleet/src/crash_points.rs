use fail::FailScenario;

/// Arms the points that `FAILPOINTS` names, like `bus.ack.before=20*off->panic`. Reaching one ends the process there: no
/// destructor runs, nothing is flushed.
pub(crate) fn arm() -> FailScenario<'static> {
    std::panic::set_hook(Box::new(|_| std::process::abort()));
    FailScenario::setup()
}
