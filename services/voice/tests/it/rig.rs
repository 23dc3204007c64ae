use std::{process::Command, sync::Arc, time::Duration};

use chrono::Utc;
use tonic::{Request, Response, Status, transport::Channel};
use weft_auth::{Authority, FleetIdentity, Principal, Signer, Subject};
use weft_bus::{Bus, Event, Stream};
use weft_crypto::Kek;
use weft_domain::{
    Result, Role, SystemClock, TenantId,
    id::{self, UserId},
};
use weft_proto::voice::v1::{
    Speech, SynthesizeRequest, TranscribeRequest, Transcription, UpdateVoiceSettingsRequest,
    voice_client::VoiceClient, voice_settings_client::VoiceSettingsClient,
};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Pending, Settings, Store, vault::Vault};
use weft_testkit::{TempDir, temp_dir};
use weft_voice::{Config, DEFAULTS, Deps, Migrator, consumers, start};

use crate::world::World;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// What the local programs say and understand.
pub(crate) const SENTENCE: &str = "tickets for tomorrow";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The service with a bus, a database, files and conversations of its own.
pub(crate) struct Rig {
    pub(crate) world: World,
    pub(crate) bus: Bus,
    pub(crate) settings: Settings,
    signer: Signer,
    channel: Channel,
    _lifecycle: Lifecycle,
    _folder: TempDir,
}

/// Somebody of a tenant.
pub(crate) struct Person<'a> {
    rig: &'a Rig,
    pub(crate) tenant: TenantId,
    user: UserId,
    role: Role,
    scopes: Option<Vec<String>>,
}

/// The service's own defaults, changed.
pub(crate) fn config(text: &str) -> Config {
    let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], text, [], &[]).unwrap();
    let config: Config = loader.section("voice").unwrap();
    config.check(&mut loader);
    loader.finish().unwrap();
    config
}

impl Rig {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, config("")).await
    }

    pub(crate) async fn with(engine: Engine, config: Config) -> Self {
        let folder = temp_dir();
        let settings = match engine {
            Engine::Sqlite => Settings::sqlite(folder.path()),
            Engine::Postgres => {
                let database = weft_testkit::postgres().await.database().await;
                Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
            }
        };
        let url = format!("embedded:{}", folder.path().join("bus").display());
        let bus = Bus::connect(&weft_bus::Settings::at(url)).await.unwrap();
        bus.migrate(&consumers()).await.unwrap();
        let vault = Vault::new(Arc::new(Kek::generate()), "voice");
        let store = Store::connect(&settings, "voice", vault, Arc::new(SystemClock)).await.unwrap();
        store.migrate::<Migrator>().await.unwrap();

        let signer = Signer::new("k1", &Signer::generate().unwrap()).unwrap();
        let identity = FleetIdentity::new("voice", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[signer.public().clone()]);
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let world = World::new(bus.clone());
        let mut channels = Channels::default();
        let others = [("media", world.media()), ("conversation", world.conversation())];
        for (name, routes) in others {
            let incoming = channels.local(name);
            let stop = lifecycle.flush().stop_token().cancelled_owned();
            lifecycle.flush().spawn(name, Server::new(routes, authority.clone()).serve_local(incoming, stop));
        }
        let incoming = channels.local("voice");
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let deps = Deps {
            store: store.clone(),
            bus: bus.clone(),
            authority: authority.clone(),
            channels: channels.clone(),
            http: weft_http::Client::new(http).unwrap(),
            config,
            clock: Arc::new(SystemClock),
            lifecycle: lifecycle.clone(),
        };
        let server = Server::new(start(deps).await.unwrap().grpc, authority);
        let intake = lifecycle.intake();
        intake.spawn("server", server.serve_local(incoming, intake.stop_token().cancelled_owned()));
        let (relayed, stop) = (bus.clone(), lifecycle.flush().stop_token());
        lifecycle.flush().spawn("relay", async move {
            let bus = &relayed;
            let publish = |pending: Vec<Pending>| async move {
                bus.publish_all(Stream::Events, pending.into_iter().filter_map(event).collect())
                    .await
                    .map(drop)
            };
            store.relay(publish, stop).await
        });
        let channel = channels.to("voice").unwrap();
        Self { world, bus, settings, signer, channel, _lifecycle: lifecycle, _folder: folder }
    }

    /// An agent of a new tenant.
    pub(crate) fn agent(&self) -> Person<'_> {
        Person { rig: self, tenant: id::new(), user: id::new(), role: Role::Agent, scopes: None }
    }
}

