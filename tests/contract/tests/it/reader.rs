//! What the user of a reader may do on the server, as `weft emit nats` makes it (AU-14).

use std::{fs, time::Duration};

use async_nats::{
    Client, ConnectOptions, Event, HeaderMap,
    jetstream::{self, Context, consumer::pull},
};
use futures::StreamExt;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use weft_bus::{Bus, OutsideReader};
use weft_testkit::{Nats, temp_dir};

use crate::scene::users;

const MINE: &str = "tenant_01h455vb4pex5vsknk084sn02q";
const THEIRS: &str = "tenant_01h455vb4pex5vsknk084sn02r";
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_one_tenant_is_given_its_events_and_refused_everything_else() {
    let folder = temp_dir();
    let readers = format!("[readers.stranger]\ntenant = \"{MINE}\"\n[readers.other]\n");
    let server = Nats::start_with(&users(folder.path(), &readers)).await;
    let operator = ConnectOptions::with_user_and_password("fleet".to_owned(), "fleet".to_owned());
    let operator = jetstream::new(operator.connect(server.url()).await.unwrap());
    let bus = weft_bus::Settings {
        user: Some("fleet".to_owned()),
        password: Some("fleet".to_owned().into()),
        ..weft_bus::Settings::at(server.url())
    };
    let bus = Bus::connect(&bus).await.unwrap();
    bus.migrate(&[]).await.unwrap();
    let reader = |name: &str, tenant: &str| OutsideReader {
        name: name.to_owned(),
        filters: vec![format!("weft.events.{tenant}.*.*")],
        since: None,
        ack_wait: OutsideReader::ACK_WAIT,
    };
    bus.migrate_outside_readers(&[reader("stranger", MINE), reader("other", "*")]).await.unwrap();
    for tenant in [MINE, THEIRS, MINE] {
        let subject = format!("weft.events.{tenant}.message.created");
        operator.publish(subject, "{}".into()).await.unwrap().await.unwrap();
    }

    let (client, mut refusals) = connect(&server, folder.path()).await;
    let given = next(&jetstream::new(client.clone())).await;
    assert_eq!(given, [MINE, MINE].map(|tenant| format!("weft.events.{tenant}.message.created")));

    let forbidden = [
        "weft.events.tenant_01h455vb4pex5vsknk084sn02q.message.created",
        "weft.in.7.echo",
        "weft.out.echo.7",
        "weft.live.x.typing",
        "$JS.API.INFO",
        "$JS.API.STREAM.INFO.EVENTS",
        "$JS.API.STREAM.PURGE.EVENTS",
        "$JS.API.STREAM.DELETE.EVENTS",
        "$JS.API.STREAM.MSG.GET.EVENTS",
        "$JS.API.DIRECT.GET.EVENTS",
        "$JS.API.CONSUMER.CREATE.EVENTS",
        "$JS.API.CONSUMER.CREATE.EVENTS.mine",
        "$JS.API.CONSUMER.CREATE.EVENTS.reader-stranger",
        "$JS.API.CONSUMER.CREATE.EVENTS.reader-stranger.weft.events.tenant_01h455vb4pex5vsknk084sn02q.x.y",
        "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.reader-stranger",
        "$JS.API.CONSUMER.DELETE.EVENTS.reader-stranger",
        "$JS.API.CONSUMER.MSG.NEXT.EVENTS.reader-other",
        "$JS.API.CONSUMER.INFO.EVENTS.reader-other",
        "$JS.API.CONSUMER.MSG.NEXT.IN.conversation-in-0",
        "$JS.ACK.EVENTS.reader-other.1.2.3.4.5",
    ];
    for subject in forbidden {
        client.publish_with_headers(subject, HeaderMap::new(), "".into()).await.unwrap();
        assert!(refused(&mut refusals, subject).await, "it may publish {subject}");
    }
    for subject in [">", "weft.>", "weft.events.>", "$JS.>", "_INBOX.>", "_INBOX_reader-other.>"] {
        let _subscription = client.subscribe(subject).await.unwrap();
        assert!(refused(&mut refusals, subject).await, "it may subscribe to {subject}");
    }
    bus.close().await;
}

/// The reader's own connection, and what the server refuses it.
async fn connect(server: &Nats, folder: &std::path::Path) -> (Client, UnboundedReceiver<String>) {
    let seed = fs::read_to_string(folder.join("seeds/reader-stranger.nk")).unwrap();
    let (sender, refusals) = mpsc::unbounded_channel();
    let options = ConnectOptions::with_nkey(seed.trim().to_owned())
        .custom_inbox_prefix("_INBOX_reader-stranger")
        .event_callback(move |event| {
            let sender = sender.clone();
            async move {
                if let Event::ServerError(error) = event {
                    drop(sender.send(error.to_string().to_lowercase()));
                }
            }
        });
    (options.connect(server.url()).await.unwrap(), refusals)
}

/// The subjects of what its consumer gives.
async fn next(context: &Context) -> Vec<String> {
    let stream = context.get_stream_no_info("EVENTS").await.unwrap();
    let consumer = stream.get_consumer::<pull::Config>("reader-stranger").await.unwrap();
    let mut messages = consumer.fetch().max_messages(10).messages().await.unwrap();
    let mut subjects = Vec::new();
    while let Some(message) = messages.next().await {
        let message = message.unwrap();
        message.ack().await.unwrap();
        subjects.push(message.subject.to_string());
    }
    subjects
}

async fn refused(refusals: &mut UnboundedReceiver<String>, subject: &str) -> bool {
    let named = format!("\"{}\"", subject.to_lowercase());
    let heard = async {
        while let Some(words) = refusals.recv().await {
            if words.contains("permissions violation") && words.contains(&named) {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap_or(false)
}
