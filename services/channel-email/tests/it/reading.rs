use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;
use weft_channel::{
    SimulationOptions,
    attachment::Kind,
    script::{Line, Script},
};
use weft_channel_email::simulator::{ADDRESS, Fault, Says};
use weft_store::Settings;
use weft_testkit::temp_dir;

use crate::{
    rig::{ANA, Mailbox, Rig, message, raw, thread},
    tap::Tap,
};

#[tokio::test]
async fn the_position_moves_only_after_the_events_are_on_the_bus() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    rig.arrives(&raw(ANA, "a2@x", "", "Two"));
    // the process ends between the poll and the bus, again and again
    for _ in 0..3 {
        let polled = rig.mailbox.try_poll().await.unwrap();
        let keys: Vec<&str> = polled.received.events.iter().map(|event| event.key.as_str()).collect();
        assert_eq!(keys, ["mail:a1@x", "mail:a2@x"]);
        let threads: BTreeSet<String> = polled.received.events.iter().map(thread).collect();
        assert_eq!(threads.len(), 2);
        rig.mailbox.restart();
    }
    // it ends after the bus has them and before the next poll says so
    assert_eq!(rig.mailbox.poll().await.unwrap().events.len(), 2);
    rig.mailbox.restart();
    assert_eq!(rig.mailbox.poll().await.unwrap().events.len(), 2);
    // now it is said
    rig.arrives(&raw(ANA, "a3@x", "", "Three"));
    let (event, _) = rig.mailbox.message().await;
    assert_eq!(event.key, "mail:a3@x");
    rig.arrives(&raw(ANA, "a4@x", "", "Four"));
    let (event, _) = rig.mailbox.message().await;
    assert_eq!(event.key, "mail:a4@x");
    rig.mailbox.restart();
    let (event, _) = rig.mailbox.message().await;
    assert_eq!(event.key, "mail:a4@x", "the last one only");
}

#[tokio::test]
async fn numbers_that_mean_something_else_bring_the_same_mail_under_the_same_names() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let (first, _) = rig.mailbox.message().await;
    rig.arrives(&raw(ANA, "a2@x", "In-Reply-To: <a1@x>\n", "Two"));
    let (second, _) = rig.mailbox.message().await;
    rig.simulator.renumber();
    rig.arrives(&raw(ANA, "a3@x", "In-Reply-To: <a2@x>\n", "Three"));
    let received = rig.mailbox.received().await;
    let keys: Vec<&str> = received.events.iter().map(|event| event.key.as_str()).collect();
    assert_eq!(keys, [first.key.as_str(), second.key.as_str(), "mail:a3@x"]);
    assert!(received.events.iter().all(|event| thread(event) == thread(&first)));
    rig.arrives(&raw(ANA, "a4@x", "", "Four"));
    assert_eq!(rig.mailbox.message().await.0.key, "mail:a4@x");
}

#[tokio::test]
async fn new_mail_is_told_while_one_waits() {
    let mut rig = Rig::connected().await;
    let tap = Tap::before(rig.imap_port()).await;
    rig.mailbox.set("imap_port", tap.port);
    let simulator = rig.simulator.clone();
    let late = async {
        tap.idles(1).await;
        simulator.deliver(ADDRESS, raw(ANA, "a1@x", "", "One").into_bytes());
    };
    let start = std::time::Instant::now();
    let (polled, ()) = tokio::join!(rig.mailbox.try_poll(), late);
    assert_eq!(polled.unwrap().received.events.len(), 1);
    assert!(start.elapsed() < std::time::Duration::from_secs(10));

    // a connection that breaks meanwhile is made anew
    rig.mailbox.restart();
    rig.mailbox.poll().await.unwrap();
    rig.simulator.fail_next(Fault::DropWhileIdle);
    let simulator = rig.simulator.clone();
    let late = async {
        // the first was told, the second breaks
        tap.idles(3).await;
        simulator.deliver(ADDRESS, raw(ANA, "a2@x", "", "Two").into_bytes());
    };
    let (polled, ()) = tokio::join!(rig.mailbox.try_poll(), late);
    assert_eq!(polled.unwrap().received.events[0].key, "mail:a2@x");
}

