#![doc = include_str!("../README.md")]

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tonic::service::Routes;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec, Stream};
use weft_domain::Result;
use weft_proto::{
    conversation::v1::{
        assignments_server::AssignmentsServer, automatic_messages_server::AutomaticMessagesServer,
        bulk_actions_server::BulkActionsServer, canned_replies_server::CannedRepliesServer,
        channel_tests_server::ChannelTestsServer, contact_files_server::ContactFilesServer,
        contact_notes_server::ContactNotesServer, contact_timeline_server::ContactTimelineServer,
        contacts_server::ContactsServer, conversations_server::ConversationsServer,
        custom_fields_server::CustomFieldsServer, drafts_server::DraftsServer, holders_server::HoldersServer,
        macros_server::MacrosServer, message_purposes_server::MessagePurposesServer,
        messages_server::MessagesServer, notifications_server::NotificationsServer,
        regroupings_server::RegroupingsServer, scheduled_messages_server::ScheduledMessagesServer,
        search_server::SearchServer, silence_server::SilenceServer, tags_server::TagsServer,
        threads_server::ThreadsServer, transcripts_server::TranscriptsServer, views_server::ViewsServer,
    },
    directory::v1::template_store_client::TemplateStoreClient,
    media::v1::file_transfer_client::FileTransferClient,
};
use weft_rpc::{Channels, Client, ClientAuth};
use weft_runtime::Lifecycle;
use weft_store::Store;

use crate::store::kinds::KindTable;

mod actor;
mod address;
mod app;
mod change;
mod consumers;
mod contact_file;
mod contact_rows;
mod csv_rows;
mod custom_fields;
mod deliver;
mod events;
mod excerpt;
mod filter;
mod follow_up;
mod grpc;
mod holders;
mod index;
mod intake;
mod jobs;
mod lookup;
mod lost_order;
mod metering;
mod migration;
mod notify;
mod reactions;
mod reply;
mod search;
mod show;
pub(crate) mod store;
mod tags;
mod threads;
mod variables;
mod views;

pub use lost_order::{LostOrders, settle_lost_order};
pub use migration::Migrator;

/// The service's name in the roster, on the wire and in the database.
pub const NAME: &str = "conversation";
/// The documented defaults of its configuration.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// How the service is set up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many inbound events are stored in one transaction at most.
    pub intake_batch: usize,
}

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
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) files: FileTransferClient<Client>,
    pub(crate) templates: TemplateStoreClient<Client>,
    pub(crate) kinds: KindTable,
    /// So many searches look for candidates at once: the rest of the connections across tenants is for what has to happen.
    pub(crate) searching: Semaphore,
}

/// The durable consumers the service reads with.
pub fn consumers(config: &Config) -> Vec<ConsumerSpec> {
    let inbound = ConsumerSpec {
        batch: config.intake_batch,
        shards: consumers::INTAKE_SHARDS,
        ..consumers::patient(consumers::INBOUND, Stream::In, &["weft.in.*.>"])
    };
    let names = ["weft.events.*.channel.*", "weft.events.*.user.*", "weft.events.*.channelkind.announced"];
    let changes = ["weft.events.*.conversation.*", "weft.events.*.mark.*"];
    let searched = ["message.created", "message.updated", "contact.created", "contact.updated"]
        .map(|change| format!("weft.events.*.{change}"));
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    vec![
        inbound,
        consumers::patient(consumers::NAMES, Stream::Events, &names),
        consumers::patient(consumers::TEAMS, Stream::Events, &["weft.events.*.team.updated"]),
        consumers::patient(consumers::VIEWS, Stream::Events, &changes),
        consumers::patient(consumers::SEARCH, Stream::Events, &searched),
    ]
}

