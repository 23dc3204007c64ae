use std::{
    fs::{self, File},
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

/// Ends the server and removes its folder once our end of its input closes: on drop, and however this process dies.
///
/// A pipe, not a parent-death signal: that one fires already when the *thread* that started the server ends.
const KEEPER: &str = r#"
trap "" INT TERM HUP QUIT
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -s "$2" "$pid"
  tries=0
  while kill -0 "$pid" && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL "$pid"
fi
rm -rf "$1" || { sleep 0.5; rm -rf "$1"; }
"#;

/// A server of ours with a folder of its own; both are gone when this is dropped or this process dies.
pub(crate) struct Process {
    server: Option<Child>,
    keeper: Child,
    home: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Prepares the folder; `stop` is the signal that ends the server on drop.
    pub(crate) fn new(kind: &str, stop: &str) -> Self {
        Self::logging_to(kind, stop, None)
    }

    /// The same, with what the server says in a file that stays and is written on.
    pub(crate) fn logging_to(kind: &str, stop: &str, log: Option<&Path>) -> Self {
        let home = tempfile::Builder::new()
            .prefix(&format!("weft-{kind}-"))
            .tempdir()
            .expect("the system's temporary folder is writable")
            .keep();
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&home)
            .arg(stop)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        let log = log.map_or_else(|| home.join("log"), Path::to_owned);
        Self { server: None, keeper, home, log }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Starts the server, and waits until `ready` says so of its pid; false when it ended instead.
    pub(crate) async fn start(&mut self, mut command: Command, ready: impl AsyncFn(u32) -> bool) -> bool {
        self.kill();
        let log = self.open_log();
        let errors = log.try_clone().expect("a file can be cloned");
        let server = command
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let pid = server.id();
        self.server = Some(server);
        self.tell_keeper(&pid.to_string());
        let end = Instant::now() + Duration::from_secs(60);
        while !ready(pid).await {
            if self.ended() {
                self.kill();
                return false;
            }
            assert!(Instant::now() < end, "{command:?} is not ready after a minute:\n{}", self.log());
            sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// A log in the server's own folder begins anew with each start.
    fn open_log(&self) -> File {
        let stays = !self.log.starts_with(&self.home);
        let mut options = File::options();
        let opened = options.create(true).write(true).append(stays).truncate(!stays).open(&self.log);
        opened.expect("the log's folder is writable")
    }

    fn ended(&mut self) -> bool {
        self.server.as_mut().is_none_or(|server| server.try_wait().is_ok_and(|status| status.is_some()))
    }

    /// How the server ended, if it did by itself.
    pub(crate) fn exit_status(&mut self) -> Option<ExitStatus> {
        self.server.as_mut()?.try_wait().ok()?
    }

    /// The server's process id while there is one.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// Stops the server where it is (SIGSTOP), with the processes it has started.
    pub(crate) fn pause(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Lets a paused server go on.
    pub(crate) fn resume(&self) {
        self.signal_all(Signal::CONT);
    }

    /// Asks the server to end (SIGTERM) and waits for it; none when it still runs after `patience`.
    pub(crate) async fn terminate(&mut self, patience: Duration) -> Option<ExitStatus> {
        signal(self.pid()?, Signal::TERM);
        let end = Instant::now() + patience;
        while Instant::now() < end {
            if let Some(status) = self.exit_status() {
                self.server = None;
                self.tell_keeper("");
                return Some(status);
            }
            sleep(Duration::from_millis(10)).await;
        }
        None
    }

    fn signal_all(&self, what: Signal) {
        self.pid().into_iter().chain(self.children()).for_each(|pid| signal(pid, what));
    }

    /// Those of PostgreSQL are no longer in its process group.
    fn children(&self) -> Vec<u32> {
        let Some(pid) = self.pid() else { return Vec::new() };
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children.split_whitespace().filter_map(|child| child.parse().ok()).collect()
    }

    /// Ends the server at once, as a power cut would (SIGKILL).
    pub(crate) fn kill(&mut self) {
        let children = self.children();
        let Some(mut server) = self.server.take() else { return };
        drop(server.kill());
        drop(server.wait());
        // paused ones would never notice
        children.into_iter().for_each(|pid| signal(pid, Signal::CONT));
        self.tell_keeper("");
    }

    /// Ends the server and the processes it has started; none of them does anything more.
    pub(crate) fn kill_all(&mut self) {
        self.pause();
        self.children().into_iter().for_each(|pid| signal(pid, Signal::KILL));
        self.kill();
    }

    /// What the server has said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn tell_keeper(&mut self, pid: &str) {
        let Some(input) = self.keeper.stdin.as_mut() else { return };
        input.write_all(format!("{pid}\n").as_bytes()).expect("the keeper lives as long as we do");
    }
}

fn signal(pid: u32, signal: Signal) {
    // one that has ended in the meantime needs no signal
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        kill_process(pid, signal).ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Some(mut server) = self.server.take() {
            drop(server.wait());
        }
        drop(self.keeper.wait());
    }
}
