use proptest::prelude::*;

use super::*;

fn mail(raw: &str) -> Mail {
    parse(raw.replace('\n', "\r\n").as_bytes(), None)
}

#[test]
fn the_head_of_a_mail_is_read() {
    let read = mail(
        "From: =?utf-8?Q?J=C3=BCrgen?= <Juergen@Example.com>\nTo: Support <support@example.com>, b@example.com\nCc: c@example.com\n\
         Reply-To: other@example.com\nSubject: =?UTF-8?B?R3LDvMOf?=\n =?UTF-8?B?ZQ==?=\nMessage-ID: <a@x>\nIn-Reply-To: (see) <b@x>\n\
         References: <r1@x>\n <r2@x>\nDelivered-To: support+t1.abc@example.com\nDate: Thu, 15 Jan 2026 09:30:00 +0100\n\nHello\n",
    );
    let from = read.from.clone().unwrap();
    assert_eq!((from.name.as_str(), from.address.as_str()), ("Jürgen", "Juergen@Example.com"));
    assert_eq!(read.answer_to().unwrap().address, "other@example.com");
    assert_eq!(read.subject, "Grüße");
    assert_eq!(
        (read.message_id.as_deref(), read.in_reply_to.as_slice()),
        (Some("a@x"), &["b@x".to_owned()][..])
    );
    assert_eq!(read.references, ["r1@x", "r2@x"]);
    let to: Vec<&str> = read.recipients().collect();
    assert_eq!(to, ["support@example.com", "b@example.com", "c@example.com", "support+t1.abc@example.com"]);
    assert_eq!(read.date.unwrap().to_rfc3339(), "2026-01-15T08:30:00+00:00");
    assert_eq!((read.text.as_str(), read.html.as_deref()), ("Hello", None));
}

#[test]
fn text_is_taken_as_it_is_meant() {
    let table = [
        ("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nplain", "plain"),
        (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe=\n!",
            "Grüße!",
        ),
        (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nR3LDvMOfZQ==",
            "Grüße",
        ),
        ("Content-Type: text/plain; charset=no-such\n\nGrüße", "Grüße"),
        (
            "Content-Type: text/html\n\n<p>One</p><p>Two &amp; three</p><script>bad()</script>",
            "One\n\nTwo & three",
        ),
        ("Content-Type: text/plain; format=flowed\n\nOne \nline.\n", "One line."),
        ("Content-Type: nonsense\n\nHello", "Hello"),
        ("\n\nHello", "Hello"),
        ("", ""),
    ];
    for (raw, text) in table {
        let read = mail(&format!("From: a@example.com\n{raw}"));
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&read.text), squeezed(text), "{raw}");
    }
    let latin = b"Content-Type: text/plain; charset=us-ascii\r\n\r\nGr\xfc\xdfe";
    assert_eq!(parse(latin, None).text, "Grüße");
    let wrong = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdfe \x80";
    assert_eq!(parse(wrong, None).text, "Grüße €");
    let japanese = b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B%F%9%H\x1b(B";
    assert_eq!(parse(japanese, None).text, "テスト");
}

const ALTERNATIVE: &str = "From: a@example.com\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\
    Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nPlain words\n--a\n\
    Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<p>HTML <b>words</b> <img src=\"cid:logo@ex\"></p>\n\
    --r\nContent-Type: image/png\nContent-ID: <logo@ex>\nContent-Transfer-Encoding: base64\n\niVBORw==\n--r--\n--a--\n--m\n\
    Content-Type: application/pdf; name=\"../../etc/passwd\"\nContent-Disposition: attachment; filename*=utf-8''Rechnung%20%C3%9C.pdf\n\n%PDF\n\
    --m\nContent-Type: message/rfc822\n\nSubject: Inner\nFrom: b@example.com\n\nInner words\n--m\n\
    Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Visit\nEND:VEVENT\nEND:VCALENDAR\n--m--\n";