#[tokio::test]
async fn old_mail_stays_out_unless_it_is_wanted() {
    for (days, expected) in [(0, vec!["mail:new@x"]), (3, vec!["mail:old@x", "mail:new@x"])] {
        let mut rig = Rig::start_with(json!({"import_days": days})).await;
        rig.arrives(&raw(ANA, "old@x", "", "Old"));
        rig.mailbox.connect().await.unwrap();
        rig.arrives(&raw(ANA, "new@x", "", "New"));
        let received = rig.mailbox.received().await;
        let keys: Vec<&str> = received.events.iter().map(|event| event.key.as_str()).collect();
        assert_eq!(keys, expected);
    }
}

#[tokio::test]
async fn files_and_html_are_fetched_from_the_mailbox_wherever_the_mail_is_by_then() {
    let mut rig = Rig::connected().await;
    let says = Says {
        subject: Some("Bill".into()),
        text: "See the bill".into(),
        html: Some("<p>See <b onclick=x()>the bill</b><script>x()</script></p>".into()),
        file: Some("bill.pdf".into()),
        ..Says::default()
    };
    rig.simulator.customer_says(ANA, "Ana", says);
    let (_, message) = rig.mailbox.message().await;
    let names: Vec<(&str, Kind)> =
        message.media.iter().map(|media| (media.name.as_str(), media.kind())).collect();
    assert_eq!(names, [("bill.pdf", Kind::File), ("message.html", Kind::File)]);
    assert_eq!(message.text, "See the bill");
    rig.mailbox.restart();
    rig.simulator.renumber();
    assert_eq!(rig.mailbox.fetch(&message.media[0]).await.unwrap(), b"%PDF-1.4 simulated");
    let html = String::from_utf8(rig.mailbox.fetch(&message.media[1]).await.unwrap()).unwrap();
    assert!(html.contains("<b>the bill</b>") && !html.contains("x()"), "{html}");

    let mut gone = message.media[0].clone();
    gone.reference = gone.reference.replace("simulated-", "gone-").replace("\"v\":1", "\"v\":2");
    assert_eq!(rig.mailbox.fetch(&gone).await.unwrap_err().code(), "mail_gone");
    gone.reference = "{}".to_owned();
    assert_eq!(rig.mailbox.fetch(&gone).await.unwrap_err().code(), "message_invalid");
}

#[tokio::test]
async fn what_colleagues_send_from_their_own_programs_is_seen() {
    let mut rig = Rig::connected_with(json!({"spam_folder": "Junk"})).await;
    rig.arrives(&raw(ANA, "a1@x", "Subject: Order\n", "Where?"));
    let here = thread(&rig.mailbox.message().await.0);
    let own =
        format!("From: {ADDRESS}\nTo: {ANA}\nMessage-ID: <phone@x>\nIn-Reply-To: <a1@x>\n\nOn its way\n");
    rig.simulator.deliver_into(ADDRESS, "Sent", own.into_bytes());
    let (event, message) = rig.mailbox.message().await;
    assert_eq!((thread(&event), message.from_us, message.text.as_str()), (here.clone(), true, "On its way"));
    rig.simulator.deliver_into(
        ADDRESS,
        "Junk",
        raw(ANA, "a2@x", "In-Reply-To: <phone@x>\n", "Ok").into_bytes(),
    );
    let (event, message) = rig.mailbox.message().await;
    assert_eq!((thread(&event), message.from_us), (here, false));
}

#[tokio::test]
async fn a_form_that_writes_in_our_name_is_from_whoever_filled_it_in() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ADDRESS, "form@x", &format!("Reply-To: Ana <{ANA}>\nSubject: Contact form\n"), "Hello"));
    let (event, message) = rig.mailbox.message().await;
    assert_eq!((event.sender.as_ref().unwrap().id.as_str(), message.from_us), (ANA, false));
    rig.mailbox.answer(&thread(&event), "Hello to you").await;
    assert_eq!(rig.simulator.wait_for_sent(1).await[0].to, [ANA]);
}

