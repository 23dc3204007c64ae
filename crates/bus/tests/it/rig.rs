use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{SubsecRound, Utc};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weft_bus::{Bus, Consumer, ConsumerSpec, Delivery, Event, Outcome, Reader, Settings, Stream};
use weft_domain::Result;
use weft_testkit::{Nats, TempDir, temp_dir};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const EVERYTHING: &str = "weft.in.>";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Embedded,
    JetStream,
}

/// A bus of its own.
pub(crate) struct Rig {
    pub(crate) bus: Bus,
    pub(crate) settings: Settings,
    pub(crate) nats: Option<Nats>,
    pub(crate) folder: TempDir,
}

impl Rig {
    pub(crate) async fn new(kind: Kind) -> Self {
        Self::with(kind, |_| {}).await
    }

    pub(crate) async fn with(kind: Kind, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = temp_dir();
        let (nats, url) = match kind {
            Kind::Embedded => (None, format!("embedded:{}", folder.path().display())),
            Kind::JetStream => {
                let nats = Nats::start().await;
                let url = nats.url();
                (Some(nats), url)
            }
        };
        // Patient: the machine that runs all tests at once may be slow to sync.
        let mut settings = Settings { publish_timeout_ms: 20_000, ..Settings::at(url) };
        change(&mut settings);
        let bus = Bus::connect(&settings).await.unwrap();
        bus.migrate(&[]).await.unwrap();
        bus.check_streams().await.unwrap();
        Self { bus, settings, nats, folder }
    }

    /// Stops everything and starts it again on what is on disk.
    pub(crate) async fn restart(&mut self) {
        self.bus.close().await;
        if let Some(nats) = &mut self.nats {
            nats.restart().await;
        }
        self.bus = Bus::connect(&self.settings).await.unwrap();
    }

    /// Runs a consumer whose outcome for each delivery `decide` tells.
    pub(crate) async fn run(
        &self,
        spec: &ConsumerSpec,
        decide: impl Fn(&Delivery) -> Outcome + Send + Sync + 'static,
    ) -> Running {
        self.bus.migrate(std::slice::from_ref(spec)).await.unwrap();
        run(self.bus.consume(spec).await.unwrap().remove(0), decide)
    }
}

/// A consumer at work, and what it was given.
pub(crate) struct Running {
    pub(crate) seen: mpsc::UnboundedReceiver<Delivery>,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<Result<()>>,
}

pub(crate) fn run(
    consumer: Consumer,
    decide: impl Fn(&Delivery) -> Outcome + Send + Sync + 'static,
) -> Running {
    let (sender, seen) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let decide = Arc::new(decide);
    let work = consumer.run(stop.clone(), move |deliveries: Vec<Delivery>| {
        let (sender, decide) = (sender.clone(), Arc::clone(&decide));
        async move {
            let mut outcomes = Vec::new();
            for delivery in deliveries {
                outcomes.push(decide(&delivery));
                sender.send(delivery).unwrap();
            }
            outcomes
        }
    });
    Running { seen, stop, task: TaskTracker::new().spawn(work) }
}

impl Running {
    pub(crate) async fn next(&mut self) -> Delivery {
        timeout(PATIENCE, self.seen.recv()).await.expect("an event in time").expect("a running consumer")
    }

    pub(crate) async fn ids(&mut self, number: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..number {
            ids.push(self.next().await.event.id);
        }
        ids
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.expect("a stop in time").unwrap().unwrap();
    }
}

pub(crate) fn spec(name: &str) -> ConsumerSpec {
    ConsumerSpec { ack_wait: Duration::from_secs(2), ..ConsumerSpec::new(name, Stream::In, &[EVERYTHING]) }
}

pub(crate) fn done(_: &Delivery) -> Outcome {
    Outcome::Done
}

pub(crate) fn retry() -> Outcome {
    Outcome::Retry { after: Duration::from_millis(60), reason: "not_yet".into() }
}

/// An event on `IN`; an empty key asks for no order.
pub(crate) fn event(id: &str, key: &str) -> Event {
    event_on("weft.in.7.test", id, key)
}

pub(crate) fn event_on(subject: &str, id: &str, key: &str) -> Event {
    Event {
        id: id.into(),
        kind: "weft.v1.test.happened".into(),
        source: "/test".into(),
        subject: subject.into(),
        key: key.into(),
        tenant: Some("tenant_01h455vb4pex5vsknk084sn02q".into()),
        time: Utc::now().trunc_subsecs(6),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        tracestate: Some("vendor=ü".into()),
        data: Bytes::from(format!("{{\"id\":\"{id}\"}}")),
    }
}

pub(crate) async fn next(reader: &mut Reader) -> (u64, Event) {
    timeout(PATIENCE, reader.next()).await.expect("an event in time").unwrap().expect("an open bus")
}

/// Takes events out and dies with them, as a process that is killed: no ack, no word.
pub(crate) async fn vanish_with(bus: &Bus, spec: &ConsumerSpec) {
    let (seen, mut reports) = mpsc::unbounded_channel();
    let stuck =
        bus.consume(spec).await.unwrap().remove(0).run(CancellationToken::new(), move |_: Vec<Delivery>| {
            seen.send(()).unwrap();
            std::future::pending()
        });
    let task = TaskTracker::new().spawn(stuck);
    timeout(PATIENCE, reports.recv()).await.expect("an event in time").unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}