#[test]
fn each_part_has_its_place() {
    let raw = ALTERNATIVE.replace('\n', "\r\n");
    let read = parse(raw.as_bytes(), None);
    assert_eq!(read.text, "Plain words");
    assert!(read.html.as_deref().unwrap().contains("HTML <b>words</b>"));
    let files: Vec<(&str, &str, bool)> =
        read.files.iter().map(|file| (file.name.as_str(), file.mime.as_str(), file.is_inline)).collect();
    let expected = [
        ("file-1.png", "image/png", true),
        ("Rechnung Ü.pdf", "application/pdf", false),
        ("Inner.eml", "message/rfc822", false),
        ("file-4.ics", "text/calendar", false),
    ];
    assert_eq!(files, expected);
    assert_eq!(read.invitations, ["Invitation: Visit"]);
    assert_eq!(file(raw.as_bytes(), 1).unwrap().trim_ascii(), b"%PDF");
    assert!(String::from_utf8(file(raw.as_bytes(), 2).unwrap()).unwrap().contains("Inner words"));
    assert_eq!(file(raw.as_bytes(), 9), None);
    let safe = safe_html(raw.as_bytes()).unwrap();
    assert!(safe.contains("<b>words</b>") && safe.contains("data:image/png;base64,iVBORw=="), "{safe}");
}

#[test]
fn names_of_files_are_safe() {
    let names = [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Windows\\\\evil.exe", "evil.exe"),
        (".htaccess", "htaccess"),
        ("..", "file-1.bin"),
        ("", "file-1.bin"),
    ];
    for (given, expected) in names {
        let raw = format!(
            "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain\n\nx\n--m\nContent-Type: application/octet-stream\n\
             Content-Disposition: attachment; filename=\"{given}\"\n\nx\n--m--\n"
        );
        assert_eq!(mail(&raw).files.first().map(|file| file.name.as_str()), Some(expected), "{given}");
    }
}

const DSN: &str = "Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@mx.example.net>\nTo: support@example.com\n\
    Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\n\n--b1\nContent-Type: text/plain\n\n\
    The address does not exist.\n--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\
    Final-Recipient: rfc822; nobody@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n\
    --b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <out-77@example.com>\n--b1--\n";

#[test]
fn reports_are_read() {
    let bounce = mail(DSN);
    assert!(bounce.signs.bounce && bounce.signs.automatic);
    let recipients = vec![report::Recipient {
        action: "failed".into(),
        status: "5.1.1".into(),
        address: "nobody@example.net".into(),
    }];
    assert_eq!(bounce.report, Some(Report::Delivery { of: Some("out-77@example.com".into()), recipients }));

    let whole = mail(&DSN.replace("text/rfc822-headers", "message/rfc822"));
    assert!(
        matches!(whole.report, Some(Report::Delivery { of: Some(of), .. }) if of == "out-77@example.com")
    );

    let old = mail(
        "Return-Path: <>\nFrom: MAILER-DAEMON@x\n\n550 5.1.1 unknown\n\n> Message-ID: <out-7@example.com>\n",
    );
    let Some(Report::Delivery { of, recipients }) = old.report else { panic!("no report") };
    assert_eq!((of.as_deref(), recipients[0].status.as_str()), (Some("out-7@example.com"), "5.1.1"));

    let read = mail(
        "From: a@example.com\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\n\
         Content-Type: text/plain\n\nread\n--b\nContent-Type: message/disposition-notification\n\n\
         Original-Message-ID: <out-1@example.com>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
    );
    assert_eq!(read.report, Some(Report::Read { of: Some("out-1@example.com".into()) }));
}

#[test]
fn the_way_a_mail_took_does_not_change_its_digest() {
    let direct = "Message-ID: <a@x>\nFrom: a@example.com\nSubject: Hi\n\nHello\n";
    let by_list = format!("Received: by list\nDelivered-To: x@example.com\n{direct}");
    let other = direct.replace("Hello", "Goodbye");
    assert_eq!(mail(direct).digest, mail(&by_list).digest);
    assert_ne!(mail(direct).digest, mail(&other).digest);
}

