use serde_json::json;
use weft_channel::{Author, Event, Files, Outbound, Received, author, delivery_report::State};
use weft_channel_email::simulator::{ADDRESS, Says};

use crate::rig::{ANA, Rig, outbound, raw, thread};

async fn begun(settings: serde_json::Value) -> (Rig, String) {
    let mut rig = Rig::connected_with(settings).await;
    rig.arrives(&raw(ANA, "a1@x", "Subject: Order\n", "Hello"));
    let here = thread(&rig.mailbox.message().await.0);
    (rig, here)
}

fn by_bot(thread: &str) -> Outbound {
    let author = Author { kind: author::Kind::Bot.into(), ..Author::default() };
    Outbound { author: Some(author), ..outbound(thread, "We are closed.") }
}

async fn events(rig: &mut Rig) -> Received {
    loop {
        let received = rig.mailbox.received().await;
        if !received.events.is_empty() {
            return received;
        }
    }
}

#[tokio::test]
async fn a_robot_does_not_answer_a_robot_and_a_person_may() {
    let (mut rig, here) = begun(json!({})).await;
    rig.mailbox.send(by_bot(&here), &Files::default()).await.unwrap();
    let sent = rig.simulator.wait_for_sent(1).await;
    let text = String::from_utf8(sent[0].raw.clone()).unwrap();
    assert_eq!(sent[0].from, "", "it never comes back");
    assert!(
        text.contains("Auto-Submitted: auto-replied") && text.contains("X-Auto-Response-Suppress: All"),
        "{text}"
    );

    rig.simulator.customer_says(
        ANA,
        "Ana",
        Says { text: "I am away.".into(), automatic: true, ..Says::default() },
    );
    let received = events(&mut rig).await;
    assert_eq!(thread(&received.events[0]), here);
    assert!(received.events[0].sender.as_ref().unwrap().is_bot);
    let error = rig.mailbox.send(by_bot(&here), &Files::default()).await.unwrap_err();
    assert_eq!(error.code(), "loop");
    rig.mailbox.answer(&here, "A person writes").await;

    // a person on the other side makes it a conversation again
    rig.simulator.customer_says(ANA, "Ana", Says { text: "Back!".into(), ..Says::default() });
    events(&mut rig).await;
    rig.mailbox.send(by_bot(&here), &Files::default()).await.unwrap();
}

#[tokio::test]
async fn nobody_gets_automatic_answers_without_end() {
    let (rig, here) = begun(json!({"automatic_answers": 2})).await;
    let second = by_bot(&here);
    rig.mailbox.send(by_bot(&here), &Files::default()).await.unwrap();
    rig.mailbox.send(second.clone(), &Files::default()).await.unwrap();
    assert_eq!(rig.mailbox.send(by_bot(&here), &Files::default()).await.unwrap_err().code(), "loop");
    // the same message again is not one more
    rig.mailbox.send(second, &Files::default()).await.unwrap();
}

#[tokio::test]
async fn lists_are_not_answered_by_robots() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(
        "news@shop.example",
        "n1@x",
        "List-Unsubscribe: <mailto:u@shop.example>\nPrecedence: bulk\n",
        "Buy!",
    ));
    let (event, _) = rig.mailbox.message().await;
    assert!(event.sender.as_ref().unwrap().is_bot);
    let error = rig.mailbox.send(by_bot(&thread(&event)), &Files::default()).await.unwrap_err();
    assert_eq!(error.code(), "loop");
}

#[tokio::test]
async fn our_own_mail_that_comes_back_is_passed_over() {
    let (mut rig, here) = begun(json!({"sent_folder": ""})).await;
    rig.mailbox.answer(&here, "Hello").await;
    let sent = rig.simulator.wait_for_sent(1).await[0].clone();
    // whole, as from a list; and under another name, as from a robot that forwards
    rig.simulator.deliver(ADDRESS, sent.raw.clone());
    let text = String::from_utf8(sent.raw).unwrap();
    let forwarded = text.replace(&sent.message_id, "robot@x");
    rig.simulator.deliver(ADDRESS, forwarded.into_bytes());
    let to_itself = raw(ADDRESS, "self@x", "Subject: Note to self\n", "Milk");
    rig.simulator.deliver(ADDRESS, to_itself.into_bytes());
    let received = rig.mailbox.received().await;
    assert!(received.events.is_empty(), "{received:?}");
    let kinds: Vec<&str> = received.ignored.iter().map(|ignored| ignored.kind.as_ref()).collect();
    assert_eq!(kinds, ["own_mail", "loop", "own_mail"]);
}

fn report(id: &str, of: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: {ADDRESS}\nMessage-ID: <{id}>\nSubject: Returned\n\
         Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n\
         Final-Recipient: rfc822; {ANA}\nAction: {action}\nStatus: {status}\n--b\nContent-Type: text/rfc822-headers\n\n\
         Message-ID: <{of}>\n--b--\n"
    )
}

#[tokio::test]
async fn a_report_is_about_the_mail_it_names() {
    let (mut rig, here) = begun(json!({"sent_folder": ""})).await;
    let receipt = rig.mailbox.answer(&here, "Hello").await;
    let of = receipt.provider_message_ids[0].clone();
    rig.arrives(&report("d1@mx", &of, "delayed", "4.4.1"));
    rig.arrives(&report("d2@mx", &of, "delivered", "2.0.0"));
    rig.arrives(&report("d3@mx", &of, "failed", "5.2.2"));
    rig.arrives(&report("d4@mx", &of, "failed", "5.1.1"));
    rig.arrives(&report("d5@mx", "not-ours@x", "failed", "5.1.1"));
    let received = events(&mut rig).await;
    assert_eq!(received.ignored.len(), 1, "delayed: {:?}", received.ignored);
    let told: Vec<(String, i32, String)> = received
        .events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Report(report)) => Some((report.id.clone(), report.state, report.reason.clone())),
            _ => None,
        })
        .collect();
    let expected = [
        (State::Delivered, ""),
        (State::Failed, "it came back: the mailbox is full"),
        (State::Failed, "it came back: there is no such address"),
    ]
    .map(|(state, reason)| (of.clone(), i32::from(state), reason.to_owned()));
    assert_eq!(told, expected);
    let gone = received.events.iter().find_map(|event| match &event.event {
        Some(Event::Reachability(change)) => Some((thread(event), change.reachable)),
        _ => None,
    });
    assert_eq!(gone, Some((here.clone(), false)));
    // one about a mail that nobody knows is shown to people
    let last = received.events.last().unwrap();
    assert_eq!(crate::rig::message(last).text, "Sorry.");
    assert!(last.sender.as_ref().unwrap().is_bot && thread(last) != here);
}
