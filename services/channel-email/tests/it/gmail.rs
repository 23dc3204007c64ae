//! The Gmail API in place of IMAP and SMTP.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use weft_channel::{
    Attachment, Event, File, Files, Intake, Outbound, Retry, SetupError, delivery_report::State, read_account,
};
use weft_channel_email::{
    Account,
    simulator::{ADDRESS, Fault, Says},
};

use crate::rig::{ANA, BO, Rig, outbound, raw, thread};

async fn gmail() -> Rig {
    Rig::connected_with(json!({"mode": "gmail"})).await
}

async fn keys(rig: &mut Rig) -> Vec<String> {
    rig.mailbox.received().await.events.into_iter().map(|event| event.key).collect()
}

#[test]
fn what_the_mode_needs_is_asked_for_by_name() {
    let read = |change: Value, secrets: Value| {
        let mut settings = json!({"mode": "gmail", "address": "a@example.com", "client_id": "c"});
        settings.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
        let read = read_account::<Account>(settings.as_object().unwrap(), secrets.as_object().unwrap());
        read.err().and_then(|error| error.field().map(str::to_owned))
    };
    let token = json!({"refresh_token": "r"});
    let table = [
        (json!({}), token.clone(), None),
        (json!({}), json!({"password": "p"}), Some("secrets.refresh_token")),
        (json!({"client_id": ""}), token.clone(), Some("settings.client_id")),
        (json!({"api_base": "ftp://x"}), token.clone(), Some("settings.api_base")),
        (json!({"pubsub_topic": "gmail"}), token.clone(), Some("settings.pubsub_topic")),
        (
            json!({"pubsub_topic": "projects/p/topics/gmail"}),
            token.clone(),
            Some("settings.pubsub_service_account"),
        ),
        (json!({"mode": "imap"}), token.clone(), Some("settings.imap_host")),
        (json!({"mode": "imap", "imap_host": "imap.example.com"}), token.clone(), Some("settings.smtp_host")),
        (json!({"mode": "pop3"}), token, Some("settings.mode")),
    ];
    for (change, secrets, field) in table {
        assert_eq!(read(change.clone(), secrets).as_deref(), field, "{change}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field() {
    let field = |error: SetupError| match error {
        SetupError::Settings { field, .. } => field,
        other => format!("{other:?}"),
    };
    let rig = Rig::start_with(json!({"mode": "gmail"})).await;
    let connected = rig.mailbox.connect().await.unwrap();
    assert_eq!((connected.intake, connected.username.as_deref()), (Intake::Poll, Some(ADDRESS)));

    let topic = json!({
        "mode": "gmail", "pubsub_topic": "projects/p/topics/not-allowed", "pubsub_service_account": "p@example.com",
    });
    let settings = [
        (json!({"mode": "gmail", "client_id": "another"}), "settings.client_id"),
        (json!({"mode": "gmail", "address": "sales@simulated.example"}), "settings.address"),
        (json!({"mode": "gmail", "inbox": "Inbox"}), "settings.inbox"),
        (topic, "settings.pubsub_topic"),
    ];
    for (settings, expected) in settings {
        let rig = Rig::start_with(settings.clone()).await;
        assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), expected, "{settings}");
    }
    let mut rig = Rig::start_with(json!({"mode": "gmail"})).await;
    rig.mailbox.set_secret("refresh_token", "withdrawn-refresh-token");
    assert_eq!(field(rig.mailbox.connect().await.unwrap_err()), "secrets.refresh_token");
}

