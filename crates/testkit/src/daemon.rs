use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use crate::process::Process;

/// A program that runs beside us, to be killed, paused, ended and started again; it does not outlive us.
pub struct Daemon {
    process: Process,
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Daemon {
    /// Prepares a program that writes what it says to the end of `log`.
    pub fn new(name: &str, program: &Path, arguments: &[&str], log: &Path) -> Self {
        Self {
            process: Process::logging_to(name, "KILL", Some(log)),
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            variables: Vec::new(),
        }
    }

    /// Sets environment variables besides those of this process.
    pub fn variables(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// Starts it, or starts it again, and waits until `ready` says so; false when it ended instead. `besides` are variables for
    /// this time only.
    pub async fn start(&mut self, besides: &[(&str, &str)], ready: impl AsyncFn() -> bool) -> bool {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(besides.iter().copied());
        self.process.start(command, async |_| ready().await).await
    }

    /// Ends it with SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stops it where it is (SIGSTOP).
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Lets it go on (SIGCONT).
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Asks it to end (SIGTERM) and waits; none when it still runs after `patience`.
    pub async fn terminate(&mut self, patience: Duration) -> Option<ExitStatus> {
        self.process.terminate(patience).await
    }

    /// How it ended, if it did by itself.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.process.exit_status()
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// What it has said.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
