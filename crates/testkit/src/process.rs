use std::{
    fs::{self, File},
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

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
}

impl Process {
    /// Prepares the folder; `stop` is the signal that ends the server on drop.
    pub(crate) fn new(kind: &str, stop: &str) -> Self {
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
        Self { server: None, keeper, home }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Starts the server, and waits until `ready` says so of its pid; false when it ended instead.
    pub(crate) async fn start(&mut self, mut command: Command, ready: impl AsyncFn(u32) -> bool) -> bool {
        self.kill();
        let log = File::create(self.home.join("log")).expect("the server's folder is writable");
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

    fn ended(&mut self) -> bool {
        self.server.as_mut().is_none_or(|server| server.try_wait().is_ok_and(|status| status.is_some()))
    }

    /// Ends the server at once, as a power cut would (SIGKILL).
    pub(crate) fn kill(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        drop(server.kill());
        drop(server.wait());
        self.tell_keeper("");
    }

    /// What the server has said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }

    fn tell_keeper(&mut self, pid: &str) {
        let Some(input) = self.keeper.stdin.as_mut() else { return };
        input.write_all(format!("{pid}\n").as_bytes()).expect("the keeper lives as long as we do");
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
