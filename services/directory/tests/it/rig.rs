use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use prost_reflect::ReflectMessage;
use tonic::{Request, Status, transport::Channel};
use weft_auth::{Authority, FleetIdentity, Principal};
use weft_bus::{Bus, Event, Reader, Stream};
use weft_cache::Cache;
use weft_config::Loader;
use weft_crypto::Kek;
use weft_directory::{Config, DEFAULTS, Deps, Migrator, bootstrap, consumers, start};
use weft_domain::{Clock, Error, Result, Role, TenantId, id::UserId};
use weft_proto::{
    directory::v1::{
        LoginRequest, RefreshRequest, Tokens, api_tokens_client::ApiTokensClient, auth_client::AuthClient,
        channel_accounts_client::ChannelAccountsClient, channels_client::ChannelsClient,
        teams_client::TeamsClient, template_store_client::TemplateStoreClient,
        templates_client::TemplatesClient, tenants_client::TenantsClient, users_client::UsersClient,
    },
    event_type, json,
};
use weft_rpc::{Channels, Client, ClientAuth, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Pending, Settings, Store, Topic, vault::Vault};
use weft_testkit::{Database, TempDir, temp_dir};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const PASSWORD: &str = "correct horse battery";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Shows the time it was set to.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// What outlives a replica: the database, the bus, the keys, the time.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) database: Option<Database>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) bus: Bus,
    kek: Arc<Kek>,
}

/// One replica at work.
pub(crate) struct Rig {
    pub(crate) home: Arc<Home>,
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) lifecycle: Lifecycle,
    channel: Channel,
}

impl Home {
    async fn new(engine: Engine) -> Self {
        let folder = temp_dir();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(weft_testkit::postgres().await.database().await),
        };
        let mut settings =
            weft_bus::Settings::at(format!("embedded:{}", folder.path().join("bus").display()));
        settings.publish_timeout_ms = 20_000;
        let bus = Bus::connect(&settings).await.unwrap();
        bus.migrate(&consumers()).await.unwrap();
        let clock = Arc::new(TestClock(Mutex::new(Utc::now().trunc_subsecs(6))));
        Self { folder, database, clock, bus, kek: Arc::new(Kek::generate()) }
    }

    pub(crate) async fn store(&self) -> Store {
        let settings = match &self.database {
            None => Settings::sqlite(&self.folder.path().join("store")),
            Some(database) => {
                Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
            }
        };
        let vault = Vault::new(self.kek.clone(), "directory");
        Store::connect(&settings, "directory", vault, self.clock.clone()).await.unwrap()
    }
}

pub(crate) fn config() -> Config {
    let mut loader = Loader::from_parts(&[DEFAULTS], "", [], &[]).unwrap();
    let mut config: Config = loader.section("directory").unwrap();
    config.public_url = "https://chat.example.com".to_owned();
    config
}

