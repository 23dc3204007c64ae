//! Against Dovecot and Postfix.

use std::time::Duration;

use serde_json::{Value, json};
use weft_channel::{Event, Files, SetupError, delivery_report::State};
use weft_runtime::TaskSet;
use weft_store::Settings;
use weft_testkit::{MailServer, temp_dir};

use crate::{
    rig::{Mailbox, message, outbound, thread},
    tap::Tap,
};

const SUPPORT: &str = "support@example.test";
const ANA: &str = "ana@example.test";

async fn mailbox(server: &MailServer, change: Value) -> Mailbox {
    let mut settings = json!({
        "address": SUPPORT,
        "from_name": "Support",
        "imap_host": "localhost",
        "imap_port": server.imaps_port(),
        "smtp_host": "localhost",
        "smtp_port": server.smtps_port(),
        "sent_folder": "Sent",
        "reply_to_mode": "plus",
        "ca_certificate": server.ca(),
        "api_base": "http://localhost",
    });
    settings.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
    let secrets = json!({"password": MailServer::PASSWORD, "reply_key": "reply-key"});
    let folder = temp_dir();
    let database = Settings::sqlite(folder.path());
    let settings = settings.as_object().cloned().unwrap();
    Mailbox::new(settings, secrets, database, folder, TaskSet::new("test")).await
}

fn mail(id: &str, head: &str, text: &str) -> Vec<u8> {
    let mail = format!(
        "From: Ana <{ANA}>\nTo: {SUPPORT}\nMessage-ID: <{id}>\n{head}Date: Thu, 15 Jan 2026 09:30:00 +0000\n\n{text}\n"
    );
    mail.replace('\n', "\r\n").into_bytes()
}

