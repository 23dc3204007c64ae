use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::{
    eventually,
    port::free_port,
    process::Process,
    program::{find, python_scripts},
};

const READY: Duration = Duration::from_secs(30);

/// A private NATS server with JetStream that syncs every write, ended when dropped.
pub struct Nats {
    process: Process,
    name: String,
    data: PathBuf,
    port: u16,
    besides: String,
}

impl Nats {
    /// Starts a server with a new folder.
    pub async fn start() -> Self {
        let process = Process::new("nats", "KILL");
        let data = process.home().join("data");
        Self::launch(process, data, "").await
    }

    /// Starts a server on the streams in `folder`, which stays when the server is dropped.
    pub async fn start_in(folder: &Path) -> Self {
        Self::launch(Process::new("nats", "KILL"), folder.to_owned(), "").await
    }

    /// Starts a server with a new folder and more in its configuration: users, certificates.
    pub async fn start_with(besides: &str) -> Self {
        let process = Process::new("nats", "KILL");
        let data = process.home().join("data");
        Self::launch(process, data, besides).await
    }

    /// Starts so many servers that are one: streams may have as many replicas.
    pub async fn start_cluster(servers: usize) -> Vec<Self> {
        let routes: Vec<u16> = (0..servers).map(|_| free_port()).collect();
        let urls: Vec<String> = routes.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
        let looks: Vec<u16> = (0..servers).map(|_| free_port()).collect();
        let mut started = Vec::new();
        for (route, look) in routes.iter().zip(&looks) {
            let besides = format!(
                "http: \"127.0.0.1:{look}\"\ncluster {{ name: weft, listen: \"127.0.0.1:{route}\", routes: [{}] }}",
                urls.join(", ")
            );
            started.push(Self::start_with(&besides).await);
        }
        for look in looks {
            eventually("the cluster has a leader", READY, async || is_healthy(look).await).await;
        }
        started
    }

    async fn launch(process: Process, data: PathBuf, besides: &str) -> Self {
        let name = uuid::Uuid::now_v7().to_string();
        let mut nats = Self { process, name, data, port: free_port(), besides: besides.to_owned() };
        for _ in 0..5 {
            if nats.run().await {
                return nats;
            }
            nats.port = free_port();
        }
        panic!("nats-server does not start:\n{}", nats.process.log());
    }

    async fn run(&mut self) -> bool {
        let name = &self.name;
        let config = self.process.home().join("nats.conf");
        // Else a test's streams would not fit on a nearly full disk, though they hold next to nothing.
        let text = format!(
            "server_name: \"{name}\"\nlisten: \"127.0.0.1:{}\"\n\
             jetstream {{ store_dir: {:?}, sync_interval: always, max_file_store: 100GB }}\n{}\n",
            self.port, self.data, self.besides
        );
        fs::write(&config, text).expect("the server's folder is writable");
        let mut command = Command::new(find("nats-server", python_scripts));
        command.arg("--config").arg(config);
        let port = self.port;
        self.process
            .start(command, async |_| greeting(port).await.is_some_and(|info| info.contains(name.as_str())))
            .await
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged since it was last started.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Ends the server with SIGKILL; the streams stay.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stops the server where it is; its connections stay open and nothing is answered.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Ends the server and takes its streams away.
    pub fn lose_disk(&mut self) {
        self.kill();
        fs::remove_dir_all(&self.data).expect("streams that can be removed");
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Starts it again on the same port and streams; a running one is killed first.
    pub async fn restart(&mut self) {
        let up = self.run().await;
        assert!(up, "nats-server does not restart:\n{}", self.process.log());
    }
}

/// A server is healthy when it follows the cluster's leader.
async fn is_healthy(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: nats\r\nconnection: close\r\n\r\n").await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.starts_with("HTTP/1.1 200").then_some(())
}

async fn greeting(port: u16) -> Option<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    BufReader::new(stream).lines().next_line().await.ok()?
}
