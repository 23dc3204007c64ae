//! What is asked for, and what the answers become.
#![expect(clippy::unwrap_used, reason = "a test")]

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use weft_channel::{
    Adapter as _, Event, MessageReceived, PollContext, Polled, SendError, call::Outcome, read_account,
};
use weft_channel_ringcentral::{Account, Ringcentral};
use weft_channel_testkit::{Played, Player};

fn account(change: Value) -> Account {
    let mut settings = json!({"client_id": "client-id-example", "from_number": "+12025550100"});
    settings.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
    let secrets = json!({"client_secret": "client-secret-example", "jwt": "jwt-of-the-example"});
    read_account(settings.as_object().unwrap(), secrets.as_object().unwrap()).unwrap()
}

fn page(records: Value, token: &str) -> Played {
    Played::json(json!({"records": records, "syncInfo": {"syncType": "FSync", "syncToken": token}}))
}

fn refused(status: u16, code: &str) -> Played {
    let body = json!({"errorCode": code, "errors": [{"errorCode": code}]});
    Played { status: Some(status), ..Played::json(body) }
}

async fn poll(account: &Account, state: Option<String>, player: &Player) -> Result<Polled, SendError> {
    poll_after(account, 0, state, player).await
}

async fn poll_after(
    account: &Account,
    minutes: i64,
    state: Option<String>,
    player: &Player,
) -> Result<Polled, SendError> {
    let begin = DateTime::parse_from_rfc3339("2026-01-15T09:30:00Z").unwrap().to_utc();
    let now = begin + TimeDelta::minutes(minutes);
    let polled = Ringcentral.poll(account, &PollContext { state, now }, player).await;
    assert_eq!(player.unused(), 0);
    polled
}

fn asked(player: &Player) -> Vec<String> {
    let calls = player.calls();
    assert!(calls.iter().all(|call| call.with_access_token));
    let rest = |url: &url::Url| url.as_str().rsplit("/~/").next().unwrap().to_owned();
    calls.iter().map(|call| rest(&call.url)).collect()
}

fn call(change: Value) -> Value {
    let mut call = json!({
        "id": "log-1", "sessionId": "402936341008", "telephonySessionId": "s-a1b2c3d4e5", "duration": 42,
        "startTime": "2026-01-15T09:20:00.000Z", "type": "Voice", "direction": "Inbound", "action": "Phone Call",
        "result": "Accepted", "from": {"phoneNumber": "+12025550143", "name": "Ana"},
        "to": {"phoneNumber": "+12025550100", "extensionId": "62900010001"},
    });
    call.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
    call
}

/// What the call log's entry becomes: its messages, or why it was left out.
async fn logged(account: &Account, entry: Value) -> Result<Vec<MessageReceived>, String> {
    let player = Player::new([page(json!([]), "v1"), page(json!([entry]), "c1")]);
    let received = poll(account, None, &player).await.unwrap().received;
    let messages: Vec<MessageReceived> = received
        .events
        .into_iter()
        .filter_map(|event| match event.event? {
            Event::Message(message) => Some(message),
            Event::Edited(edited) => edited.message,
            _ => None,
        })
        .collect();
    let why = received.ignored.first().map(|ignored| ignored.kind.to_string());
    why.or_else(|| received.unreadable.first().map(|entry| entry.why.clone())).map_or(Ok(messages), Err)
}

#[tokio::test]
async fn first_everything_of_a_day_is_asked_for_then_what_has_changed() {
    let both = account(json!({}));
    let player = Player::new([page(json!([]), "m1"), page(json!([]), "v1"), page(json!([]), "c1")]);
    let first = poll(&both, None, &player).await.unwrap();
    let since = "dateFrom=2026-01-14T09%3A30%3A00.000Z&recordCount=250";
    assert_eq!(
        asked(&player),
        [
            format!("message-sync?syncType=FSync&{since}&messageType=SMS"),
            format!("message-sync?syncType=FSync&{since}&messageType=VoiceMail"),
            format!("call-log-sync?syncType=FSync&{since}"),
        ]
    );
    let player = Player::new([page(json!([]), "m2")]);
    let second = poll(&both, first.next_state, &player).await.unwrap();
    assert_eq!(asked(&player), ["message-sync?syncType=ISync&syncToken=m1"]);

    let player = Player::new([refused(400, "MSG-333"), page(json!([]), "m3")]);
    poll(&both, second.next_state, &player).await.unwrap();
    let asked = asked(&player);
    assert_eq!(asked[0], "message-sync?syncType=ISync&syncToken=m2");
    assert!(asked[1].starts_with("message-sync?syncType=FSync"));
}

