use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, time::timeout};
use weft_channel::{
    AccountSettings as _, Adapter as _, ConnectContext, Connected, Event, Files, HttpTransport, Inbound,
    MessageReceived, Outbound, PollContext, Polled, Receipt, Received, SendError, SetupError, plan::plan,
    read_account,
};
use weft_channel_email::{
    Account, Email, Migrator,
    simulator::{ADDRESS, Doors, PASSWORD, Simulator, account_settings},
};
use weft_crypto::Kek;
use weft_domain::{SystemClock, TenantId, id, id::ChannelId};
use weft_runtime::TaskSet;
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::{TempDir, temp_dir};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ANA: &str = "ana@people.example";
pub(crate) const BO: &str = "bo@elsewhere.example";

/// One mailbox at a simulated mail system, and the adapter that reads it.
pub(crate) struct Rig {
    pub(crate) simulator: Simulator,
    pub(crate) mailbox: Mailbox,
}

/// One mailbox and the adapter that reads it.
pub(crate) struct Mailbox {
    pub(crate) email: Email,
    pub(crate) account: Account,
    transport: HttpTransport,
    settings: Map<String, Value>,
    secrets: Map<String, Value>,
    store: Store,
    tenant: TenantId,
    channel: ChannelId,
    /// What the host would give back with the next poll.
    pub(crate) state: Option<String>,
    _folder: TempDir,
    tasks: TaskSet,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::start_with(json!({})).await
    }

    /// The same with other settings.
    pub(crate) async fn start_with(settings: Value) -> Self {
        let tasks = TaskSet::new("test");
        let simulator = Simulator::new();
        let bind = || TcpListener::bind("127.0.0.1:0");
        let doors = Doors {
            control: bind().await.unwrap(),
            imap: bind().await.unwrap(),
            smtp: bind().await.unwrap(),
        };
        let port = |address: std::io::Result<SocketAddr>| address.unwrap().port();
        let base = format!("http://{}", doors.control.local_addr().unwrap());
        let mut all = account_settings(&base);
        all.insert("imap_port".to_owned(), port(doors.imap.local_addr()).into());
        all.insert("smtp_port".to_owned(), port(doors.smtp.local_addr()).into());
        all.extend(settings.as_object().cloned().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve_at(doors, stop).await });
        let secrets = json!({"password": PASSWORD, "reply_key": "reply-key"});
        let folder = temp_dir();
        let settings = Settings::sqlite(folder.path());
        let mailbox = Mailbox::new(all, secrets, settings, folder, tasks).await;
        Self { simulator, mailbox }
    }

    /// Connects, which is where reading begins.
    pub(crate) async fn connected() -> Self {
        Self::connected_with(json!({})).await
    }

    pub(crate) async fn connected_with(settings: Value) -> Self {
        let rig = Self::start_with(settings).await;
        rig.mailbox.connect().await.unwrap();
        rig
    }

    /// Puts a mail for the mailbox into it.
    pub(crate) fn arrives(&self, raw: &str) {
        self.simulator.deliver(ADDRESS, raw.replace('\n', "\r\n").into_bytes());
    }
}

impl Mailbox {
    pub(crate) async fn new(
        settings: Map<String, Value>,
        secrets: Value,
        database: Settings,
        folder: TempDir,
        tasks: TaskSet,
    ) -> Self {
        let clock = Arc::new(SystemClock);
        let vault = Vault::new(Arc::new(Kek::generate()), "channel-email");
        let store = Store::connect(&database, "channel-email", vault, clock.clone()).await.unwrap();
        store.migrate::<Migrator>().await.unwrap();
        let (tenant, channel) = (id::new(), id::new());
        let secrets = secrets.as_object().cloned().unwrap();
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        Self {
            account: account(&settings, &secrets, tenant, channel),
            email: Email::new(store.clone(), clock),
            transport: HttpTransport::new(weft_http::Client::new(http).unwrap(), "email"),
            settings,
            secrets,
            store,
            tenant,
            channel,
            state: None,
            _folder: folder,
            tasks,
        }
    }

    /// The same mailbox with another database.
    pub(crate) async fn beside(other: Self, database: Settings, folder: TempDir) -> Self {
        let secrets = Value::Object(other.secrets);
        Self::new(other.settings, secrets, database, folder, other.tasks).await
    }

