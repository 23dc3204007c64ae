use std::process::Command;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{port::free_port, process::Process, program::find};

/// A private Redis that keeps nothing on disk, ended when dropped.
pub struct Redis {
    process: Process,
    port: u16,
}

impl Redis {
    /// Starts an empty server.
    pub async fn start() -> Self {
        let mut redis = Self { process: Process::new("redis", "KILL"), port: free_port() };
        for _ in 0..5 {
            if redis.run().await {
                return redis;
            }
            redis.port = free_port();
        }
        panic!("redis-server does not start:\n{}", redis.process.log());
    }

    async fn run(&mut self) -> bool {
        let mut command = Command::new(find("redis-server", Vec::new));
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]).args([
            "--save",
            "",
            "--appendonly",
            "no",
            "--daemonize",
            "no",
        ]);
        let port = self.port;
        let ready = async |pid: u32| {
            let answer = ask(port, "INFO server").await.unwrap_or_default();
            answer.contains(&format!("process_id:{pid}\r\n"))
        };
        self.process.start(command, ready).await
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Forgets all keys.
    pub async fn flush(&self) {
        let answer = ask(self.port, "FLUSHALL").await;
        assert_eq!(answer.as_deref(), Some("+OK\r\n"), "redis does not flush");
    }

    /// Ends the server with SIGKILL; its keys are gone.
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

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Starts it again, empty, on the same port; a running one is killed first.
    pub async fn restart(&mut self) {
        let up = self.run().await;
        assert!(up, "redis-server does not restart:\n{}", self.process.log());
    }
}

async fn ask(port: u16, command: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.strip_suffix("+OK\r\n").map(str::to_owned)
}
