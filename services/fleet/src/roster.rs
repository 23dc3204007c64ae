//! The one table of services. A new service or adapter is one row here.

mod start;

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use futures::future::BoxFuture;
use tonic::service::Routes;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec};
use weft_cache::Cache;
use weft_channel::{Adapter, Descriptor};
use weft_crypto::Kek;
use weft_domain::{Clock, Error, Result};
use weft_rpc::Channels;
use weft_runtime::Lifecycle;
use weft_store::Store;

use crate::{
    Settings,
    access::Access,
    place::{Place, Size},
    settings,
};

/// One service: how it is set up, what it listens to, how it starts.
pub struct Entry {
    /// Its name: on the command line, on the wire, in the database.
    pub name: &'static str,
    /// Its documented defaults.
    pub defaults: &'static str,
    /// What it reads from the bus.
    pub consumers: fn(&Settings) -> Vec<ConsumerSpec>,
    /// What it says and hears on the bus besides.
    pub access: fn() -> Access,
    /// What it needs of those around it.
    pub place: Place,
    /// Brings its database up to date; none for services without one.
    pub migrate: Option<Migrate>,
    /// Starts it.
    pub start: fn(Parts) -> BoxFuture<'static, Result<Mounted>>,
    /// What its provider can do; none for services that are no adapters.
    pub descriptor: Option<fn() -> Descriptor>,
    /// Plays its provider; none for services that have none.
    pub simulator: Option<crate::simulate::Start>,
}

/// Brings a service's database up to date.
pub type Migrate = fn(Store) -> BoxFuture<'static, Result<()>>;

/// What a service can be handed.
#[derive(Clone)]
pub struct Parts {
    /// Its own database, if it has one.
    pub store: Option<Store>,
    /// The bus.
    pub bus: Bus,
    /// The cache that replicas share, if it asks one.
    pub cache: Option<Cache>,
    /// Who is calling.
    pub authority: Authority,
    /// The way to other services.
    pub channels: Channels,
    /// The key that wraps all other keys.
    pub kek: Arc<Kek>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Its tasks, and when to stop.
    pub lifecycle: Lifecycle,
    /// The settings of all.
    pub settings: Arc<Settings>,
    /// Where this process listens.
    pub listen: SocketAddr,
}

/// What a started service answers.
#[derive(Default)]
pub struct Mounted {
    /// Its gRPC methods.
    pub grpc: Option<Routes>,
    /// Its HTTP routes.
    pub http: Option<Router>,
}

