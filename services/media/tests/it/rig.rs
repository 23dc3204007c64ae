use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use http::{Request, StatusCode, header::AUTHORIZATION};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tonic::{
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use tower::ServiceExt as _;
use weft_auth::{Authority, FleetIdentity, Principal, Signer, Subject};
use weft_bus::Bus;
use weft_crypto::{Kek, sign::MacKey};
use weft_domain::{Clock, Role, SystemClock, TenantId, id};
use weft_media::{Config, DEFAULTS, Deps, Migrator, Worker};
use weft_proto::media::v1::{
    DeleteFileRequest, File, GetFileRequest, GetStorageRequest, StoreFileEnd, StoreFileHead, StoreFilePart,
    file_transfer_client::FileTransferClient, files_client::FilesClient, store_file_part::Part,
};
use weft_rpc::{Channels, Client, ClientAuth, Server};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Settings, Store, vault::Vault};
use weft_web::Edge;

pub(crate) const MAX_BYTES: u64 = 1_000_000;
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
const BOUNDARY: &str = "x-boundary-x";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A clock that a test turns.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

/// A running service with its own database and folder.
pub(crate) struct Rig {
    pub(crate) http: Router,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) transfer: FileTransferClient<Client>,
    pub(crate) bus: Bus,
    store: Store,
    channel: Channel,
    signer: Signer,
    folder: tempfile::TempDir,
}

async fn bus(folder: &Path) -> Bus {
    // each start has one of its own: the one before may still hold its files
    let own = id::new::<id::Event>().to_string();
    let url = format!("embedded:{}", folder.join(own).display());
    let bus = Bus::connect(&weft_bus::Settings::at(url)).await.unwrap();
    bus.migrate(&weft_media::consumers()).await.unwrap();
    bus
}

/// What happened to a database and a folder before.
pub(crate) type History<'a> = dyn Fn(Store, PathBuf) -> BoxFuture<'a, ()> + Sync + 'a;

/// Puts a token to each call.
#[derive(Clone)]
pub(crate) struct Bearer(String);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        request.metadata_mut().insert("authorization", self.0.parse().unwrap());
        Ok(request)
    }
}

/// What outlives a service.
struct Ground {
    folder: tempfile::TempDir,
    clock: Arc<TestClock>,
    signer: Signer,
}

impl Ground {
    fn new() -> Self {
        Self::of(tempfile::tempdir().unwrap())
    }

    fn of(folder: tempfile::TempDir) -> Self {
        let signer = Signer::new("k1", &Signer::generate().unwrap()).unwrap();
        Self { folder, clock: Arc::new(TestClock(Mutex::new(SystemClock.now()))), signer }
    }
}

/// Somebody of a tenant.
pub(crate) struct Person {
    pub(crate) tenant: TenantId,
    pub(crate) token: String,
}