#[tokio::test]
async fn mail_comes_in_by_the_history_and_is_answered_in_its_thread() {
    let mut rig = Rig::start_with(json!({"mode": "gmail"})).await;
    rig.arrives(&raw(ANA, "old@x", "", "Before"));
    rig.mailbox.connect().await.unwrap();
    rig.arrives(&raw(ANA, "a1@x", "Subject: Order\n", "Where?"));
    let (event, message) = rig.mailbox.message().await;
    assert_eq!((event.key.as_str(), message.text.as_str()), ("mail:a1@x", "Where?"));
    let here = thread(&event);
    let receipt = rig.mailbox.answer(&here, "On its way.").await;
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!((sent[0].to.as_slice(), sent[0].subject.as_str()), (&[ANA.to_owned()][..], "Re: Order"));
    assert_eq!(receipt.provider_message_ids, [sent[0].message_id.clone()]);
    assert_eq!(
        rig.simulator.gmail_threads(),
        [("old@x".into(), 1), ("a1@x".into(), 2), (sent[0].message_id.clone(), 2)]
    );

    // our own in the folder of sent mail is passed over, and what a colleague sends is seen
    let own = format!("From: {ADDRESS}\nTo: {ANA}\nMessage-ID: <phone@x>\nIn-Reply-To: <a1@x>\n\nTomorrow\n");
    rig.simulator.deliver_into(ADDRESS, "Sent", own.into_bytes());
    let received = rig.mailbox.received().await;
    assert_eq!(received.ignored[0].kind, "own_mail");
    let message = crate::rig::message(&received.events[0]);
    assert_eq!((thread(&received.events[0]), message.from_us), (here, true));
}

#[tokio::test]
async fn the_position_moves_only_after_the_events_are_on_the_bus() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    rig.arrives(&raw(ANA, "a2@x", "", "Two"));
    for _ in 0..3 {
        let polled = rig.mailbox.try_poll().await.unwrap();
        assert_eq!(polled.received.events.len(), 2);
        rig.mailbox.restart();
    }
    assert_eq!(keys(&mut rig).await, ["mail:a1@x", "mail:a2@x"]);
    rig.arrives(&raw(ANA, "a3@x", "", "Three"));
    assert_eq!(keys(&mut rig).await, ["mail:a3@x"]);
    rig.mailbox.restart();
    assert_eq!(keys(&mut rig).await, ["mail:a3@x"], "the last one only");
}

#[tokio::test]
async fn many_mails_come_page_by_page_and_none_is_left_out() {
    for forgets in [false, true] {
        let mut rig = gmail().await;
        let start = Utc::now();
        for number in 0..70 {
            // three in each second
            rig.simulator.stop_clock(start + TimeDelta::milliseconds(number * 333));
            rig.arrives(&raw(ANA, &format!("a{number}@x"), "", "Hello"));
        }
        if forgets {
            rig.simulator.forget_history();
        }
        let mut seen: Vec<String> = Vec::new();
        while seen.last().is_none_or(|last| last != "mail:a69@x") {
            let brought = keys(&mut rig).await;
            assert!(brought.len() < 40, "{}", brought.len());
            seen.extend(brought);
        }
        let expected: Vec<String> = (0..70).map(|number| format!("mail:a{number}@x")).collect();
        assert_eq!(seen, expected, "{forgets}");
        // and from then on by the history
        rig.arrives(&raw(ANA, "last@x", "", "Last"));
        assert_eq!(keys(&mut rig).await, ["mail:last@x"]);
    }
}

#[tokio::test]
async fn a_history_that_was_forgotten_loses_nothing_and_brings_what_was_known_under_its_old_names() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let (first, _) = rig.mailbox.message().await;
    rig.arrives(&raw(ANA, "a2@x", "In-Reply-To: <a1@x>\n", "Two"));
    rig.simulator.forget_history();
    let received = rig.mailbox.received().await;
    let seen: Vec<&str> = received.events.iter().map(|event| event.key.as_str()).collect();
    assert_eq!(seen, ["mail:a1@x", "mail:a2@x"], "the core knows the first by its name");
    assert!(received.events.iter().all(|event| thread(event) == thread(&first)));
    rig.arrives(&raw(ANA, "a3@x", "", "Three"));
    assert_eq!(keys(&mut rig).await, ["mail:a3@x"]);
}