/// Starts the service: consumers and jobs run from now on, the methods are given back to be served.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    let media = ClientAuth::client(deps.channels.to("media")?, deps.authority.clone());
    let directory = ClientAuth::client(deps.channels.to("directory")?, deps.authority.clone());
    let context = Arc::new(Context {
        kinds: KindTable::new(deps.store.clone()),
        searching: Semaphore::new(app::search::AT_ONCE),
        store: deps.store,
        bus: deps.bus,
        files: FileTransferClient::new(media),
        templates: TemplateStoreClient::new(directory),
    });
    let tasks = deps.lifecycle.work();
    for spec in consumers(&deps.config) {
        for consumer in context.bus.consume(&spec).await? {
            let (context, stop, name) = (context.clone(), tasks.stop_token(), spec.name.clone());
            tasks.spawn_critical(spec.name.clone(), async move {
                match name.as_str() {
                    consumers::INBOUND => {
                        let consumer = consumer.several_per_key();
                        consumer.run(stop, |batch| consumers::on_inbound::handle(&context, batch)).await
                    }
                    consumers::VIEWS => {
                        let consumer = consumer.several_per_key();
                        let handle = |batch| consumers::on_conversation_changed::handle(&context, batch);
                        consumer.run(stop, handle).await
                    }
                    consumers::TEAMS => {
                        consumer.run(stop, |batch| consumers::on_team_changed::handle(&context, batch)).await
                    }
                    consumers::SEARCH => {
                        let consumer = consumer.several_per_key();
                        let handle = |batch| consumers::on_searchable_changed::handle(&context, batch);
                        consumer.run(stop, handle).await
                    }
                    _ => {
                        consumer.run(stop, |batch| consumers::on_name_changed::handle(&context, batch)).await
                    }
                }
            });
        }
    }
    let due = context.clone();
    tasks.every("continue due messages", Duration::from_millis(200), tasks.stop_token(), move || {
        let context = due.clone();
        async move { Box::pin(jobs::continue_due::run(&context)).await }
    });
    let parked = context.clone();
    tasks.every("match parked reports", Duration::from_secs(1), tasks.stop_token(), move || {
        let context = parked.clone();
        async move { jobs::match_parked::run(&context).await }
    });
    let scheduled = context.clone();
    tasks.every("send scheduled messages", Duration::from_secs(1), tasks.stop_token(), move || {
        let context = scheduled.clone();
        async move { jobs::send_scheduled::run(&context).await }
    });
    let snoozed = context.clone();
    tasks.every("wake snoozed conversations", Duration::from_secs(1), tasks.stop_token(), move || {
        let context = snoozed.clone();
        async move { jobs::wake_snoozed::run(&context).await }
    });
    let bulk = context.clone();
    tasks.every("run bulk actions", Duration::from_millis(200), tasks.stop_token(), move || {
        let context = bulk.clone();
        async move { jobs::run_bulk_actions::run(&context).await }
    });
    let (imported, stop) = (context.clone(), tasks.stop_token());
    tasks.every("take contacts from files", Duration::from_millis(500), tasks.stop_token(), move || {
        let (context, stop) = (imported.clone(), stop.clone());
        async move { jobs::import_contacts::run(&context, &stop).await }
    });
    for _ in 0..jobs::import_contacts::DRY_RUNS_AT_ONCE {
        let (tried, stop) = (context.clone(), tasks.stop_token());
        tasks.every("try files with contacts", Duration::from_millis(500), tasks.stop_token(), move || {
            let (context, stop) = (tried.clone(), stop.clone());
            async move { jobs::import_contacts::run_dry(&context, &stop).await }
        });
    }
    let exported = context.clone();
    tasks.every("write contacts into files", Duration::from_millis(500), tasks.stop_token(), move || {
        let context = exported.clone();
        async move { jobs::export_contacts::run(&context).await }
    });
    let unbuilt = context.clone();
    tasks.every("find view members", Duration::from_millis(200), tasks.stop_token(), move || {
        let context = unbuilt.clone();
        async move { jobs::find_view_members::run(&context).await }
    });
    let unsearched = context.clone();
    tasks.every("index for search", Duration::from_millis(500), tasks.stop_token(), move || {
        let context = unsearched.clone();
        async move { jobs::index_for_search::run(&context).await }
    });
    let left = context.clone();
    tasks.every("clear teams", Duration::from_secs(1), tasks.stop_token(), move || {
        let context = left.clone();
        async move { Box::pin(jobs::clear_teams::run(&context)).await }
    });
    let old = context.clone();
    tasks.every("prune notifications", Duration::from_secs(3600), tasks.stop_token(), move || {
        let context = old.clone();
        async move { jobs::prune_notifications::run(&context).await }
    });
    let refused = context.clone();
    tasks.every("prune import errors", Duration::from_secs(3600), tasks.stop_token(), move || {
        let context = refused.clone();
        async move { jobs::prune_import_errors::run(&context).await }
    });
    let (silent, stop) = (context.clone(), tasks.stop_token());
    tasks.every("end silence", Duration::from_secs(1), tasks.stop_token(), move || {
        let (context, stop) = (silent.clone(), stop.clone());
        async move { Box::pin(jobs::end_silence::run(&context, &stop)).await }
    });
    let prune = context.clone();
    tasks.every("prune inbox", Duration::from_secs(3600), tasks.stop_token(), move || {
        let context = prune.clone();
        async move { jobs::prune_inbox::run(&context).await }
    });
    let mut grpc = Routes::default();
    grpc = grpc
        .add_service(AssignmentsServer::from_arc(context.clone()))
        .add_service(AutomaticMessagesServer::from_arc(context.clone()))
        .add_service(BulkActionsServer::from_arc(context.clone()))
        .add_service(CannedRepliesServer::from_arc(context.clone()))
        .add_service(ChannelTestsServer::from_arc(context.clone()))
        .add_service(ContactFilesServer::from_arc(context.clone()))
        .add_service(ContactNotesServer::from_arc(context.clone()))
        .add_service(ContactTimelineServer::from_arc(context.clone()))
        .add_service(ContactsServer::from_arc(context.clone()))
        .add_service(ConversationsServer::from_arc(context.clone()))
        .add_service(CustomFieldsServer::from_arc(context.clone()))
        .add_service(DraftsServer::from_arc(context.clone()))
        .add_service(MacrosServer::from_arc(context.clone()))
        .add_service(HoldersServer::from_arc(context.clone()))
        .add_service(NotificationsServer::from_arc(context.clone()))
        .add_service(ScheduledMessagesServer::from_arc(context.clone()))
        .add_service(MessagesServer::from_arc(context.clone()))
        .add_service(SearchServer::from_arc(context.clone()))
        .add_service(RegroupingsServer::from_arc(context.clone()))
        .add_service(SilenceServer::from_arc(context.clone()))
        .add_service(TagsServer::from_arc(context.clone()))
        .add_service(MessagePurposesServer::from_arc(context.clone()))
        .add_service(ThreadsServer::from_arc(context.clone()))
        .add_service(TranscriptsServer::from_arc(context.clone()))
        .add_service(ViewsServer::from_arc(context));
    Ok(Started { grpc })
}
