use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// The binary `weft`, killed when dropped.
pub struct Weft {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Weft {
    /// Runs `weft` with these arguments and variables in `folder`.
    pub fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(binary())
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads what it prints until a line is what is wanted.
    pub async fn wait_for<T>(&mut self, what: &str, mut wanted: impl FnMut(&str) -> Option<T>) -> T {
        let found = tokio::time::timeout(Duration::from_secs(60), async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if let Some(found) = wanted(&line) {
                    return found;
                }
            }
            panic!("weft ended before: {what}")
        });
        found.await.unwrap_or_else(|_| panic!("not within 60 s: {what}"))
    }

    /// Ends it as a power failure of the process would: SIGKILL.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

/// Beside this test's own executable, where cargo puts binaries.
fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().find(|folder| folder.join("weft").is_file());
    folder.expect("build the binary first: cargo build --bin weft").join("weft")
}
