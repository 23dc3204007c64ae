use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Where `make deps` puts the NATS client for Python.
const LIBRARIES: &str = "/usr/local/lib/weft-tests/python";
const PATIENCE: Duration = Duration::from_secs(30);

/// What the program in Python needs to know: nothing of Weft but its documents.
pub(crate) struct Place {
    pub(crate) server: String,
    pub(crate) seed: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Place {
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("kept.sqlite")
    }
}

/// The program in Python, killed when dropped.
pub(crate) struct Subscriber {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Everything it printed.
    pub(crate) said: String,
}

impl Subscriber {
    /// Starts it on what an earlier one has kept. With a crash point it stands still there, between its commit and its
    /// acknowledgement.
    pub(crate) fn start(place: &Place, crash_point: Option<usize>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("python3");
        command
            .arg(root.join("subscriber/follow.py"))
            .args(["--server", &place.server, "--reader", "stranger"])
            .arg("--seed")
            .arg(&place.seed)
            .arg("--asyncapi")
            .arg(root.join("../../docs/asyncapi.json"))
            .arg("--database")
            .arg(place.database());
        if let Some(events) = crash_point {
            command.arg("--crash-point").arg(events.to_string());
        }
        let mut child = command
            .env("PYTHONPATH", LIBRARIES)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("there is Python");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, said: String::new() }
    }

    /// Reads what it prints until that is what is wanted.
    pub(crate) async fn wait_for(&mut self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let found = tokio::time::timeout(PATIENCE, async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                self.said.push_str(&line);
                let numbers: Value = serde_json::from_str(&line).unwrap();
                if wanted(&numbers) {
                    return numbers;
                }
            }
            panic!("it ended before: {what}; `make deps` installs what it needs");
        });
        found.await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"))
    }

    /// Ends it with SIGKILL, and gives what it printed.
    pub(crate) async fn kill(mut self) -> String {
        self.child.kill().await.unwrap();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.said.push_str(&line);
        }
        self.said
    }
}
