//! Every user and every kind of subject (AU-14, BUS-11, TS-5). What each may do is written here by hand, so that a list
//! that grows by mistake is found.

use weft_bus::subject::matches;
use weft_fleet::{Settings, nats, roster};
use weft_testkit::{Certificates, Nats, temp_dir};

use crate::{
    apart::{emit, seeds, users},
    subjects::{INSTALLATION, Part, STREAMS, publishes, subscribes},
    wire::Wire,
};

/// What a user may do, as patterns.
struct May {
    user: &'static str,
    publish: &'static [&'static str],
    subscribe: &'static [&'static str],
    /// The consumers it works on, and their streams.
    consumers: &'static [(&'static str, &'static str)],
}

const MAY: &[May] = &[
    May {
        user: "directory",
        publish: &[
            "weft.events.*.channel.*",
            "weft.events.*.channel_templates.*",
            "weft.events.*.security.*",
            "weft.events.*.session.*",
            "weft.events.*.token.*",
            "weft.events.*.user.*",
            "weft.audit.*",
            "weft.dead.outbox-directory",
        ],
        subscribe: &[],
        consumers: &[("EVENTS", "directory-channel-kinds"), ("LOG", "directory-channel-log")],
    },
    May {
        user: "media",
        publish: &["weft.events.*.file.*", "weft.audit.*", "weft.dead.outbox-media"],
        subscribe: &[],
        consumers: &[("EVENTS", "media-messages")],
    },
    May {
        user: "conversation",
        publish: &[
            "weft.events.*.bulk_action.*",
            "weft.events.*.contact.*",
            "weft.events.*.conversation.*",
            "weft.events.*.mark.*",
            "weft.events.*.message.*",
            "weft.events.*.reaction.*",
            "weft.events.*.scheduled_message.*",
            "weft.events.*.view.*",
            "weft.out.*.*",
            "weft.live.*.typing",
            "weft.live.*.typing_out.*",
            "weft.live.*.read_out.*",
            "weft.audit.*",
            "weft.dead.outbox-conversation",
        ],
        subscribe: &[],
        consumers: &[
            ("IN", "conversation-in"),
            ("EVENTS", "conversation-names"),
            ("EVENTS", "conversation-search"),
            ("EVENTS", "conversation-teams"),
            ("EVENTS", "conversation-views"),
        ],
    },
    May {
        user: "automation",
        publish: &["weft.events.*.agent_availability.*", "weft.audit.*", "weft.dead.outbox-automation"],
        subscribe: &[],
        consumers: &[
            ("EVENTS", "automation-conversations"),
            ("EVENTS", "automation-messages"),
            ("EVENTS", "automation-users"),
        ],
    },
    May {
        user: "analytics",
        publish: &["weft.audit.*", "weft.dead.outbox-analytics"],
        subscribe: &[],
        consumers: &[("EVENTS", "analytics-changes")],
    },
    May {
        user: "compliance",
        publish: &["weft.audit.*", "weft.dead.outbox-compliance"],
        subscribe: &[],
        consumers: &[("AUDIT", "compliance-records")],
    },
    May {
        user: "dead-letters",
        publish: &[
            "weft.in.>",
            "weft.out.>",
            "weft.events.>",
            "weft.log.>",
            "weft.audit.*",
            "weft.dead.outbox-dead-letters",
            "$JS.API.DIRECT.GET.DEAD",
            "$JS.API.STREAM.MSG.DELETE.DEAD",
        ],
        subscribe: &[],
        consumers: &[],
    },
    May {
        user: "voice",
        publish: &["weft.events.*.spoken_answer.*", "weft.audit.*", "weft.dead.outbox-voice"],
        subscribe: &[],
        consumers: &[("EVENTS", "voice-messages")],
    },
    May {
        user: "gateway",
        publish: &["weft.live.*.attendance", "weft.live.*.viewer"],
        subscribe: &["weft.live.>"],
        consumers: &[],
    },
    adapter("channel-echo"),
    May { publish: &["weft.audit.*", "weft.dead.outbox-channel-email"], ..adapter("channel-email") },
    adapter("channel-instagram"),
    adapter("channel-line"),
    adapter("channel-messenger"),
    adapter("channel-ringcentral"),
    adapter("channel-slack"),
    adapter("channel-sms-twilio"),
    adapter("channel-teams"),
    adapter("channel-telegram"),
    adapter("channel-viber"),
    adapter("channel-voice-twilio"),
    adapter("channel-whatsapp"),
    May {
        publish: &["weft.live.*.webchat.>", "weft.live.*.presence"],
        subscribe: &["weft.live.*.webchat.>", "weft.live.*.read_out.webchat"],
        ..adapter("channel-webchat")
    },
];

