use std::collections::BTreeSet;

use weft_bus::{ConsumerSpec, OutsideReader, Stream};

use crate::{
    Settings,
    roster::{self, Entry},
};

/// The user that brings streams and consumers up to date: `weft migrate`.
pub(crate) const MIGRATE: &str = "migrate";
/// The user of people who look after the bus.
pub(crate) const OPERATOR: &str = "operator";
const DEAD: &str = "DEAD";

/// A user of the NATS server: who may say and hear what. Whatever is not named is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Its name: the service's.
    pub name: String,
    /// What it may publish.
    pub publish: BTreeSet<String>,
    /// What it may not publish although `publish` covers it.
    pub publish_not: BTreeSet<String>,
    /// What it may subscribe to.
    pub subscribe: BTreeSet<String>,
}

/// All users: a service each, those of people, readers outside.
pub fn users(settings: &Settings) -> Vec<User> {
    let parts = |entry: &Entry| -> Vec<ConsumerSpec> {
        (entry.consumers)(settings).iter().flat_map(ConsumerSpec::split).collect()
    };
    let readers: Vec<OutsideReader> = settings.outside_readers();
    let own = roster::ENTRIES.iter().flat_map(parts);
    let all: Vec<ConsumerSpec> = own.chain(readers.iter().map(as_consumer)).collect();
    let services = roster::ENTRIES.iter().map(|entry| service(entry, settings, &all));
    let people = [migrate(&all, &readers), operator()];
    services.chain(people).chain(readers.iter().map(outside)).collect()
}

fn service(entry: &Entry, settings: &Settings, all: &[ConsumerSpec]) -> User {
    let mut user = User::new(entry.name);
    let access = (entry.access)();
    user.publish.extend(access.publishes);
    user.subscribe.extend(access.listens);
    for spec in (entry.consumers)(settings) {
        user.consumes(&spec);
    }
    let own: BTreeSet<String> =
        (entry.consumers)(settings).iter().flat_map(ConsumerSpec::split).map(|part| part.name).collect();
    user.reads_events(all.iter().filter(|part| !own.contains(&part.name)));
    if entry.migrate.is_some() {
        // What its outbox holds besides events: who did what, and what the bus would not have.
        user.publish.extend(["weft.audit.*".to_owned(), format!("weft.dead.outbox-{}", entry.name)]);
    }
    if entry.name.starts_with("channel-") {
        user.publish.insert(format!("weft.dead.{}", entry.name));
        // An order that was there before the adapter started may have been in another's hands.
        user.publish.insert("$JS.API.STREAM.INFO.OUT".to_owned());
    }
    user
}

impl User {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            subscribe: BTreeSet::from([format!("{}.>", inbox_prefix(name))]),
            ..Self::default()
        }
    }

    /// Takes what its consumer is given, and settles it.
    fn consumes(&mut self, spec: &ConsumerSpec) {
        let stream = spec.stream.name();
        let parts = spec.split();
        for ConsumerSpec { name, .. } in &parts {
            self.publish.extend([
                format!("$JS.API.CONSUMER.INFO.{stream}.{name}"),
                format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
                format!("$JS.API.CONSUMER.UNPIN.{stream}.{name}"),
                format!("$JS.ACK.{stream}.{name}.>"),
                format!("weft.dead.{name}"),
            ]);
            self.subscribe.insert(format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.{name}"));
        }
        // What the server gave up on is read once more for its dead letter. `OUT` holds other adapters' orders, which
        // nobody but their own may see.
        if spec.stream != Stream::Out {
            self.publish.insert(format!("$JS.API.DIRECT.GET.{stream}"));
        }
        if parts.len() > 1 {
            let members = format!("weft.live.members.{}", spec.name);
            self.publish.insert(members.clone());
            self.subscribe.insert(members);
        }
    }

    /// Follows `EVENTS` from a cursor, as everybody does at least for revocations; the consumers of others are not its.
    fn reads_events<'a>(&mut self, others: impl Iterator<Item = &'a ConsumerSpec>) {
        self.publish.extend([
            "$JS.API.STREAM.INFO.EVENTS".to_owned(),
            "$JS.API.CONSUMER.CREATE.EVENTS".to_owned(),
            "$JS.API.CONSUMER.MSG.NEXT.EVENTS.*".to_owned(),
        ]);
        let of_events = others.filter(|part| part.stream == Stream::Events);
        self.publish_not
            .extend(of_events.map(|part| format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.{}", part.name)));
    }
}

fn migrate(all: &[ConsumerSpec], readers: &[OutsideReader]) -> User {
    let mut user = User::new(MIGRATE);
    for stream in Stream::ALL.map(Stream::name).into_iter().chain([DEAD]) {
        for verb in ["CREATE", "UPDATE", "INFO"] {
            user.publish.insert(format!("$JS.API.STREAM.{verb}.{stream}"));
        }
        // Another number of shards: consumers of earlier names go.
        user.publish.insert(format!("$JS.API.CONSUMER.NAMES.{stream}"));
        user.publish.insert(format!("$JS.API.CONSUMER.DELETE.{stream}.*"));
    }
    for ConsumerSpec { stream, name, .. } in all {
        let create = format!("$JS.API.CONSUMER.CREATE.{}.{name}", stream.name());
        // A consumer of one subject names it in the request's own subject.
        user.publish.extend([format!("{create}.>"), create]);
    }
    // To make a consumer anew that has to begin elsewhere.
    let info = |reader: &OutsideReader| format!("$JS.API.CONSUMER.INFO.EVENTS.{}", reader.consumer());
    user.publish.extend(readers.iter().map(info));
    user
}

/// Somebody outside takes what their consumer is given, and can ask for nothing else.
fn outside(reader: &OutsideReader) -> User {
    let consumer = reader.consumer();
    let mut user = User::new(&consumer);
    user.publish.extend([
        format!("$JS.API.CONSUMER.INFO.EVENTS.{consumer}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.{consumer}"),
        format!("$JS.ACK.EVENTS.{consumer}.>"),
    ]);
    user
}

fn as_consumer(reader: &OutsideReader) -> ConsumerSpec {
    let filters: Vec<&str> = reader.filters.iter().map(String::as_str).collect();
    ConsumerSpec::new(&reader.consumer(), Stream::Events, &filters)
}

fn operator() -> User {
    let mut user = User::new(OPERATOR);
    user.publish.extend(["$JS.API.>", "$JS.ACK.>", "weft.>"].map(str::to_owned));
    user.subscribe.extend(["$JS.EVENT.>", "weft.>"].map(str::to_owned));
    user
}

/// What the subjects of answers to a process of this name begin with.
pub(crate) fn inbox_prefix(name: &str) -> String {
    format!("_INBOX_{name}")
}