#[tokio::test]
async fn what_nobody_should_send_comes_in_all_the_same() {
    let mut rig = Rig::connected().await;
    let huge = "x".repeat(45_000_000);
    rig.arrives(&raw(ANA, "huge@x", "Subject: Huge\n", &huge));
    rig.arrives(&format!("{}\n", raw(ANA, "many@x", &"X-Header: value\n".repeat(10_000), "Many")));
    rig.arrives("");
    rig.simulator.deliver(ADDRESS, vec![0xff; 1000]);
    rig.arrives(&raw(ANA, &"i".repeat(2000), "", "Long id"));
    rig.arrives(&raw(
        "=?utf-8?Q?=0D=0ABcc:_evil@example.com?= <ana@people.example>",
        "inject@x",
        "Subject: =?utf-8?Q?a=0D=0ABcc:_evil@example.com?=\n",
        "Inject",
    ));
    let mut events = Vec::new();
    while events.len() < 6 {
        events.extend(rig.mailbox.received().await.events);
    }
    let texts: Vec<String> = events.iter().map(|event| message(event).text).collect();
    assert!(texts[0].contains("[This mail has 45 MB.") && texts[0].len() < 100_000, "{}", texts[0].len());
    assert_eq!(texts[1], "Many");
    assert!(events.iter().all(|event| event.key.len() < 400 && thread(event).len() < 100));
    // and the answer has the headers that it should have
    rig.mailbox.answer(&thread(&events[5]), "No").await;
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!(sent[0].to, [ANA]);
    let raw = String::from_utf8(sent[0].raw.clone()).unwrap();
    let head = raw.split("\r\n\r\n").next().unwrap();
    assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
}

#[tokio::test]
async fn all_of_it_works_on_postgresql_too() {
    let database = weft_testkit::postgres().await.database().await;
    let rig = Rig::start().await;
    let settings = Settings::postgres(&database.service_url, &database.owner_url, &database.system_url);
    let Rig { simulator, mailbox } = rig;
    let mut mailbox = Mailbox::beside(mailbox, settings, temp_dir()).await;
    mailbox.connect().await.unwrap();
    simulator.deliver(
        ADDRESS,
        raw(ANA, "a1@x", "Subject: A\u{0}B\n", "One\u{0}").replace('\n', "\r\n").into_bytes(),
    );
    let (event, _) = mailbox.message().await;
    mailbox.answer(&thread(&event), "Hello").await;
    simulator.deliver(
        ADDRESS,
        raw(ANA, "a2@x", "In-Reply-To: <a1@x>\n", "Two").replace('\n', "\r\n").into_bytes(),
    );
    while mailbox.received().await.events.is_empty() {}
    mailbox.restart();
    let again = loop {
        let received = mailbox.received().await;
        if let Some(event) = received.events.into_iter().next() {
            break event;
        }
    };
    assert_eq!((again.key.as_str(), thread(&again)), ("mail:a2@x", thread(&event)));
}

#[tokio::test]
async fn the_simulated_customers_can_be_read_and_answered() {
    let mut rig = Rig::connected().await;
    let mut script = Script::default();
    for person in &mut script.people {
        person.lines[3] = Line::Does("out_of_office".to_owned());
        person.lines[4] = Line::Does("answer_without_references".to_owned());
    }
    let script = Arc::new(script);
    let options = SimulationOptions { customers: 2, per_second: 1000.0, messages: Some(10), script };
    rig.simulator.play(options, rig.mailbox.tasks().stop_token()).await.unwrap();
    let mut seen = 0;
    while seen < 10 {
        for event in rig.mailbox.received().await.events {
            seen += 1;
            if !event.sender.as_ref().unwrap().is_bot {
                rig.mailbox.answer(&thread(&event), "Hello").await;
            }
        }
    }
    assert_eq!(rig.simulator.sent().len(), 8);
}