const fn adapter(user: &'static str) -> May {
    May { user, publish: &[], subscribe: &[], consumers: &[] }
}

impl May {
    fn kind(&self) -> Option<&'static str> {
        self.user.strip_prefix("channel-")
    }

    /// What every process needs, to hear of revocations: this is where a list could be shorter (see `docs/SECURITY-TRANSPORT.md`).
    const EVERYBODY: [&str; 3] = [
        "$JS.API.STREAM.INFO.EVENTS",
        "$JS.API.CONSUMER.CREATE.EVENTS",
        "$JS.API.CONSUMER.MSG.NEXT.EVENTS.Xy12AbCd",
    ];

    fn publish(&self, consumers: &[Part], subject: &str) -> bool {
        let own = match self.kind() {
            Some(kind) => {
                let list = [
                    format!("weft.in.*.{kind}"),
                    format!("weft.log.{kind}"),
                    format!("weft.events.{INSTALLATION}.channelkind.announced"),
                    format!("weft.dead.channel-{kind}"),
                    "$JS.API.STREAM.INFO.OUT".to_owned(),
                ];
                list.iter().any(|pattern| matches(pattern, subject))
            }
            None => false,
        };
        own || Self::EVERYBODY.contains(&subject)
            || self.publish.iter().any(|pattern| matches(pattern, subject))
            || self.parts(consumers).any(|part| works_on(part, subject))
    }

    fn subscribe(&self, consumers: &[Part], pattern: &str) -> bool {
        let inbox = format!("_INBOX_{}.>", self.user);
        pattern == inbox
            || self.kind().is_some_and(|kind| pattern == format!("weft.live.*.typing_out.{kind}"))
            || self
                .subscribe
                .iter()
                .any(|own| *own == pattern || (own.ends_with(".>") && matches(own, pattern)))
            || self.parts(consumers).any(|part| {
                pattern == format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{}.{}", part.stream, part.name)
                    || part.members().is_some_and(|members| pattern == members)
            })
    }

    /// Those of the roster that are this user's.
    fn parts<'a>(&self, consumers: &'a [Part]) -> impl Iterator<Item = &'a Part> {
        let orders = ("OUT", self.user);
        let own: Vec<_> = self.consumers.iter().copied().chain(self.kind().map(|_| orders)).collect();
        consumers.iter().filter(move |part| own.contains(&(part.stream, &part.family)))
    }
}

