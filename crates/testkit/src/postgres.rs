use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::time::sleep;

use crate::{
    Disk,
    databases::{Database, Databases},
    port::free_port,
    process::Process,
    program::{find, postgres_folders, postgres_user},
};

/// A private PostgreSQL with the roles of Weft, ended when dropped.
pub struct Postgres {
    process: Process,
    data: PathBuf,
    port: u16,
    settings: &'static [&'static str],
}

impl Postgres {
    /// Starts an empty server that survives `kill` but, for speed, not a power cut.
    pub async fn start() -> Self {
        Self::launch(Process::new("postgres", STOP), None, QUICK).await
    }

    /// Starts an empty server that syncs to disk as in production.
    pub async fn start_durable() -> Self {
        Self::launch(Process::new("postgres", STOP), None, DURABLE).await
    }

    /// Starts a durable server on a small disk.
    pub async fn start_on(disk: &Disk) -> Self {
        let data = disk.folder().join("data");
        let postgres = Self::launch(Process::new("postgres", STOP), Some(data), DURABLE).await;
        // Who sets up a database waits for the disk; here the servers of all tests do not.
        disk.sync();
        postgres
    }

    /// Starts a durable server on the data in `folder`, which stay when it is dropped.
    pub async fn start_in(folder: &Path) -> Self {
        Self::launch(Process::new("postgres", STOP), Some(folder.to_owned()), ROOMY).await
    }

    async fn launch(process: Process, kept: Option<PathBuf>, settings: &'static [&'static str]) -> Self {
        give_away(process.home());
        let data = kept.unwrap_or_else(|| process.home().join("data"));
        if !data.join("PG_VERSION").exists() {
            create_cluster(process.home(), &data).await;
        }
        let mut postgres = Self { process, data, port: free_port(), settings };
        for _ in 0..5 {
            if postgres.run().await {
                postgres.databases().create_roles().await;
                return postgres;
            }
            postgres.port = free_port();
        }
        panic!("postgres does not start:\n{}", postgres.process.log());
    }

    async fn run(&mut self) -> bool {
        let mut command = Command::new(find("postgres", postgres_folders));
        command.arg("-D").arg(&self.data).args(["-p", &self.port.to_string()]);
        for setting in SETTINGS.iter().chain(self.settings) {
            command.args(["-c", setting]);
        }
        as_postgres(&mut command);
        let pid_file = self.data.join("postmaster.pid");
        self.process.start(command, async |pid| is_ready(&pid_file, pid)).await
    }

    /// Makes databases on this server.
    pub fn databases(&self) -> Databases {
        Databases::new(format!("postgres://postgres@127.0.0.1:{}/postgres", self.port))
    }

    /// A new empty database.
    pub async fn database(&self) -> Database {
        self.databases().database().await
    }

    /// The port, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server with SIGKILL; the data stay.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends the server and its backends at the same moment (SIGKILL), as a power cut does.
    pub fn kill_all(&mut self) {
        self.process.kill_all();
    }

    /// Stops the server where it is; its connections stay open and nothing is answered.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Starts it again on the same port and data; a running one is killed first.
    pub async fn restart(&mut self) {
        self.process.kill();
        // orphaned backends of the killed server hold its shared memory for a moment
        for _ in 0..100 {
            if self.run().await {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("postgres does not restart:\n{}", self.process.log());
    }
}

/// Not KILL: otherwise each run leaves a piece of shared memory behind.
const STOP: &str = "QUIT";

const QUICK: &[&str] = &["shared_buffers=64MB", "fsync=off", "full_page_writes=off"];
const DURABLE: &[&str] = &["shared_buffers=64MB"];
/// For millions of messages.
const ROOMY: &[&str] = &["shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_completion_target=0.9"];

const SETTINGS: [&str; 8] = [
    // Plans made on empty tables are made anew soon, as they are in an hour of production.
    "autovacuum_naptime=5s",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "dynamic_shared_memory_type=mmap",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
];

fn give_away(folder: &Path) {
    if let Some((user, group)) = postgres_user() {
        chown(folder, Some(user), Some(group)).expect("root may give a folder away");
    }
}

async fn create_cluster(home: &Path, data: &Path) {
    fs::create_dir_all(data).expect("the folder for data is writable");
    give_away(data);
    let mut command = Command::new(find("initdb", postgres_folders));
    command
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(data)
        .current_dir(home);
    as_postgres(&mut command);
    let output = tokio::process::Command::from(command).output().await.expect("initdb runs");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

fn as_postgres(command: &mut Command) {
    if let Some((user, group)) = postgres_user() {
        command.uid(user).gid(group);
    }
}

/// The first line of the file is the server's pid, the eighth its state.
fn is_ready(pid_file: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let mut lines = text.lines();
    lines.next() == Some(pid.to_string().as_str())
        && lines.nth(6).is_some_and(|state| state.trim() == "ready")
}
