use serde_json::json;
use weft_channel_email::simulator::{ADDRESS, Says};

use crate::rig::{ANA, BO, Rig, raw, thread};

#[tokio::test]
async fn a_subject_alone_never_makes_a_thread() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "Subject: Invoice\n", "One"));
    let (first, _) = rig.mailbox.message().await;
    rig.arrives(&raw(ANA, "a2@x", "Subject: Re: Invoice\n", "Two"));
    rig.arrives(&raw(BO, "b1@x", "Subject: Invoice\n", "Three"));
    let received = rig.mailbox.received().await;
    let threads: Vec<String> = received.events.iter().map(thread).collect();
    assert_eq!(threads.len(), 2);
    assert!(threads[0] != threads[1] && !threads.contains(&thread(&first)), "{threads:?}");
    let title = first.thread.unwrap().title;
    assert_eq!(title, "Invoice");
}

#[tokio::test]
async fn every_id_that_was_seen_leads_to_its_thread() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "Subject: Invoice\n", "One"));
    let (first, _) = rig.mailbox.message().await;
    let here = thread(&first);
    let heads = [
        // a mail in between that never came here
        ("a3@x", "References: <a1@x> <lost@x>\nIn-Reply-To: <lost@x>\n"),
        ("a4@x", "In-Reply-To: <lost@x>\n"),
        // some leave out the one, some the other
        ("a5@x", "In-Reply-To: <a4@x>\n"),
        ("a6@x", "References: <who@x> <a5@x> <knows@x>\n"),
        // and some write the same id by another rule
        ("a7@x", "In-Reply-To: Message of today <a6@x> (thanks)\n"),
    ];
    for (id, head) in heads {
        rig.arrives(&raw(BO, id, head, "More"));
        let (event, message) = rig.mailbox.message().await;
        assert_eq!(thread(&event), here, "{head}");
        assert_eq!(message.id, id);
    }
    // it was named before it came
    rig.arrives(&raw(ANA, "knows@x", "Subject: Late\n", "Late"));
    let (event, message) = rig.mailbox.message().await;
    assert_eq!(thread(&event), here);
    assert_eq!(message.text, "Subject: Late\n\nLate");
    // ids are compared to the letter
    rig.arrives(&raw(ANA, "a8@x", "In-Reply-To: <A1@X>\n", "Other"));
    assert_ne!(thread(&rig.mailbox.message().await.0), here);
}