    /// Changes what the account is set to.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.settings.insert(name.to_owned(), value.into());
        self.account = account(&self.settings, &self.secrets, self.tenant, self.channel);
    }

    pub(crate) fn set_secret(&mut self, name: &str, value: &str) {
        self.secrets.insert(name.to_owned(), value.into());
        self.account = account(&self.settings, &self.secrets, self.tenant, self.channel);
    }

    pub(crate) fn forget_secret(&mut self, name: &str) {
        self.secrets.remove(name);
        self.account = account(&self.settings, &self.secrets, self.tenant, self.channel);
    }

    /// Another process in the place of this one: it knows what is in the database and nothing else.
    pub(crate) fn restart(&mut self) {
        self.email = Email::new(self.store.clone(), Arc::new(SystemClock));
        self.state = None;
    }

    pub(crate) async fn connect(&self) -> Result<Connected, SetupError> {
        self.email.connect(&self.account, &ConnectContext::default(), &self.transport).await
    }

    /// One poll, whose events are then on the bus.
    pub(crate) async fn poll(&mut self) -> Result<Received, SendError> {
        let Polled { received, next_state, .. } = self.try_poll().await?;
        self.state = next_state.or(self.state.take());
        Ok(received)
    }

    /// One poll, after which the process ends before its events are on the bus.
    pub(crate) async fn try_poll(&self) -> Result<Polled, SendError> {
        let context = PollContext { state: self.state.clone(), now: chrono::Utc::now() };
        let polled = timeout(PATIENCE, self.email.poll(&self.account, &context, &self.transport)).await;
        polled.expect("a poll in time")
    }

    /// Polls until there is something.
    pub(crate) async fn received(&mut self) -> Received {
        loop {
            let received = self.poll().await.unwrap();
            if !received.events.is_empty() || !received.ignored.is_empty() || !received.unreadable.is_empty()
            {
                return received;
            }
        }
    }

    /// The next event, which is a message.
    pub(crate) async fn message(&mut self) -> (Inbound, MessageReceived) {
        let mut received = self.received().await;
        assert_eq!(received.events.len(), 1, "{received:?}");
        let event = received.events.remove(0);
        let message = message(&event);
        (event, message)
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: Outbound, files: &Files) -> Result<Receipt, SendError> {
        let message = Outbound { attempt: 1, ..message };
        let plan = plan(&self.email.descriptor().capabilities, &message)?;
        assert_eq!(plan.parts.len(), 1, "a mail is one message");
        self.email.send(&self.account, &plan.parts[0], files, &self.transport).await
    }

    pub(crate) async fn answer(&self, thread: &str, text: &str) -> Receipt {
        self.send(outbound(thread, text), &Files::default()).await.unwrap()
    }

    /// Brings a file of a message.
    pub(crate) async fn fetch(&self, media: &weft_channel::Media) -> Result<Vec<u8>, SendError> {
        use futures::TryStreamExt as _;
        let stream = self.email.fetch_media(&self.account, media, &self.transport).await?;
        Ok(stream.body.try_collect::<Vec<_>>().await.unwrap().concat())
    }

    pub(crate) fn tasks(&self) -> &TaskSet {
        &self.tasks
    }
}

fn account(
    settings: &Map<String, Value>,
    secrets: &Map<String, Value>,
    tenant: TenantId,
    channel: ChannelId,
) -> Account {
    let mut account: Account = read_account(settings, secrets).unwrap();
    account.belongs_to(tenant, channel);
    account
}

pub(crate) fn message(event: &Inbound) -> MessageReceived {
    match &event.event {
        Some(Event::Message(message)) => message.clone(),
        other => panic!("not a message: {other:?}"),
    }
}

pub(crate) fn thread(event: &Inbound) -> String {
    event.thread.as_ref().unwrap().id.clone()
}

pub(crate) fn outbound(thread: &str, text: &str) -> Outbound {
    Outbound {
        message_id: id::new::<id::Message>().to_string(),
        conversation_id: "conv_1".to_owned(),
        thread_id: thread.to_owned(),
        text: text.to_owned(),
        ..Outbound::default()
    }
}

/// A mail, as somebody's program makes it.
pub(crate) fn raw(from: &str, id: &str, head: &str, text: &str) -> String {
    format!(
        "From: {from}\nTo: {ADDRESS}\nMessage-ID: <{id}>\n{head}Date: Thu, 15 Jan 2026 09:30:00 +0000\n\n{text}\n"
    )
}