/// Everything that one who works on a consumer asks the server for.
fn works_on(part: &Part, subject: &str) -> bool {
    let Part { stream, name, .. } = part;
    let list = [
        format!("$JS.API.CONSUMER.INFO.{stream}.{name}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
        format!("$JS.API.CONSUMER.UNPIN.{stream}.{name}"),
        format!("$JS.ACK.{stream}.{name}.>"),
        format!("weft.dead.{name}"),
    ];
    // An adapter would see the orders of others.
    let reads = *stream != "OUT" && subject == format!("$JS.API.DIRECT.GET.{stream}");
    reads
        || part.members().is_some_and(|members| subject == members)
        || list.iter().any(|pattern| matches(pattern, subject))
}

#[tokio::test]
async fn a_service_does_what_it_has_to_and_everything_else_is_refused() {
    let folder = temp_dir();
    let server = Nats::start_with(&users(folder.path())).await;
    let names: Vec<_> = roster::ENTRIES.iter().map(|entry| entry.name).collect();
    let known: Vec<_> = MAY.iter().map(|may| may.user).collect();
    for name in &names {
        assert!(known.contains(name), "say here what `{name}` may do on the bus");
    }
    let (mut forbidden, mut refused, mut allowed) = (0, 0, 0);
    let mut faults = Vec::new();
    let consumers = Part::all();
    let (publishes, subscribes) = (publishes(&consumers), subscribes(&consumers));
    for may in MAY {
        let seed = std::fs::read_to_string(seeds(folder.path()).join(may.user).with_extension("nk")).unwrap();
        let mut wire = Wire::connect(server.port(), &seed).await;
        let mut count = |what: &str, subject: &str, expected: bool, found: bool| {
            forbidden += u32::from(!expected);
            refused += u32::from(!found && !expected);
            allowed += u32::from(found && expected);
            if expected != found {
                let verb = if found { "may" } else { "may not" };
                faults.push(format!("{} {verb} {what} {subject}", may.user));
            }
        };
        for subject in &publishes {
            let found = !wire.refuses_publish(subject).await;
            count("publish", subject, may.publish(&consumers, subject), found);
        }
        for pattern in &subscribes {
            let found = !wire.refuses_subscribe(pattern).await;
            count("subscribe to", pattern, may.subscribe(&consumers, pattern), found);
        }
    }
    println!("NATS {} users: forbidden tried={forbidden} refused={refused}; allowed={allowed}", MAY.len());
    assert!(faults.is_empty(), "{} of {forbidden} differ:\n{}", faults.len(), faults.join("\n"));
    assert!(forbidden > 3_000, "only {forbidden} tries");
}

#[tokio::test]
async fn the_user_who_migrates_makes_streams_and_consumers_and_neither_reads_nor_writes_events() {
    let folder = temp_dir();
    let server = Nats::start_with(&users(folder.path())).await;
    let seed = std::fs::read_to_string(seeds(folder.path()).join("migrate.nk")).unwrap();
    let mut wire = Wire::connect(server.port(), &seed).await;
    let mut faults = Vec::new();
    let consumers = Part::all();
    for subject in publishes(&consumers) {
        let makes = |verb: &str| STREAMS.iter().any(|stream| subject == format!("$JS.API.{verb}.{stream}"));
        let of_consumers = consumers.iter().any(|Part { stream, name, .. }| {
            let create = format!("$JS.API.CONSUMER.CREATE.{stream}.{name}");
            subject == create
                || subject.starts_with(&format!("{create}."))
                || subject == format!("$JS.API.CONSUMER.DELETE.{stream}.{name}")
        });
        let expected = of_consumers
            || ["STREAM.CREATE", "STREAM.UPDATE", "STREAM.INFO", "CONSUMER.NAMES"].into_iter().any(makes);
        if wire.refuses_publish(&subject).await == expected {
            faults.push(format!("publish {subject}: expected {expected}"));
        }
    }
    for pattern in subscribes(&consumers) {
        if !wire.refuses_subscribe(&pattern).await {
            faults.push(format!("subscribe to {pattern}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_server_takes_the_emitted_files_as_they_are() {
    let folder = temp_dir();
    emit(folder.path());
    let own = Certificates::new(folder.path(), "ours");
    let pair = own.issue(&["nats"]);
    let tls = folder.path().join("tls.conf");
    let mut text = std::fs::read_to_string(&tls).unwrap();
    for (placeholder, file) in
        [("tls.crt", &pair.cert_file), ("tls.key", &pair.key_file), ("ca.crt", &own.ca_file())]
    {
        text = text.replace(&format!("/etc/nats/tls/{placeholder}"), &file.display().to_string());
    }
    std::fs::write(&tls, text).unwrap();
    let mut check = std::process::Command::new("nats-server");
    let output = check.arg("-t").arg("-c").arg(folder.path().join("nats.conf")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(folder.path().join("keys.conf")).unwrap();
    assert!(!check.output().unwrap().status.success(), "without keys nobody is let in by mistake");
}

/// The committed files are what the roster says: run `weft emit nats --out deploy/nats` after a change.
#[test]
fn the_committed_configuration_is_the_one_that_is_emitted() {
    let users = nats::users(&Settings::from_parts("", Vec::new()).unwrap());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats");
    for (name, text) in nats::files(&users) {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(committed == text, "deploy/nats/{name} differs: run `weft emit nats --out deploy/nats`");
    }
}