/// All services, in the order in which they start. Not a constant: each program that names one compiles all that it points to.
pub static ENTRIES: &[Entry] = &[
    Entry {
        name: "directory",
        defaults: weft_directory::DEFAULTS,
        consumers: |_| weft_directory::consumers(),
        access: || {
            Access::of_events(&[
                "channel",
                "channel_templates",
                "security",
                "session",
                "team",
                "token",
                "user",
            ])
        },
        place: Place::of(Size::Service).caching(),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_directory::Migrator>().await })),
        start: |parts| Box::pin(start::directory(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: "media",
        defaults: weft_media::DEFAULTS,
        consumers: |_| weft_media::consumers(),
        access: || Access::of_events(&["file"]),
        place: Place::of(Size::Files)
            .calling(&["directory"])
            .answering(&["/v1/files", "/v1/uploads", "/v1/uploads/", "/files/"])
            .keeping("20Gi"),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_media::Migrator>().await })),
        start: |parts| Box::pin(start::media(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: weft_conversation::NAME,
        defaults: weft_conversation::DEFAULTS,
        consumers: |settings| weft_conversation::consumers(&settings.conversation),
        access: || {
            let entities = [
                "bulk_action",
                "canned_reply",
                "contact",
                "contact_export",
                "contact_import",
                "contact_note",
                "conversation",
                "macro",
                "mark",
                "message",
                "notification",
                "reaction",
                "reader",
                "regrouping",
                "scheduled_message",
                "view",
            ];
            Access::of_events(&entities).publishing(&[
                "weft.out.*.*",
                "weft.live.*.typing",
                "weft.live.*.typing_out.*",
                "weft.live.*.read_out.*",
            ])
        },
        place: Place::of(Size::Intake).calling(&["directory", "media"]),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_conversation::Migrator>().await })),
        start: |parts| Box::pin(start::conversation(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: weft_automation::NAME,
        defaults: weft_automation::DEFAULTS,
        consumers: |_| weft_automation::consumers(),
        access: || Access::of_events(&["agent_availability"]),
        place: Place::of(Size::Service).calling(&["directory", "conversation"]),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_automation::Migrator>().await })),
        start: |parts| Box::pin(start::automation(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: weft_analytics::NAME,
        defaults: weft_analytics::DEFAULTS,
        consumers: |settings| weft_analytics::consumers(&settings.analytics),
        access: || Access::of_events(&[]),
        place: Place::of(Size::Service).calling(&["directory"]),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_analytics::Migrator>().await })),
        start: |parts| Box::pin(start::analytics(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: weft_compliance::NAME,
        defaults: weft_compliance::DEFAULTS,
        consumers: |_| weft_compliance::consumers(),
        access: || Access::of_events(&[]),
        place: Place::of(Size::Service).calling(&["directory"]).keeping("1Gi"),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_compliance::Migrator>().await })),
        start: |parts| Box::pin(start::compliance(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: weft_dead_letters::NAME,
        defaults: weft_dead_letters::DEFAULTS,
        consumers: |_| Vec::new(),
        access: || Access::of_events(&[]).replaying(),
        place: Place::of(Size::Service).calling(&["directory"]),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_dead_letters::Migrator>().await })),
        start: |parts| Box::pin(start::dead_letters(parts)),
        descriptor: None,
        simulator: None,
    },
    Entry {
        name: weft_voice::NAME,
        defaults: weft_voice::DEFAULTS,
        consumers: |_| weft_voice::consumers(),
        access: || Access::of_events(&["spoken_answer"]),
        // sound in memory, and programs that work on it
        place: Place::of(Size::Speech).calling(&["directory", "media", "conversation"]).reaching_out(),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_voice::Migrator>().await })),
        start: |parts| Box::pin(start::voice(parts)),
        descriptor: None,
        simulator: None,
    },
    channel::<weft_channel_echo::Echo>("channel-echo", &["/hooks/echo/"], None),
    Entry {
        name: "channel-email",
        defaults: "",
        consumers: |_| weft_channel::consumers("email"),
        access: || Access::of_channel("email"),
        // it asks mail servers; whoever calls is refused
        place: Place::adapter(&["/hooks/email/"]).reaching_out_at(&[143, 465, 587, 993]),
        migrate: Some(|store| Box::pin(async move { store.migrate::<weft_channel_email::Migrator>().await })),
        start: |parts| Box::pin(start::email(parts)),
        descriptor: Some(weft_channel_email::descriptor),
        simulator: Some(weft_channel_email::simulator::simulation),
    },
    // one app calls one address for all its accounts
    channel::<weft_channel_instagram::Instagram>(
        "channel-instagram",
        &["/hooks/instagram", "/hooks/instagram/"],
        Some(weft_channel_instagram::simulator::simulation),
    ),
    channel::<weft_channel_line::Line>(
        "channel-line",
        &["/hooks/line/"],
        Some(weft_channel_line::simulator::simulation),
    ),
    // one app calls one address for all its pages
    channel::<weft_channel_messenger::Messenger>(
        "channel-messenger",
        &["/hooks/messenger", "/hooks/messenger/"],
        Some(weft_channel_messenger::simulator::simulation),
    ),
    channel::<weft_channel_ringcentral::Ringcentral>(
        "channel-ringcentral",
        &["/hooks/ringcentral/"],
        Some(weft_channel_ringcentral::simulator::simulation),
    ),
    // one app calls one address for all its workspaces
    channel::<weft_channel_slack::Slack>(
        "channel-slack",
        &["/hooks/slack", "/hooks/slack/"],
        Some(weft_channel_slack::simulator::simulation),
    ),
    channel::<weft_channel_sms_twilio::SmsTwilio>(
        "channel-sms-twilio",
        &["/hooks/sms-twilio/"],
        Some(weft_channel_sms_twilio::simulator::simulation),
    ),
    // one bot calls one address for all organisations
    channel::<weft_channel_teams::Teams>(
        "channel-teams",
        &["/hooks/teams", "/hooks/teams/"],
        Some(weft_channel_teams::simulator::simulation),
    ),
    channel::<weft_channel_telegram::Telegram>(
        "channel-telegram",
        &["/hooks/telegram/"],
        Some(weft_channel_telegram::simulator::simulation),
    ),
    channel::<weft_channel_viber::Viber>(
        "channel-viber",
        &["/hooks/viber/"],
        Some(weft_channel_viber::simulator::simulation),
    ),
    channel::<weft_channel_voice_twilio::VoiceTwilio>(
        "channel-voice-twilio",
        &["/hooks/voice-twilio/"],
        Some(weft_channel_voice_twilio::simulator::simulation),
    ),
    Entry {
        name: "channel-webchat",
        defaults: weft_channel_webchat::DEFAULTS,
        consumers: |_| weft_channel_webchat::consumers(),
        access: || {
            let visitors = "weft.live.*.webchat.>";
            Access::of_channel("webchat")
                .publishing(&[visitors, "weft.live.*.presence"])
                .listening(&[visitors, "weft.live.*.read_out.webchat"])
        },
        place: Place::adapter(&["/webchat/"])
            .calling(&["directory", "media", "conversation", "automation"])
            .keeping("1Gi"),
        migrate: None,
        start: |parts| Box::pin(start::webchat(parts)),
        descriptor: Some(weft_channel_webchat::descriptor),
        simulator: Some(weft_channel_webchat::simulator::simulation),
    },
    // one app calls one address for all its numbers
    channel::<weft_channel_whatsapp::Whatsapp>(
        "channel-whatsapp",
        &["/hooks/whatsapp", "/hooks/whatsapp/"],
        Some(weft_channel_whatsapp::simulator::simulation),
    ),
    Entry {
        name: "gateway",
        defaults: weft_gateway::DEFAULTS,
        consumers: |_| weft_gateway::consumers(),
        access: || {
            Access::default()
                .listening(&["weft.live.>"])
                .publishing(&["weft.live.*.attendance", "weft.live.*.viewer"])
        },
        place: Place::of(Size::Edge)
            .calling(&[
                "directory",
                "conversation",
                "media",
                "automation",
                "analytics",
                "compliance",
                "dead-letters",
                "voice",
            ])
            .caching()
            .answering(&["/"]),
        migrate: None,
        start: |parts| Box::pin(start::gateway(parts)),
        descriptor: None,
        simulator: None,
    },
];