impl Rig {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::prepared(engine, |_| {}).await
    }

    /// A service that finds in its folder what `prepare` puts there.
    pub(crate) async fn prepared(engine: Engine, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(&folder.path().join("files"));
        Self::start(engine, Ground::of(folder), &no_history, |_| {}).await
    }

    /// A service that is set up in its own way.
    pub(crate) async fn configured(engine: Engine, configure: impl FnOnce(&mut Config)) -> Self {
        Self::start(engine, Ground::new(), &no_history, configure).await
    }

    /// A service whose database has a history before its tables are brought up to date.
    pub(crate) async fn with_history(engine: Engine, history: &History<'_>) -> Self {
        Self::start(engine, Ground::new(), history, |_| {}).await
    }

    /// The same service again, after the one before was gone without a word. SQLite's files are in its folder.
    pub(crate) async fn again(self) -> Self {
        let Self { folder, clock, signer, .. } = self;
        Self::start(Engine::Sqlite, Ground { folder, clock, signer }, &no_history, |_| {}).await
    }

    async fn start(
        engine: Engine,
        ground: Ground,
        history: &History<'_>,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let Ground { folder, clock, signer } = ground;
        let settings = match engine {
            Engine::Sqlite => Settings::sqlite(folder.path()),
            Engine::Postgres => {
                let database = weft_testkit::postgres().await.database().await;
                Settings::postgres(&database.service_url, &database.owner_url, &database.system_url)
            }
        };
        let vault = Vault::new(Arc::new(Kek::generate()), "media");
        let store = Store::connect(&settings, "media", vault, clock.clone()).await.unwrap();
        history(store.clone(), folder.path().join("files")).await;
        store.migrate::<Migrator>().await.unwrap();

        let identity = FleetIdentity::new("conversation", &"x".repeat(32).into()).unwrap();
        let authority = Authority::new(identity, Arc::new(SystemClock));
        authority.set_keys(&[signer.public().clone()]);
        let mut channels = Channels::default();
        drop(channels.local("directory"));
        let incoming = channels.local("media");
        let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
        let mut config = config();
        config.folder = folder.path().join("files");
        configure(&mut config);
        let bus = bus(folder.path()).await;
        let started = weft_media::start(Deps {
            store: store.clone(),
            bus: bus.clone(),
            authority: authority.clone(),
            channels: channels.clone(),
            config,
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            link_key: MacKey::generate(),
            worker: Some(Worker::new(env!("CARGO_BIN_EXE_weft-media-worker").into())),
        })
        .await
        .unwrap();
        let server = Server::new(started.grpc, authority.clone());
        let stop = lifecycle.intake().stop_token();
        lifecycle.intake().spawn("grpc", server.serve_local(incoming, stop.cancelled_owned()));
        let channel = channels.to("media").unwrap();
        Self {
            http: Edge::default().around(started.http),
            clock,
            lifecycle,
            transfer: FileTransferClient::new(ClientAuth::client(channel.clone(), authority)),
            bus,
            store,
            channel,
            signer,
            folder,
        }
    }

    pub(crate) fn person(&self, role: Role, scopes: Option<&[&str]>) -> Person {
        let principal = principal(role, scopes);
        Person { tenant: principal.tenant, token: self.signer.sign(&principal).unwrap() }
    }

    pub(crate) fn clock_now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A client that is nobody.
    pub(crate) fn anonymous_transfer(&self) -> FileTransferClient<Channel> {
        FileTransferClient::new(self.channel.clone())
    }

    pub(crate) fn agent(&self) -> Person {
        self.person(Role::Agent, None)
    }

    /// Somebody else of the same tenant.
    pub(crate) fn colleague(&self, of: &Person, role: Role) -> Person {
        let principal = Principal { tenant: of.tenant, ..principal(role, None) };
        Person { tenant: of.tenant, token: self.signer.sign(&principal).unwrap() }
    }

    /// The methods for people, as called by `person`.
    pub(crate) fn files(&self, person: &Person) -> FilesClient<InterceptedService<Channel, Bearer>> {
        FilesClient::with_interceptor(self.channel.clone(), Bearer(format!("Bearer {}", person.token)))
    }

    pub(crate) async fn delete_file(&self, person: &Person, id: &str) -> Result<(), weft_domain::Error> {
        let answer = self.files(person).delete_file(DeleteFileRequest { id: id.to_owned() }).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    /// Changes what is known of all bytes of a tenant.
    pub(crate) async fn judge(&self, person: &Person, state: &str) {
        let change = |tx: weft_store::Tx| async move {
            tx.execute("UPDATE blob SET state = $2 WHERE tenant_id = $1", vec![state.into()]).await
        };
        self.store.tenant(person.tenant).write(change).await.unwrap();
    }

    /// How many files the tenant has, and how many bytes they take.
    pub(crate) async fn storage(&self, person: &Person) -> (u64, u64) {
        let storage = self.files(person).get_storage(GetStorageRequest {}).await.unwrap().into_inner();
        (storage.files, storage.bytes)
    }

    pub(crate) async fn get_file(&self, person: &Person, id: &str) -> Result<File, weft_domain::Error> {
        let answer = self.files(person).get_file(GetFileRequest { id: id.to_owned() }).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Response {
        self.http.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn upload(&self, person: &Person, name: &str, mime: &str, content: &[u8]) -> Value {
        let answer = self.call(upload(&person.token, name, mime, content)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        json_of(answer).await
    }

    /// A link to a new file.
    pub(crate) async fn link(&self, person: &Person, name: &str, mime: &str, content: &[u8]) -> String {
        let file = self.upload(person, name, mime, content).await;
        self.get_file(person, file.get("id").unwrap().as_str().unwrap()).await.unwrap().url.unwrap()
    }

    pub(crate) async fn store(
        &self,
        tenant: TenantId,
        key: &str,
        parts: Vec<&[u8]>,
    ) -> Result<File, weft_domain::Error> {
        let head = StoreFileHead {
            tenant_id: tenant.to_string(),
            name: "voice.ogg".into(),
            declared_mime: "audio/ogg".into(),
            key: key.to_owned(),
            accept: Vec::new(),
        };
        let size = parts.iter().map(|bytes| bytes.len() as u64).sum();
        let data = parts.into_iter().map(|bytes| Part::Data(Bytes::copy_from_slice(bytes)));
        let end = Part::End(StoreFileEnd { size });
        self.send_parts(std::iter::once(Part::Head(head)).chain(data).chain([end])).await
    }

    /// Sends parts as they are.
    pub(crate) async fn send_parts(
        &self,
        parts: impl IntoIterator<Item = Part>,
    ) -> Result<File, weft_domain::Error> {
        let parts: Vec<_> = parts.into_iter().map(|part| StoreFilePart { part: Some(part) }).collect();
        let answer = self.transfer.clone().store_file(futures::stream::iter(parts)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    /// Waits until what is on disk is as it should be: the service tidies up after it has answered.
    pub(crate) async fn until_on_disk(&self, what: &str, fits: impl Fn(&[String]) -> bool) {
        let probe = async || fits(&self.on_disk()).then_some(());
        weft_testkit::eventually(what, std::time::Duration::from_secs(10), probe).await;
    }

    /// The names of all files on disk, below the service's folder.
    pub(crate) fn on_disk(&self) -> Vec<String> {
        let root = self.folder.path().join("files");
        let mut found = Vec::new();
        for tenant in std::fs::read_dir(&root).into_iter().flatten() {
            for file in std::fs::read_dir(tenant.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
        found.sort();
        found
    }
}

/// The defaults, with smaller files.
fn config() -> Config {
    let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], "", [], &[]).unwrap();
    let config: Config = loader.section("media").unwrap();
    Config { max_file_bytes: MAX_BYTES, ..config }
}

fn no_history(_: Store, _: PathBuf) -> BoxFuture<'static, ()> {
    Box::pin(std::future::ready(()))
}

fn principal(role: Role, scopes: Option<&[&str]>) -> Principal {
    Principal {
        tenant: id::new(),
        subject: Subject::User(id::new(), id::new()),
        role,
        scopes: scopes.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
        issued_at: Utc::now(),
    }
}

pub(crate) fn form(name: &str, mime: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {mime}\r\n\r\n"
    );
    [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

pub(crate) fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

pub(crate) fn upload(token: &str, name: &str, mime: &str, content: &[u8]) -> Request<Body> {
    upload_body(token, Body::from(form(name, mime, content)))
}

pub(crate) fn upload_body(token: &str, body: Body) -> Request<Body> {
    Request::post("/v1/files")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header("content-type", form_type())
        .body(body)
        .unwrap()
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) async fn bytes_of(response: Response) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

pub(crate) async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&bytes_of(response).await).unwrap()
}

/// The status and the reason of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let problem = json_of(response).await;
    (status, problem.get("reason").unwrap().as_str().unwrap().to_owned())
}
