//! Runs a command with one NATS, PostgreSQL and Redis for all its tests, and ends with the command's exit code.

use std::{
    os::unix::process::ExitStatusExt,
    process::{ExitCode, ExitStatus},
};

use anyhow::{Context, Result};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};
use weft_testkit::{NATS_VARIABLE, Nats, POSTGRES_VARIABLE, Postgres, REDIS_VARIABLE, Redis};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().context("usage: with-servers <command> [arguments]")?;
    let (nats, postgres, redis) = tokio::join!(Nats::start(), Postgres::start(), Redis::start());
    let child = Command::new(&program)
        .args(words)
        .env(NATS_VARIABLE, nats.url())
        .env(POSTGRES_VARIABLE, postgres.databases().superuser_url())
        .env(REDIS_VARIABLE, redis.url())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let status = wait(child).await?;
    drop(nats);
    drop(redis);
    drop(postgres);
    Ok(ExitCode::from(exit_code(status)))
}

/// Waits for the command. Ctrl-C reaches it from the terminal; SIGTERM reaches only us, so it is passed on.
async fn wait(mut child: Child) -> Result<ExitStatus> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                let Some(pid) = child.id() else { continue };
                Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
            }
        }
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
