#![doc = include_str!("../README.md")]

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::sync::Notify;
use tonic::service::Routes;
use weft_auth::Authority;
use weft_bus::Bus;
use weft_domain::Result;
use weft_proto::{
    automation::v1::{
        agents_server::AgentsServer, assignment_server::AssignmentServer,
        auto_replies_server::AutoRepliesServer, availability_server::AvailabilityServer,
        business_hours_server::BusinessHoursServer, staffing_server::StaffingServer,
    },
    conversation::v1::{
        assignments_client::AssignmentsClient, automatic_messages_client::AutomaticMessagesClient,
    },
};
use weft_rpc::{Channels, Client, ClientAuth};
use weft_runtime::Lifecycle;
use weft_store::Store;

mod config;

mod grpc;

mod app;

mod auto_reply;
mod availability;
mod balance;
mod desk;
mod hours;
mod known;
mod lookup;
mod metering;
mod show;

mod consumers;
mod jobs;

mod migration;
mod store;

pub use config::{Config, DEFAULTS};
pub use consumers::consumers;
pub use migration::Migrator;

/// The service's name in the roster, on the wire and in the database.
pub const NAME: &str = "automation";

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
    /// How it is set up.
    pub config: Config,
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
    pub(crate) assignments: AssignmentsClient<Client>,
    pub(crate) automatic: AutomaticMessagesClient<Client>,
    pub(crate) default_capacity: u32,
    /// Told after every commit that may have decided something; a hint only, polling is the guarantee.
    pub(crate) decided: Arc<Notify>,
}

/// Starts the service: consumers and jobs run from now on, the methods are given back to be served.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    deps.config.validate()?;
    let conversation = ClientAuth::client(deps.channels.to("conversation")?, deps.authority);
    let context = Arc::new(Context {
        store: deps.store,
        assignments: AssignmentsClient::new(conversation.clone()),
        automatic: AutomaticMessagesClient::new(conversation),
        default_capacity: deps.config.default_capacity,
        decided: Arc::default(),
    });
    let tasks = deps.lifecycle.work();
    consumers::start(&context, &deps.bus, tasks).await?;
    tasks.spawn_critical("carry out decisions", jobs::carry_out::run(context.clone(), tasks.stop_token()));
    let (replies, stop) = (context.clone(), tasks.stop_token());
    tasks.every("send automatic replies", Duration::from_millis(200), tasks.stop_token(), move || {
        let (context, stop) = (replies.clone(), stop.clone());
        async move { jobs::send_replies::run(&context, &stop).await }
    });
    let old = context.clone();
    tasks.every("prune automatic replies", Duration::from_secs(3600), tasks.stop_token(), move || {
        let context = old.clone();
        async move { jobs::prune_answers::run(&context).await }
    });
    let prune = context.clone();
    tasks.every("prune done conversations", Duration::from_secs(3600), tasks.stop_token(), move || {
        let context = prune.clone();
        async move { jobs::prune_done::run(&context).await }
    });
    let mut grpc = Routes::default();
    grpc = grpc
        .add_service(AvailabilityServer::from_arc(context.clone()))
        .add_service(AgentsServer::from_arc(context.clone()))
        .add_service(AssignmentServer::from_arc(context.clone()))
        .add_service(AutoRepliesServer::from_arc(context.clone()))
        .add_service(BusinessHoursServer::from_arc(context.clone()))
        .add_service(StaffingServer::from_arc(context));
    Ok(Started { grpc })
}