#[tokio::test]
async fn a_reply_goes_back_into_its_thread_even_when_its_program_names_nothing() {
    let mut rig = Rig::connected().await;
    rig.simulator.customer_says(
        ANA,
        "Ana",
        Says { subject: Some("Order".into()), text: "Where?".into(), ..Says::default() },
    );
    let (event, message) = rig.mailbox.message().await;
    let here = thread(&event);
    let sender = event.sender.unwrap();
    assert_eq!((sender.id.as_str(), sender.name.as_str(), sender.email.as_deref()), (ANA, "Ana", Some(ANA)));
    assert_eq!((message.text.as_str(), message.reply_to), ("Where?", None));

    let receipt = rig.mailbox.answer(&here, "On its way.").await;
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!(sent[0].to, [ANA]);
    assert_eq!(sent[0].subject, "Re: Order");
    assert_eq!(receipt.provider_message_ids, [sent[0].message_id.clone()]);
    let address = sent[0].reply_to.clone().unwrap();
    assert!(address.starts_with(&format!("support+{here}.")), "{address}");

    for without_references in [false, true] {
        let says = Says { text: "Thanks".into(), quotes: true, without_references, ..Says::default() };
        rig.simulator.customer_says(ANA, "Ana", says);
        // our own mail in the folder of sent mail is passed over on the way
        let received = loop {
            let received = rig.mailbox.received().await;
            if !received.events.is_empty() {
                break received;
            }
        };
        let event = &received.events[0];
        assert_eq!(thread(event), here, "{without_references}");
        let message = crate::rig::message(event);
        assert_eq!(message.text, "Thanks", "what is quoted is folded");
        assert_eq!(message.reply_to.is_some(), !without_references);
        assert_eq!(message.media.last().unwrap().name, "message.txt");
        let whole =
            String::from_utf8(rig.mailbox.fetch(message.media.last().unwrap()).await.unwrap()).unwrap();
        assert!(whole.contains("> On its way."), "{whole}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_ours_says_nothing() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "", "One"));
    let here = thread(&rig.mailbox.message().await.0);
    let forged = ["aaaaaaaaaaaaaaaa", "", "short"];
    for (index, token) in forged.iter().enumerate() {
        let head = format!("Delivered-To: support+{here}.{token}@simulated.example\n");
        rig.arrives(&raw(BO, &format!("b{index}@x"), &head, "Let me in"));
        assert_ne!(thread(&rig.mailbox.message().await.0), here, "{token}");
    }
    // a genuine one, in capitals, in any of the places where servers note it
    rig.mailbox.answer(&here, "Hello").await;
    let address = rig.simulator.wait_for_sent(1).await[0].reply_to.clone().unwrap().to_uppercase();
    for (index, header) in ["Cc", "Delivered-To", "X-Original-To", "Envelope-To"].iter().enumerate() {
        rig.arrives(&raw(BO, &format!("c{index}@x"), &format!("{header}: {address}\n"), "Me again"));
        let received = loop {
            let received = rig.mailbox.received().await;
            if !received.events.is_empty() {
                break received;
            }
        };
        assert_eq!(thread(&received.events[0]), here, "{header}");
    }
}

#[tokio::test]
async fn the_same_mail_twice_is_one_and_another_with_its_id_is_another() {
    let mut rig = Rig::connected().await;
    rig.arrives(&raw(ANA, "a1@x", "Subject: One\n", "One"));
    rig.arrives(&format!("Received: by list\n{}", raw(ANA, "a1@x", "Subject: One\n", "One")));
    rig.arrives(&raw(ANA, "a1@x", "Subject: One\n", "Something else"));
    rig.arrives("From: ana@people.example\n\nno id at all\n");
    rig.arrives("From: ana@people.example\n\nno id at all\n");
    let received = rig.mailbox.received().await;
    let keys: Vec<&str> = received.events.iter().map(|event| event.key.as_str()).collect();
    assert_eq!(keys.len(), 5);
    assert_eq!(keys[0], "mail:a1@x");
    assert_eq!(keys[0], keys[1]);
    assert!(keys[2].starts_with("mail:a1@x#"), "{keys:?}");
    assert_eq!(keys[3], keys[4]);
    let again = Rig::connected().await;
    assert_eq!(again.mailbox.account.address, ADDRESS);
}

#[tokio::test]
async fn those_in_copy_get_the_answer_and_whoever_wrote_last_is_answered() {
    let mut rig = Rig::connected_with(json!({"bcc": ["archive@simulated.example"]})).await;
    let head = format!("Cc: Bo <{BO}>, Support <{ADDRESS}>, x@third.example\nSubject: All\n");
    rig.arrives(&raw("Ana <ana@people.example>", "a1@x", &head, "One"));
    let here = thread(&rig.mailbox.message().await.0);
    rig.mailbox.answer(&here, "To all").await;
    let sent = rig.simulator.wait_for_sent(1).await;
    assert_eq!(sent[0].to, [ANA, BO, "x@third.example", "archive@simulated.example"]);
    let text = String::from_utf8(sent[0].raw.clone()).unwrap();
    assert!(text.contains(BO) && !text.contains("archive@"), "{text}");

    rig.arrives(&raw(
        BO,
        "b1@x",
        &format!("In-Reply-To: <a1@x>\nCc: {ANA}\nReply-To: Bo's desk <desk@elsewhere.example>\n"),
        "Me",
    ));
    while rig.mailbox.received().await.events.is_empty() {}
    rig.mailbox.set("answer_everybody", false);
    rig.mailbox.answer(&here, "To you").await;
    let sent = rig.simulator.wait_for_sent(2).await;
    assert_eq!(sent[1].to, ["desk@elsewhere.example", "archive@simulated.example"]);
    assert_eq!(sent[1].references.first().map(String::as_str), Some("a1@x"));
}
