use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, time::timeout};
use weft_channel::{
    AccessTokens, AccountSettings as _, Adapter as _, AuthorizedTransport, ConnectContext, Connected, Event,
    Files, HttpTransport, Inbound, MessageReceived, Outbound, PollContext, Polled, Receipt, Received,
    SendError, SetupError, WebhookCall, plan::plan, read_account,
};
use weft_channel_email::{
    Account, Email, Migrator,
    simulator::{
        ADDRESS, CLIENT_SECRET, Doors, PASSWORD, REFRESH_TOKEN, Simulator, account_settings, gmail_settings,
    },
};
use weft_crypto::Kek;
use weft_domain::{Clock, SystemClock, TenantId, id, id::ChannelId};
use weft_runtime::TaskSet;
use weft_store::{Settings, Store, vault::Vault};
use weft_testkit::{TempDir, temp_dir};

use crate::routed::Routed;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ANA: &str = "ana@people.example";
pub(crate) const BO: &str = "bo@elsewhere.example";

/// The machine's clock, which can be turned and stopped.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    stopped: Option<DateTime<Utc>>,
    turned: AtomicI64,
}

impl TestClock {
    pub(crate) fn stopped(at: DateTime<Utc>) -> Self {
        Self { stopped: Some(at), ..Self::default() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        let turned = TimeDelta::seconds(self.turned.load(Ordering::Relaxed));
        self.stopped.unwrap_or_else(|| SystemClock.now()) + turned
    }
}

/// One mailbox at a simulated mail system, and the adapter that reads it.
pub(crate) struct Rig {
    pub(crate) simulator: Simulator,
    pub(crate) mailbox: Mailbox,
}

/// One mailbox and the adapter that reads it.
pub(crate) struct Mailbox {
    pub(crate) email: Arc<Email>,
    pub(crate) account: Account,
    transport: Routed,
    tokens: AccessTokens,
    clock: Arc<TestClock>,
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
        Self::start_at(settings, Arc::new(TestClock::default())).await
    }

