use std::time::Duration;

use serde_json::json;
use weft_channel::{Attachment, File, Files, Outbound, Retry};
use weft_channel_email::simulator::Fault;

use crate::rig::{ANA, Rig, outbound, raw, thread};

async fn begun() -> (Rig, String) {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw("Ana <ana@people.example>", "a1@x", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n", "Hello"));
    let here = thread(&rig.mailbox.message().await.0);
    (rig, here)
}

#[tokio::test]
async fn an_answer_is_a_whole_mail() {
    let (mut rig, here) = begun().await;
    rig.mailbox.set("signature", "Kind regards,\nSupport");
    let attachment = |id: &str, name: &str, mime: &str| Attachment {
        id: id.to_owned(),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: 4,
        ..Attachment::default()
    };
    let file = |name: &str, mime: &str| File {
        name: name.into(),
        mime: mime.into(),
        bytes: "data".into(),
        link: None,
    };
    let message = Outbound {
        attachments: vec![
            attachment("f1", "Rechnung Ü.pdf", "application/pdf"),
            attachment("f2", "b\r\nBcc: x@y.z", "a b/c\r\nX: y"),
        ],
        ..outbound(&here, "Hi Ana,\n\n1 < 2 & “quoted”\n.\n..dots")
    };
    let files: Files = [
        ("f1".to_owned(), file("Rechnung Ü.pdf", "application/pdf")),
        ("f2".to_owned(), file("b\r\nBcc: x@y.z", "a b/c\r\nX: y")),
    ]
    .into_iter()
    .collect();
    let receipt = rig.mailbox.send(message.clone(), &files).await.unwrap();
    assert!(receipt.warnings.is_empty(), "{receipt:?}");
    let sent = &rig.simulator.wait_for_sent(1).await[0];
    assert_eq!(sent.subject, "Re: Grüße");
    assert_eq!(sent.text, "Hi Ana,\n\n1 < 2 & “quoted”\n.\n..dots\n\n-- \nKind regards,\nSupport");
    assert_eq!(
        (sent.to.as_slice(), sent.from.as_str()),
        (&[ANA.to_owned()][..], "support@simulated.example")
    );
    assert_eq!(sent.message_id, format!("{}@simulated.example", message.message_id));
    assert_eq!(sent.references, ["a1@x"]);
    let raw = String::from_utf8(sent.raw.clone()).expect("a mail in ASCII");
    assert!(raw.is_ascii());
    assert!(
        raw.contains("1 &lt; 2 &amp;")
            && raw.contains("multipart/alternative")
            && raw.contains("application/pdf"),
        "{raw}"
    );
    let folded = raw.to_lowercase();
    assert!(!folded.lines().any(|line| line.starts_with("bcc") || line.starts_with("x:")), "{raw}");
    assert!(!folded.contains("auto-submitted") && folded.contains("x-weft-loop: chan_"));
    assert!(raw.lines().all(|line| line.len() <= 998));
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let (rig, here) = begun().await;
    let table = [
        (Fault::Busy, "throttled", Retry::After(Duration::from_secs(120))),
        (Fault::Unknown, "recipient_gone", Retry::Never),
        (Fault::Spam, "554 5.7.1", Retry::Never),
        (Fault::SignIn, "account_invalid", Retry::Never),
        (Fault::DropAfterData, "unclear", Retry::AskPerson),
    ];
    for (fault, code, retry) in table {
        rig.simulator.fail_next(fault);
        let error = rig.mailbox.send(outbound(&here, "Hello"), &Files::default()).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code, retry), "{fault:?}: {error}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(ANA) && !said.contains("simulated-mail-password"), "{said}");
    }
}

#[tokio::test]
async fn an_attempt_that_is_repeated_makes_the_same_mail() {
    let (mut rig, here) = begun().await;
    let message = outbound(&here, "Hello");
    rig.simulator.fail_next(Fault::DropAfterData);
    rig.mailbox.send(message.clone(), &Files::default()).await.unwrap_err();
    rig.mailbox.restart();
    rig.mailbox.send(message.clone(), &Files::default()).await.unwrap();
    let sent = rig.simulator.wait_for_sent(2).await;
    assert_eq!(sent[0].message_id, sent[1].message_id);
    assert_eq!(sent[0].references, sent[1].references);
    // the answer after it names it
    rig.mailbox.answer(&here, "And more").await;
    let sent = rig.simulator.wait_for_sent(3).await;
    assert_eq!(sent[2].references, ["a1@x".to_owned(), sent[1].message_id.clone()]);
}

#[tokio::test]
async fn what_cannot_be_sent_is_said() {
    let (mut rig, here) = begun().await;
    let files = Files::default();
    let error = rig.mailbox.send(outbound("t0000", "Hello"), &files).await.unwrap_err();
    assert_eq!(error.code(), "message_invalid");
    let error = rig.mailbox.send(outbound("a b@c d", "Hello"), &files).await.unwrap_err();
    assert_eq!(error.code(), "message_invalid");
    rig.mailbox.set_secret("password", "wrong");
    let error = rig.mailbox.send(outbound(&here, "Hello"), &files).await.unwrap_err();
    assert_eq!(error.code(), "account_invalid");
    rig.mailbox.set("smtp_port", 1);
    let error = rig.mailbox.send(outbound(&here, "Hello"), &files).await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("unreachable", Retry::Backoff));
}

#[tokio::test]
async fn a_conversation_may_begin_with_us() {
    let mut rig =
        Rig::connected_with(json!({"subject": "Your appointment", "reply_to_mode": "headers-only"})).await;
    let message = outbound(ANA, "See you tomorrow.");
    let receipt = rig.mailbox.send(message.clone(), &Files::default()).await.unwrap();
    let here = receipt.moved_to.clone().unwrap();
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!(
        (sent[0].subject.as_str(), sent[0].to.as_slice()),
        ("Your appointment", &[ANA.to_owned()][..])
    );
    assert_eq!((sent[0].reply_to.clone(), sent[0].references.len()), (None, 0));
    let again = rig.mailbox.send(message, &Files::default()).await.unwrap();
    assert_eq!(
        (again.moved_to, again.provider_message_ids),
        (Some(here.clone()), receipt.provider_message_ids)
    );
    let says = weft_channel_email::simulator::Says { text: "Fine".into(), ..Default::default() };
    rig.simulator.customer_says(ANA, "Ana", says);
    let received = loop {
        let received = rig.mailbox.received().await;
        if !received.events.is_empty() {
            break received;
        }
    };
    assert_eq!(thread(&received.events[0]), here);
}

#[tokio::test]
async fn one_in_copy_who_does_not_exist_keeps_nobody_from_getting_it() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "Cc: no-one@people.example, bo@elsewhere.example\n", "Hello"));
    let here = thread(&rig.mailbox.message().await.0);
    let receipt = rig.mailbox.answer(&here, "Hello all").await;
    assert_eq!(receipt.warnings.len(), 1, "{receipt:?}");
    assert_eq!(rig.simulator.wait_for_sent(1).await[0].to, [ANA, "bo@elsewhere.example"]);
}
