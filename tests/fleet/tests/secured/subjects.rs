//! Everything there is to say and hear on the bus, one of each kind.

use std::collections::BTreeSet;

use weft_bus::ConsumerSpec;
use weft_fleet::{Settings, roster};

const TENANT: &str = "tenant_01h455vb4pex5vsknk084sn02q";
pub(crate) const INSTALLATION: &str = "tenant_00000000000000000000000000";
const KINDS: [&str; 3] = ["echo", "telegram", "webchat"];
pub(crate) const STREAMS: [&str; 6] = ["IN", "OUT", "EVENTS", "AUDIT", "LOG", "DEAD"];

/// A consumer of the roster, or one of the parts it is split into.
pub(crate) struct Part {
    pub(crate) stream: &'static str,
    pub(crate) name: String,
    pub(crate) family: String,
}

impl Part {
    pub(crate) fn all() -> Vec<Self> {
        let settings = Settings::from_parts("", Vec::new()).unwrap();
        let specs = roster::ENTRIES.iter().flat_map(|entry| (entry.consumers)(&settings));
        let parts = |spec: ConsumerSpec| {
            let part = |one: ConsumerSpec| Self {
                stream: one.stream.name(),
                name: one.name,
                family: spec.name.clone(),
            };
            spec.split().into_iter().map(part).collect::<Vec<_>>()
        };
        specs.flat_map(parts).collect()
    }

    /// Where those who share a split consumer speak to each other.
    pub(crate) fn members(&self) -> Option<String> {
        (self.name != self.family).then(|| format!("weft.live.members.{}", self.family))
    }
}

/// One subject of each kind there is to publish on.
pub(crate) fn publishes(consumers: &[Part]) -> BTreeSet<String> {
    let mut all = BTreeSet::from(
        [
            "anything",
            "weft.other.x",
            "$SYS.REQ.SERVER.PING",
            "$SYS.ACCOUNT.$G.CONNECT",
            "_INBOX.x.1",
            "$JS.API.INFO",
            "$JS.API.STREAM.LIST",
            "$JS.API.STREAM.NAMES",
            "$JS.API.ACCOUNT.PURGE.$G",
            "$JS.API.META.LEADER.STEPDOWN",
            "$JS.API.SERVER.REMOVE",
            "$JS.API.STREAM.CREATE.NEW",
            "$JS.API.CONSUMER.CREATE.NEW",
            "$JS.FC.EVENTS.x.1",
        ]
        .map(str::to_owned),
    );
    for kind in KINDS {
        all.extend([
            format!("weft.in.7.{kind}"),
            format!("weft.log.{kind}"),
            format!("weft.out.{kind}.7"),
            format!("weft.live.{TENANT}.typing_out.{kind}"),
            format!("weft.live.{TENANT}.read_out.{kind}"),
            format!("weft.live.{TENANT}.{kind}.a.b"),
            format!("weft.dead.channel-{kind}"),
        ]);
    }
    for entity in [
        "agent_availability",
        "channel",
        "channelkind",
        "contact",
        "conversation",
        "message",
        "reaction",
        "security",
        "session",
        "token",
        "user",
        "other",
    ] {
        all.extend([
            format!("weft.events.{TENANT}.{entity}.created"),
            format!("weft.events.{INSTALLATION}.{entity}.announced"),
        ]);
    }
    all.extend([
        format!("weft.audit.{TENANT}"),
        format!("weft.live.{TENANT}.typing"),
        format!("weft.live.{TENANT}.presence"),
        format!("weft.live.{TENANT}.x"),
    ]);
    for entry in roster::ENTRIES {
        all.extend([
            format!("_INBOX_{}.x.1", entry.name),
            format!("weft.dead.outbox-{}", entry.name),
            format!("weft.live.members.{}", entry.name),
        ]);
    }
    for stream in STREAMS {
        for verb in [
            "CREATE",
            "UPDATE",
            "DELETE",
            "PURGE",
            "INFO",
            "MSG.DELETE",
            "MSG.GET",
            "SNAPSHOT",
            "RESTORE",
            "LEADER.STEPDOWN",
            "PEER.REMOVE",
        ] {
            all.insert(format!("$JS.API.STREAM.{verb}.{stream}"));
        }
        for verb in ["CREATE", "LIST", "NAMES"] {
            all.insert(format!("$JS.API.CONSUMER.{verb}.{stream}"));
        }
        all.extend([
            format!("$JS.API.DIRECT.GET.{stream}"),
            format!("$JS.API.DIRECT.GET.{stream}.weft.in.7.echo"),
            format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.Xy12AbCd"),
            format!("$JS.API.CONSUMER.CREATE.{stream}.mine"),
            format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.mine"),
        ]);
    }
    for Part { stream, name, family } in consumers {
        for verb in [
            "INFO",
            "MSG.NEXT",
            "UNPIN",
            "CREATE",
            "DURABLE.CREATE",
            "DELETE",
            "PAUSE",
            "RESET",
            "LEADER.STEPDOWN",
        ] {
            all.insert(format!("$JS.API.CONSUMER.{verb}.{stream}.{name}"));
        }
        all.extend([
            format!("$JS.API.CONSUMER.CREATE.{stream}.{name}.weft.events.{TENANT}.x"),
            format!("$JS.ACK.{stream}.{name}.1.2.3.4.5"),
            format!("weft.dead.{name}"),
            format!("weft.live.members.{family}"),
        ]);
    }
    all
}

/// One pattern of each kind there is to subscribe to.
pub(crate) fn subscribes(consumers: &[Part]) -> BTreeSet<String> {
    let mut all = BTreeSet::from(
        [
            ">",
            "*",
            "*.>",
            "*.*.>",
            "$JS.>",
            "$JS.API.>",
            "$JS.ACK.>",
            "$JS.EVENT.>",
            "$SYS.>",
            "_INBOX.>",
            "weft.>",
            "weft.*.>",
            "weft.in.>",
            "weft.out.>",
            "weft.events.>",
            "weft.audit.>",
            "weft.log.>",
            "weft.dead.>",
            "weft.live.>",
            "weft.live.*.>",
            "weft.live.*.typing",
            "weft.live.*.typing_out.*",
            "weft.live.*.read_out.*",
            "weft.live.*.presence",
            "weft.live.*.webchat.>",
            "weft.live.members.*",
            "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
        ]
        .map(str::to_owned),
    );
    for kind in KINDS {
        all.extend([
            format!("weft.in.*.{kind}"),
            format!("weft.out.{kind}.>"),
            format!("weft.live.*.typing_out.{kind}"),
            format!("weft.live.*.read_out.{kind}"),
            format!("weft.live.{TENANT}.{kind}.a.b"),
        ]);
    }
    for entry in roster::ENTRIES {
        all.insert(format!("_INBOX_{}.>", entry.name));
    }
    for Part { stream, name, family } in consumers {
        all.extend([
            format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.{name}"),
            format!("$JS.ACK.{stream}.{name}.>"),
            format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
            format!("weft.live.members.{family}"),
        ]);
    }
    all
}