/// An adapter that needs nothing but its host, which answers at these paths.
const fn channel<A: Adapter + Default>(
    name: &'static str,
    hooks: &'static [&'static str],
    simulator: Option<crate::simulate::Start>,
) -> Entry {
    Entry {
        name,
        defaults: "",
        consumers: |_| weft_channel::consumers(descriptor::<A>().kind),
        access: || Access::of_channel(descriptor::<A>().kind),
        place: Place::adapter(hooks).reaching_out(),
        migrate: None,
        start: |parts| Box::pin(start::channel(parts, A::default())),
        descriptor: Some(descriptor::<A>),
        simulator,
    }
}

fn descriptor<A: Adapter + Default>() -> Descriptor {
    A::default().descriptor()
}

/// The entry of this name; the error lists all names.
pub fn find(name: &str) -> Result<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let names: Vec<_> = ENTRIES.iter().map(|entry| entry.name).collect();
        Error::invalid(
            "unknown_service",
            format!("there is no service `{name}`; there are {}", names.join(", ")),
        )
    })
}

/// The defaults of all sections there are.
pub fn defaults() -> Vec<&'static str> {
    std::iter::once(settings::DEFAULTS)
        .chain(ENTRIES.iter().map(|entry| entry.defaults).filter(|text| !text.is_empty()))
        .collect()
}