async fn one(mailbox: &mut Mailbox) -> weft_channel::Inbound {
    loop {
        let mut received = mailbox.received().await;
        if !received.events.is_empty() {
            assert_eq!(received.events.len(), 1, "{received:?}");
            return received.events.remove(0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_comes_in_is_answered_and_its_answer_finds_the_thread() {
    let server = MailServer::start().await;
    let mut mailbox = mailbox(&server, json!({})).await;
    server.deliver(SUPPORT, &mail("old@x", "", "Before")).await;
    mailbox.connect().await.unwrap();

    server.deliver(SUPPORT, &mail("a1@x", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n", "Hello")).await;
    let event = one(&mut mailbox).await;
    assert_eq!((message(&event).text.as_str(), event.key.as_str()), ("Hello", "mail:a1@x"));
    let here = thread(&event);

    let receipt = mailbox.answer(&here, "Hello Ana,\n.\nit is on its way. 🎉").await;
    assert!(receipt.warnings.is_empty(), "{receipt:?}");
    let answer = String::from_utf8(server.wait_for_mails("ana", 1).await.remove(0)).unwrap();
    let answer = answer.replace("\r\n", "\n").replace("\n\t", " ").replace("\n ", " ");
    assert!(answer.contains("Message-ID: <") && answer.contains("In-Reply-To: <a1@x>"), "{answer}");
    let reply_to = answer.lines().find_map(|line| line.strip_prefix("Reply-To: ")).unwrap().to_owned();
    assert!(reply_to.contains(&format!("support+{here}.")), "{reply_to}");

    // a program that names nothing, to the address with the token
    let address = reply_to.split(['<', '>']).nth(1).unwrap_or(&reply_to).to_owned();
    server.deliver(&address, &mail("a2@x", &format!("Cc: {address}\n"), "Thank you")).await;
    let event = one(&mut mailbox).await;
    assert_eq!((thread(&event), message(&event).text.as_str()), (here.clone(), "Thank you"));

    // mail stays as it was: unread
    let there = server.mails("support");
    assert_eq!(there.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_mail_is_told_while_one_waits() {
    let server = MailServer::start().await;
    let tap = Tap::before(server.imap_port()).await;
    let mut mailbox = mailbox(&server, json!({"imap_port": tap.port, "imap_tls": "none"})).await;
    mailbox.connect().await.unwrap();
    let late = async {
        tap.idles(1).await;
        server.deliver(SUPPORT, &mail("a1@x", "", "Hello")).await;
    };
    let start = std::time::Instant::now();
    let (event, ()) = tokio::join!(one(&mut mailbox), late);
    assert_eq!(event.key, "mail:a1@x");
    assert!(start.elapsed() < Duration::from_secs(15), "IDLE: {:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_uidvalidity_a_restart_and_a_broken_connection_lose_and_repeat_nothing() {
    let mut server = MailServer::start().await;
    let mut mailbox = mailbox(&server, json!({"sent_folder": ""})).await;
    server.deliver(SUPPORT, &mail("old@x", "", "Before")).await;
    mailbox.connect().await.unwrap();
    server.deliver(SUPPORT, &mail("a1@x", "", "One")).await;
    assert_eq!(one(&mut mailbox).await.key, "mail:a1@x");
    server.deliver(SUPPORT, &mail("a2@x", "", "Two")).await;
    // read, and then the process ends before the bus has it
    let lost = mailbox.try_poll().await.unwrap();
    assert_eq!(lost.received.events[0].key, "mail:a2@x");
    mailbox.restart();
    let received = mailbox.received().await;
    let keys: Vec<&str> = received.events.iter().map(|event| event.key.as_str()).collect();
    assert!(keys == ["mail:a2@x"] || keys == ["mail:a1@x", "mail:a2@x"], "{keys:?}");

    server.renumber("support").await;
    server.deliver(SUPPORT, &mail("a3@x", "In-Reply-To: <a1@x>\n", "Three")).await;
    let mut keys: Vec<String> = Vec::new();
    while !keys.iter().any(|key| key == "mail:a3@x") {
        match mailbox.poll().await {
            Ok(received) => keys.extend(received.events.into_iter().map(|event| event.key)),
            Err(error) => assert_eq!(error.code(), "unreachable", "{error}"),
        }
    }
    assert!(
        keys.iter().all(|key| ["mail:old@x", "mail:a1@x", "mail:a2@x", "mail:a3@x"].contains(&key.as_str())),
        "{keys:?}"
    );

    server.stop_imap().await;
    assert_eq!(mailbox.poll().await.unwrap_err().code(), "unreachable");
    server.start_imap().await;
    server.deliver(SUPPORT, &mail("a4@x", "", "Four")).await;
    assert_eq!(one(&mut mailbox).await.key, "mail:a4@x");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postfix_says_and_sends_back_is_understood() {
    let server = MailServer::start().await;
    let starttls = json!({
        "imap_port": server.imap_port(), "imap_tls": "starttls", "smtp_port": server.smtp_port(), "smtp_tls": "starttls",
    });
    let mut mailbox = mailbox(&server, starttls).await;
    mailbox.connect().await.unwrap();
    let files = Files::default();
    let error = mailbox.send(outbound("no-body@example.test", "Hello"), &files).await.unwrap_err();
    assert_eq!(error.code(), "recipient_gone", "{error}");

    // taken first, and sent back then
    let receipt = mailbox.send(outbound("somebody@bounces.test", "Hello"), &files).await.unwrap();
    let here = receipt.moved_to.clone().unwrap();
    let report = loop {
        let received = mailbox.received().await;
        if let Some(event) =
            received.events.iter().find(|event| matches!(event.event, Some(Event::Report(_))))
        {
            break event.clone();
        }
        assert!(received.events.is_empty(), "{received:?}");
    };
    assert_eq!(thread(&report), here);
    let Some(Event::Report(report)) = report.event else { unreachable!() };
    assert_eq!(
        (report.id.as_str(), report.state()),
        (receipt.provider_message_ids[0].as_str(), State::Failed)
    );
    assert_eq!(
        (report.code.as_str(), report.reason.as_str()),
        ("5.1.1", "it came back: there is no such address")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_cannot_be_trusted_are_not() {
    let server = MailServer::start().await;
    let why = async |change: Value| match mailbox(&server, change).await.connect().await {
        Err(SetupError::Settings { field, why }) => (field, why),
        other => panic!("{other:?}"),
    };
    let (field, said) = why(json!({"ca_certificate": ""})).await;
    assert!(field == "settings.imap_host" && said.contains("certificate is not trusted"), "{field}: {said}");
    let (field, _) = why(json!({"imap_port": server.imap_port()})).await;
    assert_eq!(field, "settings.imap_tls");
    let (field, said) = why(json!({"inbox": "Nowhere"})).await;
    assert!(field == "settings.inbox" && said.contains("Nowhere"), "{field}: {said}");
    let mut wrong = mailbox(&server, json!({})).await;
    wrong.set_secret("password", "wrong");
    let Err(SetupError::Settings { field, .. }) = wrong.connect().await else { panic!("let in") };
    assert_eq!(field, "secrets.password");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_mail_and_its_files_pass_through_real_servers() {
    let server = MailServer::start().await;
    let mut mailbox = mailbox(&server, json!({})).await;
    mailbox.connect().await.unwrap();
    let line = format!("{}\n", "A".repeat(76));
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n";
    let body = |lines: usize| {
        format!(
            "--m\n\nSee the file\n--m\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n{}--m--",
            line.repeat(lines)
        )
    };
    server.deliver(SUPPORT, &mail("mid@x", head, &body(130_000))).await;
    server.deliver(SUPPORT, &mail("big@x", head, &body(650_000))).await;
    let mut events = Vec::new();
    while events.len() < 2 {
        events.extend(mailbox.received().await.events);
    }
    let (first, second) = (message(&events[0]), message(&events[1]));
    assert_eq!((first.text.as_str(), first.media.len()), ("See the file", 1));
    assert_eq!(mailbox.fetch(&first.media[0]).await.unwrap().len(), 130_000 * 57);
    assert!(second.text.contains("See the file") && second.text.contains("50 MB"), "{}", second.text);
}