    /// The same with a clock of one's own.
    pub(crate) async fn start_at(settings: Value, clock: Arc<TestClock>) -> Self {
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
        let settings = settings.as_object().cloned().unwrap();
        let is_gmail = settings.get("mode").is_some_and(|mode| mode == "gmail");
        let mut all = if is_gmail { gmail_settings(&base) } else { account_settings(&base) };
        all.insert("imap_port".to_owned(), port(doors.imap.local_addr()).into());
        all.insert("smtp_port".to_owned(), port(doors.smtp.local_addr()).into());
        all.extend(settings);
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve_at(doors, stop).await });
        let secrets = match is_gmail {
            true => {
                json!({"client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN, "reply_key": "reply-key"})
            }
            false => json!({"password": PASSWORD, "reply_key": "reply-key"}),
        };
        let folder = temp_dir();
        let settings = Settings::sqlite(folder.path());
        let mailbox = Mailbox::new_at(all, secrets, settings, folder, tasks, clock).await;
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

    /// Where the simulated mail system speaks IMAP.
    pub(crate) fn imap_port(&self) -> u16 {
        self.mailbox.account.imap_port
    }

    /// Reaches the same mailbox over the Gmail API from now on.
    pub(crate) fn go_gmail(&mut self) {
        let mailbox = &mut self.mailbox;
        mailbox.settings.extend(gmail_settings(mailbox.account.api_base.as_str()));
        mailbox.secrets.insert("client_secret".to_owned(), CLIENT_SECRET.into());
        mailbox.set_secret("refresh_token", REFRESH_TOKEN);
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
        Self::new_at(settings, secrets, database, folder, tasks, Arc::new(TestClock::default())).await
    }

    /// The same with a clock of one's own.
    pub(crate) async fn new_at(
        settings: Map<String, Value>,
        secrets: Value,
        database: Settings,
        folder: TempDir,
        tasks: TaskSet,
        clock: Arc<TestClock>,
    ) -> Self {
        let vault = Vault::new(Arc::new(Kek::generate()), "channel-email");
        let store = Store::connect(&database, "channel-email", vault, clock.clone()).await.unwrap();
        store.migrate::<Migrator>().await.unwrap();
        let (tenant, channel) = (id::new(), id::new());
        let secrets = secrets.as_object().cloned().unwrap();
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        Self {
            account: account(&settings, &secrets, tenant, channel),
            email: Arc::new(Email::new(store.clone(), clock.clone())),
            transport: Routed::new(HttpTransport::new(weft_http::Client::new(http).unwrap(), "email")),
            tokens: AccessTokens::new(),
            clock,
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

    /// Becomes another account of the same mail system.
    pub(crate) fn be(&mut self, mut account: Account) {
        let Account { mode, imap_port, smtp_port, .. } = self.account;
        let reached = self.account.clone();
        (account.mode, account.imap_port, account.smtp_port) = (mode, imap_port, smtp_port);
        (account.api_base, account.token_url) = (reached.api_base, reached.token_url);
        (account.client_id, account.client_secret) = (reached.client_id, reached.client_secret);
        account.refresh_token = reached.refresh_token;
        self.account = account;
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
        self.email = Arc::new(Email::new(self.store.clone(), self.clock.clone()));
        self.state = None;
    }

    pub(crate) async fn connect(&self) -> Result<Connected, SetupError> {
        self.email.connect(&self.account, &ConnectContext::default(), &self.transport()).await
    }

    /// One poll, whose events are then on the bus.
    pub(crate) async fn poll(&mut self) -> Result<Received, SendError> {
        let Polled { received, next_state, .. } = self.try_poll().await?;
        self.state = next_state.or(self.state.take());
        self.transport.keep(&received.routes);
        Ok(received)
    }

    /// One poll, after which the process ends before its events are on the bus.
    pub(crate) async fn try_poll(&self) -> Result<Polled, SendError> {
        let context = PollContext { state: self.state.clone(), now: self.clock.now() };
        let transport = self.transport();
        let polled = timeout(PATIENCE, self.email.poll(&self.account, &context, &transport)).await;
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
        let message = Outbound { attempt: message.attempt.max(1), ..message };
        let plan = plan(&self.email.descriptor().capabilities, &message)?;
        assert_eq!(plan.parts.len(), 1, "a mail is one message");
        self.email.send(&self.account, &plan.parts[0], files, &self.transport()).await
    }

    pub(crate) async fn answer(&self, thread: &str, text: &str) -> Receipt {
        self.send(outbound(thread, text), &Files::default()).await.unwrap()
    }

    /// Brings a file of a message.
    pub(crate) async fn fetch(&self, media: &weft_channel::Media) -> Result<Vec<u8>, SendError> {
        use futures::TryStreamExt as _;
        let stream = self.email.fetch_media(&self.account, media, &self.transport()).await?;
        Ok(stream.body.try_collect::<Vec<_>>().await.unwrap().concat())
    }

    /// A poll that a call of Pub/Sub wakes, and that brings nothing.
    pub(crate) async fn poll_nothing(&mut self, push: &WebhookCall) {
        self.email.receive(&self.account, push).unwrap();
        assert!(self.poll().await.unwrap().events.is_empty());
    }

    /// Turns the clock of a process forward.
    pub(crate) fn turn_clock(&self, by: TimeDelta) {
        self.clock.turned.store(by.num_seconds(), Ordering::Relaxed);
    }

    /// As the host makes it: it puts on access tokens, and knows where threads are answered.
    pub(crate) fn transport(&self) -> AuthorizedTransport<Email, Routed> {
        let key = "of the test".to_owned();
        AuthorizedTransport::new(
            Arc::clone(&self.email),
            self.account.clone(),
            key,
            self.tokens.clone(),
            self.transport.clone(),
        )
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