#[tokio::test]
async fn an_end_in_the_call_log_says_whether_somebody_talked() {
    let calls = account(json!({"purpose": "calls"}));
    let table = [
        ("Accepted", Outcome::Answered),
        ("Call connected", Outcome::Answered),
        ("Voicemail", Outcome::Voicemail),
        ("Missed", Outcome::Missed),
        ("No Answer", Outcome::Missed),
        ("Busy", Outcome::Missed),
        ("Rejected", Outcome::Missed),
        ("Hang Up", Outcome::Missed),
        ("Blocked", Outcome::Missed),
        ("Wrong Number", Outcome::Missed),
        ("Call Failed", Outcome::Missed),
        ("Stopped", Outcome::Missed),
    ];
    for (result, outcome) in table {
        let found = logged(&calls, call(json!({"result": result}))).await.unwrap();
        let told = found[0].call.clone().unwrap();
        assert_eq!(
            (found[0].id.as_str(), told.outcome(), told.seconds),
            ("s-a1b2c3d4e5", outcome, 42),
            "{result}"
        );
        assert_eq!((found[0].text.as_str(), found[0].from_us), ("Incoming call", false));
    }
    let ours = json!({"direction": "Outbound", "to": {"phoneNumber": "+12025550143"}, "from": {}});
    let found = logged(&calls, call(ours)).await.unwrap();
    assert_eq!((found[0].text.as_str(), found[0].from_us), ("Outgoing call", true));
}

#[tokio::test]
async fn what_is_no_call_of_a_contact_is_left_out() {
    let calls = account(json!({"purpose": "calls"}));
    let table = [
        (json!({"type": "Fax"}), "fax"),
        (json!({"result": "In Progress"}), "call_on_the_way"),
        (json!({"from": {"extensionNumber": "102", "name": "Ben"}}), "internal_call"),
        (json!({"telephonySessionId": null, "sessionId": null}), "it names no call"),
    ];
    for (change, why) in table {
        assert_eq!(logged(&calls, call(change)).await.unwrap_err(), why);
    }
    let old = logged(&calls, call(json!({"telephonySessionId": null}))).await.unwrap();
    assert_eq!(old[0].id, "402936341008");
}

