use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
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
        Self::spawn(Command::new(Self::path()).args(arguments), folder, variables)
    }

    /// Runs a script that ends in `exec …/weft …`, as a person at a terminal would.
    pub fn script(folder: &Path, script: &str, variables: &[(&str, &str)]) -> Self {
        Self::spawn(Command::new("bash").args(["-eu", "-c", script]), folder, variables)
    }

    /// Runs a command of `weft` to its end.
    pub async fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(Self::path());
        command.args(arguments).envs(variables.iter().copied()).current_dir(folder).kill_on_drop(true);
        let ended = tokio::time::timeout(Duration::from_secs(60), command.output()).await;
        ended.unwrap_or_else(|_| panic!("not within 60 s: weft {arguments:?}")).unwrap()
    }

    /// Beside this test's own executable, where cargo puts binaries.
    pub fn path() -> PathBuf {
        let own = std::env::current_exe().unwrap();
        let folder = own.ancestors().find(|folder| folder.join("weft").is_file());
        folder.expect("build the binary first: cargo build --bin weft").join("weft")
    }

    fn spawn(command: &mut Command, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut child = command
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

    /// Waits until it is up, and gives its address.
    pub async fn answers_at(&mut self) -> String {
        self.wait_for("Weft answers", |line| {
            let address = line.strip_prefix("Weft answers at ")?;
            address.split_whitespace().next().map(str::to_owned)
        })
        .await
    }

    /// Ends it as a power failure of the process would: SIGKILL.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Ends it as a person or a cluster does: SIGTERM. Gives how it ended; it has ten seconds.
    pub async fn terminate(mut self) -> ExitStatus {
        let order = format!("kill -TERM {}", self.id());
        let sent = Command::new("bash").args(["-c", &order]).status().await.unwrap();
        assert!(sent.success());
        let ended = tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await;
        ended.expect("it ends within 10 s of SIGTERM").unwrap()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}