#[tokio::test]
async fn old_mail_stays_out_unless_it_is_wanted() {
    for (days, expected) in [(0, vec!["mail:new@x"]), (3, vec!["mail:old@x", "mail:new@x"])] {
        let mut rig = Rig::start_with(json!({"mode": "gmail", "import_days": days})).await;
        rig.simulator.stop_clock(Utc::now() - TimeDelta::days(10));
        rig.arrives(&raw(ANA, "ancient@x", "", "Ancient"));
        rig.simulator.stop_clock(Utc::now() - TimeDelta::hours(1));
        rig.arrives(&raw(ANA, "old@x", "", "Old"));
        rig.mailbox.connect().await.unwrap();
        rig.simulator.stop_clock(Utc::now());
        rig.arrives(&raw(ANA, "new@x", "", "New"));
        assert_eq!(keys(&mut rig).await, expected);
    }
}

#[tokio::test]
async fn a_mailbox_may_change_its_mode_without_losing_mail() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    rig.mailbox.message().await;
    rig.arrives(&raw(ANA, "a2@x", "In-Reply-To: <a1@x>\n", "Two"));
    rig.go_gmail();
    rig.mailbox.connect().await.unwrap();
    assert_eq!(keys(&mut rig).await, ["mail:a1@x", "mail:a2@x"]);
    rig.arrives(&raw(ANA, "a3@x", "", "Three"));
    assert_eq!(keys(&mut rig).await, ["mail:a3@x"]);
}

#[tokio::test]
async fn mail_that_somebody_takes_out_of_the_spam_is_read() {
    let mut rig = gmail().await;
    rig.simulator.deliver_into(ADDRESS, "Junk", raw(ANA, "a1@x", "", "No spam").into_bytes());
    assert!(rig.mailbox.poll().await.unwrap().events.is_empty());
    rig.simulator.rescue();
    assert_eq!(keys(&mut rig).await, ["mail:a1@x"]);
}

#[tokio::test]
async fn files_are_fetched_from_the_mailbox() {
    let mut rig = gmail().await;
    let says = Says {
        subject: Some("Bill".into()),
        text: "See".into(),
        file: Some("bill.pdf".into()),
        ..Says::default()
    };
    rig.simulator.customer_says(ANA, "Ana", says);
    let (_, message) = rig.mailbox.message().await;
    rig.mailbox.restart();
    assert_eq!(rig.mailbox.fetch(&message.media[0]).await.unwrap(), b"%PDF-1.4 simulated");
    let mut gone = message.media[0].clone();
    gone.reference = json!({"g": "18d0000000ffffff", "p": {"file": 0}}).to_string();
    assert_eq!(rig.mailbox.fetch(&gone).await.unwrap_err().code(), "mail_gone");
}

#[tokio::test]
async fn of_a_mail_that_is_too_large_the_beginning_is_read() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "huge@x", "Subject: Huge\n", &"x & y ".repeat(7_000_000)));
    rig.arrives(&raw(ANA, "a2@x", "", "Behind it"));
    let received = rig.mailbox.received().await;
    let texts: Vec<String> = received.events.iter().map(|event| crate::rig::message(event).text).collect();
    assert!(
        texts[0].starts_with("x & y x & y") && texts[0].contains("[This mail has 42 MB."),
        "{}",
        texts[0]
    );
    assert_eq!((received.events[0].key.as_str(), texts[1].as_str()), ("mail:huge@x", "Behind it"));
}

#[tokio::test]
async fn an_access_token_that_is_not_taken_is_made_anew_once() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    rig.simulator.fail_next(Fault::SignIn);
    let (event, _) = rig.mailbox.message().await;
    rig.simulator.fail_next(Fault::SignIn);
    rig.mailbox.answer(&thread(&event), "Hello").await;
    rig.simulator.fail_next(Fault::SignIn);
    rig.simulator.fail_next(Fault::SignIn);
    let error = rig.mailbox.send(outbound(&thread(&event), "Hello"), &Files::default()).await.unwrap_err();
    assert_eq!(error.code(), "account_invalid");
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let here = thread(&rig.mailbox.message().await.0);
    let table = [
        (Fault::Busy, "throttled", Retry::After(Duration::from_secs(120))),
        (Fault::Limited, "throttled", Retry::Backoff),
        (Fault::Broken, "unreachable", Retry::Backoff),
        (Fault::DropBeforeData, "unclear", Retry::AskPerson),
    ];
    for (fault, code, retry) in table {
        rig.simulator.fail_next(fault);
        let error = rig.mailbox.send(outbound(&here, "Hello"), &Files::default()).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code, retry), "{fault:?}: {error}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(ANA) && !said.contains("simulated-"), "{said}");
    }
    assert!(rig.simulator.sent().is_empty());
}

