//! The binary `weft`.

mod cli;
#[cfg(feature = "crash-points")]
mod crash_points;

use std::process::ExitCode;

use clap::Parser;

/// Half again as many webhooks per second as with the C library's (`docs/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A worker has nothing that it does not need.
    if let Some(ended) = weft_media::worker() {
        return ended;
    }
    // One provider of TLS for the whole process, before anything opens a connection.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return cli::fail("the TLS provider was installed twice");
    }
    #[cfg(feature = "crash-points")]
    let _armed = crash_points::arm();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::fail(&format!("the runtime did not start: {error}")),
    };
    match runtime.block_on(cli::run(cli::Cli::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::fail(&format!("{error:#}")),
    }
}
