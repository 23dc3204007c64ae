#![doc = include_str!("../README.md")]

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tonic::service::Routes;
use weft_auth::Authority;
use weft_bus::Bus;
use weft_domain::{Clock, Result};
use weft_proto::{
    conversation::v1::{messages_client::MessagesClient, transcripts_client::TranscriptsClient},
    voice::v1::{voice_server::VoiceServer, voice_settings_server::VoiceSettingsServer},
};
use weft_rpc::{Channels, Client, ClientAuth};
use weft_runtime::Lifecycle;
use weft_store::Store;

mod config;

mod grpc;

mod app;

mod audio;
mod engine;
mod engines;
mod files;
mod language;
mod metering;
mod programs;

mod consumers;
mod jobs;

mod migration;
mod store;

pub use config::{Aws, Config, DEFAULTS, Engine, Google, Local, OpenAi};
pub use consumers::consumers;
pub use migration::Migrator;

use engines::Engines;
use files::Files;

/// The service's name in the roster, on the wire and in the database.
pub const NAME: &str = "voice";

/// What the service is handed.
pub struct Deps {
    /// Its database.
    pub store: Store,
    /// The bus.
    pub bus: Bus,
    /// Who is calling.
    pub authority: Authority,
    /// The way to other services.
    pub channels: Channels,
    /// Calls to providers.
    pub http: weft_http::Client,
    /// How it is set up.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to stop, and the tasks to wait for.
    pub lifecycle: Lifecycle,
}

/// What the service answers.
pub struct Started {
    /// Its gRPC methods.
    pub grpc: Routes,
}

/// What use cases stand on.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) engines: Arc<Engines>,
    pub(crate) messages: MessagesClient<Client>,
    pub(crate) transcripts: TranscriptsClient<Client>,
    pub(crate) language: String,
}

/// Starts the service: consumers and jobs run from now on, the methods are given back to be served.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    let to = |service: &str| -> Result<Client> {
        Ok(ClientAuth::client(deps.channels.to(service)?, deps.authority.clone()))
    };
    let conversation = to("conversation")?;
    let tasks = deps.lifecycle.work();
    let context = Arc::new(Context {
        store: deps.store,
        files: Files::new(to("media")?, deps.config.max_file_bytes),
        language: deps.config.language.clone(),
        engines: Arc::new(Engines::new(deps.config, deps.http, deps.clock, tasks.clone())),
        messages: MessagesClient::new(conversation.clone()),
        transcripts: TranscriptsClient::new(conversation),
    });
    consumers::start(&context, &deps.bus, tasks).await?;
    let prune = context.clone();
    tasks.every("forget what is done", Duration::from_secs(3600), tasks.stop_token(), move || {
        let context = prune.clone();
        async move { jobs::forget_done::run(&context).await }
    });
    let mut grpc = Routes::default();
    grpc = grpc
        .add_service(VoiceServer::from_arc(context.clone()))
        .add_service(VoiceSettingsServer::from_arc(context));
    Ok(Started { grpc })
}