#[tokio::test]
async fn a_recording_answers_its_call_where_it_is_wanted() {
    let uri = "https://media.ringcentral.com/restapi/v1.0/account/80900010/recording/7423/content";
    let entry = call(json!({"recording": {"id": "7423", "type": "Automatic", "contentUri": uri}}));
    let with = account(json!({"purpose": "calls", "recordings": true}));
    let found = logged(&with, entry.clone()).await.unwrap();
    let recording = &found[1];
    assert_eq!(
        (recording.id.as_str(), recording.reply_to.as_deref()),
        ("recording:7423", Some("s-a1b2c3d4e5"))
    );
    assert_eq!(recording.media[0].reference, uri);
    assert_eq!(logged(&account(json!({"purpose": "calls"})), entry).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_entry_that_cannot_be_read_harms_no_other() {
    let messages = account(json!({"purpose": "messages"}));
    let sms = json!({
        "id": "1", "type": "SMS", "direction": "Inbound", "subject": "Hi", "from": {"phoneNumber": "+12025550143"},
        "to": [{"phoneNumber": "+12025550100"}], "creationTime": "2026-01-15T09:20:00.000Z",
    });
    let player = Player::new([page(json!([{"id": []}, sms, "odd"]), "m1")]);
    let received = poll(&messages, None, &player).await.unwrap().received;
    assert_eq!((received.events.len(), received.unreadable.len()), (1, 2));
}

fn voicemail(id: u64, host: &str) -> Value {
    let file = |name: &str, kind: &str| {
        let uri = format!("https://{host}/restapi/v1.0/content/{name}");
        json!({"id": name, "type": kind, "contentType": "text/plain", "uri": uri})
    };
    json!({
        "id": id, "type": "VoiceMail", "direction": "Inbound", "vmTranscriptionStatus": "Completed",
        "from": {"phoneNumber": "+12025550143"}, "creationTime": "2026-01-15T09:20:00.000Z",
        "attachments": [file("82063400004", "AudioRecording"), file("82063500004", "AudioTranscription")],
    })
}

const OURS: &str = "media.ringcentral.com";

#[tokio::test]
async fn a_voicemail_whose_words_cannot_be_had_is_there_without_them() {
    let calls = account(json!({"purpose": "calls"}));
    let found = page(json!([voicemail(1, OURS)]), "v1");
    let player = Player::new([found, page(json!([]), "c1"), refused(404, "CMN-102")]);
    let polled = poll(&calls, None, &player).await.unwrap();
    assert_eq!((polled.received.events.len(), polled.received.ignored.len()), (1, 1));
    // the token is shown to nobody else
    let found = page(json!([voicemail(1, "media.example.org")]), "v1");
    let player = Player::new([found, page(json!([]), "c1")]);
    assert_eq!(poll(&calls, None, &player).await.unwrap().received.events.len(), 1);
}

#[tokio::test]
async fn words_that_cannot_be_had_now_are_tried_five_times_and_hold_up_nothing() {
    let calls = account(json!({"purpose": "calls"}));
    let nothing = || [page(json!([]), "v"), page(json!([]), "c")];
    let found = page(json!([voicemail(1, OURS), voicemail(2, OURS)]), "v");
    let away = || refused(503, "CMN-201");
    let text = Played { text: Some("The gate is open".to_owned()), ..Played::default() };
    let player = Player::new([found, page(json!([]), "c"), away()]);
    let first = poll(&calls, None, &player).await.unwrap();
    assert_eq!(first.received.events.len(), 2);

    // the other's come first now
    let player = Player::new(nothing().into_iter().chain([text, away()]));
    let mut last = poll_after(&calls, 1, first.next_state, &player).await.unwrap();
    assert_eq!(last.received.events.len(), 1);
    for minute in 2..5 {
        assert!(last.received.ignored.is_empty());
        let player = Player::new(nothing().into_iter().chain([away()]));
        last = poll_after(&calls, minute, last.next_state, &player).await.unwrap();
    }
    assert_eq!(last.received.ignored[0].kind, "no_transcript");
    let player = Player::new(nothing());
    poll_after(&calls, 5, last.next_state, &player).await.unwrap();
}

#[tokio::test]
async fn what_was_found_is_not_given_up_for_what_could_not_be_had() {
    let sms = || {
        page(
            json!([{"id": 1, "type": "SMS", "direction": "Inbound", "subject": "Hi",
        "from": {"phoneNumber": "+12025550143"}, "to": [{"phoneNumber": "+12025550100"}]}]),
            "m1",
        )
    };
    let both = account(json!({}));
    let throttled = refused(429, "CMN-301");
    let player = Player::new([sms(), throttled, page(json!([call(json!({}))]), "c1")]);
    let polled = poll(&both, None, &player).await.unwrap();
    assert_eq!((polled.received.events.len(), polled.wait.as_secs()), (2, 30));

    let player = Player::new([sms(), page(json!([]), "v1"), refused(403, "CMN-408")]);
    let polled = poll(&both, None, &player).await.unwrap();
    assert_eq!(polled.received.events.len(), 1);
    assert!(polled.received.account_fault.unwrap().contains("CMN-408"));
    // where nothing was found, asking has failed
    let player = Player::new([refused(403, "CMN-408")]);
    assert!(poll(&both, None, &player).await.is_err());
}

#[tokio::test]
async fn what_the_first_answer_has_no_room_for_is_asked_for_page_by_page() {
    let calls = account(json!({"purpose": "calls"}));
    let cut = |source: &str, time: &str| {
        Played::json(json!({
            "records": [call(json!({"telephonySessionId": source, "startTime": time}))],
            "syncInfo": {"syncToken": "c1", "olderRecordsExist": true},
        }))
    };
    let newest = cut("s-3", "2026-01-15T09:20:00.000Z");
    let older = Played::json(json!({
        "records": [call(json!({"telephonySessionId": "s-2", "startTime": "2026-01-15T09:10:00.000Z"}))],
        "navigation": {"nextPage": {"uri": "https://platform.ringcentral.com/"}},
    }));
    let player = Player::new([page(json!([]), "v1"), newest, older]);
    let first = poll(&calls, None, &player).await.unwrap();
    let until = "dateFrom=2026-01-14T09%3A30%3A00.000Z&dateTo=2026-01-15T09%3A20%3A00.001Z";
    assert_eq!(asked(&player)[2], format!("call-log?{until}&perPage=250&page=1"));
    let keys: Vec<&str> = first.received.events.iter().map(|event| event.key.as_str()).collect();
    assert!(keys[0].contains("s-2") && keys[1].contains("s-3"), "the oldest first: {keys:?}");

    // a page that is not given is asked for again, and what has changed meanwhile is not lost over it
    let player = Player::new([page(json!([]), "v2"), page(json!([call(json!({}))]), "c2"), refused(503, "")]);
    let second = poll_after(&calls, 1, first.next_state, &player).await.unwrap();
    assert_eq!(second.received.events.len(), 1);
    let player = Player::new([page(json!([]), "v3"), page(json!([]), "c3"), page(json!([]), "")]);
    let third = poll_after(&calls, 2, second.next_state, &player).await.unwrap();
    assert_eq!(asked(&player)[1], "call-log-sync?syncType=ISync&syncToken=c2");
    assert!(asked(&player)[2].contains("page=2"), "{:?}", asked(&player));
    let player = Player::new([page(json!([]), "v4"), page(json!([]), "c4")]);
    poll_after(&calls, 3, third.next_state, &player).await.unwrap();
}