impl Rig {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    pub(crate) async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let home = Home::new(engine).await;
        home.store().await.migrate::<Migrator>().await.unwrap();
        let mut settings = config();
        change(&mut settings);
        Self::start(Arc::new(home), settings).await
    }

    /// Another replica beside this one.
    pub(crate) async fn replica(&self) -> Self {
        Self::start(self.home.clone(), config()).await
    }

    /// A replica on what another one left behind.
    pub(crate) async fn start_on(home: Arc<Home>) -> Self {
        Self::start(home, config()).await
    }

    async fn start(home: Arc<Home>, settings: Config) -> Self {
        let store = home.store().await;
        let authority = new_authority(&home);
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let deps = Deps {
            store: store.clone(),
            bus: home.bus.clone(),
            authority: authority.clone(),
            cache: Cache::in_process(1 << 20),
            kek: home.kek.clone(),
            config: settings,
            clock: home.clock.clone(),
            lifecycle: lifecycle.clone(),
        };
        let started = start(deps).await.unwrap();
        let mut channels = Channels::default();
        let incoming = channels.local("directory");
        let server = Server::new(started.grpc, authority.clone());
        let intake = lifecycle.intake();
        intake.spawn("server", server.serve_local(incoming, intake.stop_token().cancelled_owned()));
        // What the fleet does for each of its processes.
        let follow = weft_rpc::follow_revocations(home.bus.clone(), authority.clone(), intake.stop_token());
        intake.spawn("revocations", follow);
        let (bus, relay, stop) = (home.bus.clone(), store.clone(), lifecycle.flush().stop_token());
        lifecycle.flush().spawn("relay", async move {
            let bus = &bus;
            let publish = |events: Vec<Pending>| async move {
                let events = events.into_iter().filter(|one| one.topic == Topic::Events).map(event);
                bus.publish_all(Stream::Events, events.collect()).await.map(drop)
            };
            relay.relay(publish, stop).await
        });
        Self { channel: channels.to("directory").unwrap(), home, store, authority, lifecycle }
    }

    pub(crate) fn clock(&self) -> &TestClock {
        &self.home.clock
    }

    pub(crate) fn clock_now(&self) -> DateTime<Utc> {
        self.home.clock.now()
    }

    /// An authority of another process: it knows the keys, and of revocations what it is told.
    pub(crate) async fn far_authority(&self) -> Authority {
        let authority = new_authority(&self.home);
        weft_rpc::fetch_keys(&authority, self.channel.clone()).await.unwrap();
        authority
    }

    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        bootstrap::create_tenant(&self.store, slug, slug).await.unwrap()
    }

    pub(crate) async fn person(&self, tenant: TenantId, email: &str, role: Role) -> UserId {
        bootstrap::create_user(&self.store, tenant, email, "", role, PASSWORD.into()).await.unwrap()
    }

    /// Makes a tenant with an admin `admin@<slug>.test`, and signs the admin in.
    pub(crate) async fn admin(&self, slug: &str) -> (TenantId, Me) {
        let tenant = self.tenant(slug).await;
        let email = format!("admin@{slug}.test");
        self.person(tenant, &email, Role::Admin).await;
        (tenant, self.sign_in(&email).await)
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Me {
        let tokens = self.login(email, PASSWORD, None).await.unwrap();
        let principal = self.authority.verify(&tokens.access_token).unwrap();
        Me { tokens, principal }
    }

    pub(crate) async fn login(&self, email: &str, password: &str, tenant: Option<&str>) -> Result<Tokens> {
        let request = LoginRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            tenant: tenant.map(str::to_owned),
        };
        told(self.auth().login(request).await)
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<Tokens> {
        told(self.auth().refresh(RefreshRequest { refresh_token: refresh_token.to_owned() }).await)
    }

    pub(crate) fn auth(&self) -> AuthClient<Channel> {
        AuthClient::new(self.channel.clone())
    }

    pub(crate) fn tenants(&self) -> TenantsClient<Channel> {
        TenantsClient::new(self.channel.clone())
    }

    pub(crate) fn users(&self) -> UsersClient<Channel> {
        UsersClient::new(self.channel.clone())
    }

    pub(crate) fn teams(&self) -> TeamsClient<Channel> {
        TeamsClient::new(self.channel.clone())
    }

    pub(crate) fn api_tokens(&self) -> ApiTokensClient<Channel> {
        ApiTokensClient::new(self.channel.clone())
    }

    pub(crate) fn channels(&self) -> ChannelsClient<Channel> {
        ChannelsClient::new(self.channel.clone())
    }

    pub(crate) fn accounts(&self) -> ChannelAccountsClient<Client> {
        ChannelAccountsClient::new(self.service())
    }

    pub(crate) fn templates(&self) -> TemplatesClient<Channel> {
        TemplatesClient::new(self.channel.clone())
    }

    pub(crate) fn template_store(&self) -> TemplateStoreClient<Client> {
        TemplateStoreClient::new(self.service())
    }

    /// Without saying who calls.
    pub(crate) fn bare(&self) -> Channel {
        self.channel.clone()
    }

    /// As another service of the fleet.
    pub(crate) fn service(&self) -> Client {
        ClientAuth::client(self.channel.clone(), self.authority.clone())
    }

    /// All events that were and will be, of these types.
    pub(crate) async fn events(&self, types: &[&str]) -> Events {
        let filters = types.iter().map(|name| format!("weft.events.*.{name}")).collect();
        Events(self.home.bus.read_from(Stream::Events, Some(0), filters).await.unwrap())
    }

    pub(crate) async fn stop(self) {
        self.lifecycle.stop().await.unwrap();
    }
}

/// Events as they come.
pub(crate) struct Events(Reader);

impl Events {
    pub(crate) async fn next_raw(&mut self) -> Event {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
        next.expect("the event comes").unwrap().unwrap().1
    }

    /// The next event of this type; others are passed over.
    pub(crate) async fn next<M: ReflectMessage + Default>(&mut self) -> M {
        loop {
            let event = self.next_raw().await;
            if event.kind == event_type::<M>().cloud_event() {
                return json::decode(&event.data).unwrap();
            }
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    pub(crate) tokens: Tokens,
    pub(crate) principal: Principal,
}

impl Me {
    pub(crate) fn user(&self) -> String {
        self.principal.user().to_string()
    }

    /// A call as this person.
    pub(crate) fn call<M>(&self, message: M) -> Request<M> {
        bearing(&self.tokens.access_token, message)
    }

    /// A call as this person, with an idempotency key.
    pub(crate) fn call_once<M>(&self, key: &str, message: M) -> Request<M> {
        let mut request = self.call(message);
        request.metadata_mut().insert(weft_rpc::IDEMPOTENCY_KEY, key.parse().unwrap());
        request
    }
}

pub(crate) fn bearing<M>(token: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// A call from a client's address, as the gateway notes it.
pub(crate) fn from<M>(address: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-weft-client-address", address.parse().unwrap());
    request
}

/// The answer, or the error that came over the wire.
pub(crate) fn told<M>(answer: std::result::Result<tonic::Response<M>, Status>) -> Result<M> {
    answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
}

/// The error that came over the wire.
pub(crate) fn refusal<M: std::fmt::Debug>(answer: std::result::Result<tonic::Response<M>, Status>) -> Error {
    told(answer).unwrap_err()
}

fn new_authority(home: &Home) -> Authority {
    let identity = FleetIdentity::new("directory", &"f".repeat(32).into()).unwrap();
    Authority::new(identity, home.clock.clone())
}

fn event(pending: Pending) -> Event {
    Event {
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
    }
}