impl Person<'_> {
    /// Somebody else of the same tenant.
    pub(crate) fn colleague(&self, role: Role) -> Self {
        Self { role, scopes: None, user: id::new(), ..*self }
    }

    /// The same, with an API token that may do only this.
    pub(crate) fn with_scopes(&self, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        Self { scopes: Some(scopes), ..self.colleague(self.role) }
    }

    /// A request of theirs.
    pub(crate) fn asks<M>(&self, message: M) -> Request<M> {
        let principal = Principal {
            tenant: self.tenant,
            subject: Subject::User(self.user, id::new()),
            role: self.role,
            scopes: self.scopes.clone(),
            issued_at: Utc::now(),
        };
        let token = format!("Bearer {}", self.rig.signer.sign(&principal).unwrap());
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", token.parse().unwrap());
        request.set_timeout(PATIENCE);
        request
    }

    pub(crate) fn voice(&self) -> VoiceClient<Channel> {
        VoiceClient::new(self.rig.channel.clone())
    }

    pub(crate) fn settings(&self) -> VoiceSettingsClient<Channel> {
        VoiceSettingsClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn upload(&self, mime: &str, bytes: &[u8]) -> String {
        self.rig.world.upload(&self.tenant.to_string(), mime, bytes).await
    }

    pub(crate) async fn transcribe(&self, file: &str, language: &str) -> Result<Transcription> {
        let request =
            TranscribeRequest { file_id: file.to_owned(), language: language.to_owned(), message_id: None };
        answer(self.voice().transcribe(self.asks(request)).await)
    }

    pub(crate) async fn synthesize(&self, text: &str, format: &str) -> Result<Speech> {
        let request = SynthesizeRequest {
            text: text.to_owned(),
            format: format.to_owned(),
            ..SynthesizeRequest::default()
        };
        answer(self.voice().synthesize(self.asks(request)).await)
    }

    /// Has contacts' voice messages written down by themselves.
    pub(crate) async fn switch_on(&self) {
        let request = UpdateVoiceSettingsRequest { transcribe: Some(true), language: None };
        let admin = self.colleague(Role::Admin);
        answer(admin.settings().update_voice_settings(admin.asks(request)).await).unwrap();
    }
}

pub(crate) fn answer<T>(answer: std::result::Result<Response<T>, Status>) -> Result<T> {
    answer.map(Response::into_inner).map_err(|status| weft_rpc::error(&status))
}

/// What `espeak-ng` says, as the file it writes.
pub(crate) fn spoken(text: &str) -> Vec<u8> {
    let said =
        Command::new("espeak-ng").args(["-v", "en-us", "-s", "160", "--stdout", text]).output().unwrap();
    assert!(said.status.success());
    said.stdout
}

/// The same in another container.
pub(crate) fn converted(wav: &[u8], arguments: &[&str]) -> Vec<u8> {
    let folder = temp_dir();
    std::fs::write(folder.path().join("in.wav"), wav).unwrap();
    let mut command = Command::new("ffmpeg");
    command.current_dir(folder.path()).args(["-v", "error", "-i", "in.wav"]).args(arguments);
    assert!(command.arg("out").status().unwrap().success());
    std::fs::read(folder.path().join("out")).unwrap()
}

fn event(pending: Pending) -> Option<Event> {
    let event = Event {
        id: pending.id.to_string(),
        kind: pending.kind,
        source: pending.source,
        subject: pending.subject,
        key: pending.key,
        tenant: Some(pending.tenant.to_string()),
        time: pending.time,
        traceparent: pending.traceparent,
        tracestate: None,
        data: pending.body,
    };
    event.subject.starts_with(Stream::Events.prefix()).then_some(event)
}