#[test]
fn mail_without_end_is_read_in_time() {
    let headers = format!("{}\n\nx", "X-Header: value\n".repeat(10_000));
    assert_eq!(mail(&headers).text, "x");
    let references = format!("References: {}\n\nx", "<a@x> ".repeat(20_000));
    assert!(mail(&references).references.len() <= MOST_IDS);
    let mut nested = String::new();
    for depth in 0..500 {
        nested.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"));
    }
    nested.push_str("Content-Type: text/plain\n\ndeep\n");
    assert!(mail(&nested).text.len() < 100);
    let letters: String = "Content-Type: message/rfc822\n\n".repeat(500);
    assert!(mail(&letters).files.len() < 1000);
    let parts = "--m\nContent-Disposition: attachment\n\nx\n".repeat(5_000);
    assert!(
        mail(&format!("Content-Type: multipart/mixed; boundary=m\n\n{parts}--m--\n")).files.len() <= 1000
    );
    let large = format!("From: a@example.com\n\n{}", "All work and no play. ".repeat(1_000_000));
    assert!(mail(&large).text.len() <= 5_000_000);
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "From: ",
        "To: ",
        "Subject: ",
        "=?utf-8?Q?",
        "=?iso-2022-jp?B?",
        "?=",
        "<",
        ">",
        "@",
        ",",
        ";",
        ":",
        "\"",
        "(",
        ")",
        "\\",
        "\r\n",
        "\n",
        "\r\n ",
        "\r\n\r\n",
        "--b\r\n",
        "--b--\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        "Content-Type: text/html\r\n",
        "Content-Type: text/plain; charset=utf-7; format=flowed; delsp=yes\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Type: message/delivery-status\r\n",
        "Content-Type: text/calendar\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Disposition: attachment; filename*0*=utf-8''%",
        "Message-ID: <a@x>\r\n",
        "References: ",
        "Date: Thu, 99 Foo 0000 99:99:99 +9999\r\n",
        "Auto-Submitted: auto-replied\r\n",
        "On 1 Jan 2026 A wrote:\r\n> ",
        "BEGIN:VEVENT\r\nSUMMARY:",
        "<p><img src=cid:",
        "<!--",
        "&#x10ffff;",
        "Action: failed\r\nStatus: 5.1.1\r\n",
        "-- \r\n",
    ]);
    let piece = prop_oneof![
        3 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => "[a-zA-Z0-9äöü日本🎉 ]{0,20}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn nothing_that_comes_in_is_too_much(raw in pieces()) {
        let read = parse(&raw, None);
        prop_assert!(!read.digest.is_empty());
        prop_assert!(!read.subject.contains(['\r', '\n', '\0']));
        for one in read.from.iter().chain(&read.to).chain(&read.cc).chain(&read.reply_to) {
            prop_assert!(!one.address.contains(['\r', '\n']) && !one.name.contains(['\r', '\n']));
        }
        for (index, one) in read.files.iter().enumerate() {
            prop_assert!(!one.name.is_empty() && !one.name.contains(['/', '\\', '\0', '\n']));
            prop_assert_eq!(file(&raw, index).map(|bytes| bytes.len()), Some(one.size));
        }
        if let Some(visible) = &read.visible {
            prop_assert!(visible.len() <= read.text.len());
        }
        let safe = safe_html(&raw).unwrap_or_default().to_lowercase();
        prop_assert!(!safe.contains("<script") && !safe.contains("javascript:") && !safe.contains("onerror="));
        prop_assert_eq!(&read, &parse(&raw, None), "the same mail reads the same");
    }

    #[test]
    fn a_mail_that_is_cut_off_anywhere_is_read(cut in 0_usize..1600) {
        let raw = ALTERNATIVE.replace('\n', "\r\n");
        let cut = cut.min(raw.len());
        parse(&raw.as_bytes()[..cut], Some(1_000_000));
        let dsn = DSN.replace('\n', "\r\n");
        parse(&dsn.as_bytes()[..cut.min(dsn.len())], None);
    }
}