#[tokio::test]
async fn a_doubt_is_resolved_by_looking_for_our_id_among_what_was_sent() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let here = thread(&rig.mailbox.message().await.0);
    rig.simulator.fail_next(Fault::DropAfterData);
    let receipt = rig.mailbox.answer(&here, "Hello").await;
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!(receipt.provider_message_ids, [sent[0].message_id.clone()]);

    // and before a second attempt, whose first may have arrived after all
    let message = outbound(&here, "And more");
    rig.mailbox.send(message.clone(), &Files::default()).await.unwrap();
    let again = Outbound { attempt: 2, ..message };
    rig.mailbox.send(again, &Files::default()).await.unwrap();
    assert_eq!(rig.simulator.sent().len(), 2);
}

#[tokio::test]
async fn hidden_copies_reach_gmail_and_nobody_sees_them() {
    let mut rig =
        Rig::connected_with(json!({"mode": "gmail", "bcc": ["archive@simulated.example", "b@x.example"]}))
            .await;
    rig.arrives(&raw(ANA, "a1@x", &format!("Cc: Bo <{BO}>\n"), "One"));
    let here = thread(&rig.mailbox.message().await.0);
    rig.mailbox.answer(&here, "To all").await;
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!(sent[0].to, [ANA, BO, "archive@simulated.example", "b@x.example"]);
    let text = String::from_utf8(sent[0].raw.clone()).unwrap();
    assert!(text.contains(BO) && !text.contains("archive@") && !text.contains("b@x"), "{text}");
}

#[tokio::test]
async fn a_thread_that_somebody_deleted_does_not_hold_the_answer_back() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let here = thread(&rig.mailbox.message().await.0);
    rig.simulator.empty_mailbox();
    rig.mailbox.answer(&here, "Hello").await;
    assert_eq!(rig.simulator.sent().len(), 1);
}

#[tokio::test]
async fn nobody_there_makes_the_message_fail_by_the_mail_that_comes_back() {
    let mut rig = gmail().await;
    let message = outbound("no-one@people.example", "Hello");
    let receipt = rig.mailbox.send(message, &Files::default()).await.unwrap();
    let report = loop {
        let received = rig.mailbox.received().await;
        if let Some(Event::Report(report)) = received.events.into_iter().find_map(|event| event.event) {
            break report;
        }
    };
    assert_eq!(
        (report.id.as_str(), report.state()),
        (receipt.provider_message_ids[0].as_str(), State::Failed)
    );
}

#[tokio::test]
async fn a_large_file_is_uploaded() {
    let mut rig = gmail().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let here = thread(&rig.mailbox.message().await.0);
    let file = File {
        name: "a.bin".into(),
        mime: "application/octet-stream".into(),
        bytes: vec![7; 9_000_000].into(),
        link: None,
    };
    let attachment = Attachment {
        id: "f1".into(),
        name: "a.bin".into(),
        mime: file.mime.clone(),
        ..Attachment::default()
    };
    let message = Outbound { attachments: vec![attachment], ..outbound(&here, "Here") };
    rig.mailbox.send(message, &Files::from_iter([("f1".to_owned(), file)])).await.unwrap();
    let sent = rig.simulator.wait_for_sent(1).await;
    assert!(sent[0].raw.len() > 12_000_000 && sent[0].text.starts_with("Here"), "{}", sent[0].text);
    let threads = rig.simulator.gmail_threads();
    assert_eq!(threads[0].1, threads[1].1, "in its thread");
}
