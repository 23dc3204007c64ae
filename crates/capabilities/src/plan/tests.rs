use chrono::TimeZone as _;

use weft_proto::{
    channel::v1::Filled,
    conversation::v1::{
        ContactCard, Location,
        products::Section,
        rich_text::{Block, Kind, Span},
    },
};

use super::*;
use crate::{Buttons, Captions, Changes, Idempotency, Intake};

const ALL: &[ContentKind] = &[
    ContentKind::Text,
    ContentKind::File,
    ContentKind::Image,
    ContentKind::Video,
    ContentKind::Audio,
    ContentKind::Voice,
    ContentKind::Sticker,
    ContentKind::Location,
    ContentKind::ContactCard,
];

fn rich() -> Capabilities {
    Capabilities {
        content: ALL.to_vec(),
        max_text_chars: 40,
        max_text_bytes: None,
        captions: Some(Captions { max_chars: 20, on: vec![ContentKind::Image, ContentKind::File] }),
        max_file_bytes: 5_000_000,
        buttons: Some(Buttons { max: 3, max_title_chars: 10, max_payload_bytes: 16, urls: true }),
        reply_to: true,
        changes: Changes::default(),
        typing: false,
        delivered_receipts: false,
        read_receipts: false,
        reply_window: None,
        first_contact: None,
        intake: vec![Intake::Webhook],
        calls: false,
        program_window: None,
        idempotency: Idempotency::None,
    }
}

fn plain() -> Capabilities {
    Capabilities {
        content: vec![ContentKind::Text],
        captions: None,
        buttons: None,
        reply_to: false,
        ..rich()
    }
}

fn file(name: &str, kind: attachment::Kind) -> Attachment {
    Attachment {
        id: name.to_owned(),
        name: name.to_owned(),
        kind: kind.into(),
        size: 10,
        ..Attachment::default()
    }
}

fn button(title: &str, payload: &str) -> Button {
    Button { title: title.to_owned(), payload: payload.to_owned(), url: None }
}

fn message(text: &str) -> Outbound {
    Outbound { message_id: "msg_1".to_owned(), text: text.to_owned(), ..Outbound::default() }
}

fn texts(plan: &Plan) -> Vec<&str> {
    plan.parts.iter().map(|part| part.text.as_str()).collect()
}

#[test]
fn a_text_is_split_where_it_disturbs_least() {
    let table: &[(&str, usize, &[&str])] = &[
        ("short", 10, &["short"]),
        ("exactly ten", 11, &["exactly ten"]),
        ("First paragraph.\n\nSecond one", 20, &["First paragraph.", "Second one"]),
        ("First line here\nSecond line", 20, &["First line here", "Second line"]),
        ("One is done. Two is here now", 20, &["One is done.", "Two is here now"]),
        ("words go whole or not", 11, &["words go", "whole or", "not"]),
        ("aaaaaaaaaa bbbb", 10, &["aaaaaaaaaa", "bbbb"]),
        ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
        ("ab👩‍👩‍👧‍👦cd", 8, &["ab", "👩‍👩‍👧‍👦c", "d"]),
        ("e\u{301}e\u{301}e\u{301}", 3, &["e\u{301}", "e\u{301}", "e\u{301}"]),
        ("日本語の文章です", 3, &["日本語", "の文章", "です"]),
        ("e\u{301}\u{301}\u{301}", 2, &["e\u{301}", "\u{301}\u{301}"]),
        ("   ", 5, &[]),
        ("x", 0, &["x"]),
    ];
    for (text, max, pieces) in table {
        assert_eq!(split(text, *max, None), *pieces, "{text:?} at {max}");
    }
}

#[test]
fn a_text_is_split_by_bytes_where_the_provider_counts_those() {
    let table: &[(&str, usize, usize, &[&str])] = &[
        ("grün ist gut", 100, 13, &["grün ist gut"]),
        ("grün ist gut", 100, 12, &["grün ist", "gut"]),
        ("grün ist gut", 5, 12, &["grün", "ist", "gut"]),
        ("日本語の文章です", 100, 10, &["日本語", "の文章", "です"]),
        ("a👩‍👩‍👧‍👦b", 100, 26, &["a👩‍👩‍👧‍👦", "b"]),
        ("🎉", 100, 1, &["🎉"]),
        ("🎉🎉", 100, 1, &["🎉", "🎉"]),
    ];
    for (text, max_chars, max_bytes, pieces) in table {
        assert_eq!(split(text, *max_chars, Some(*max_bytes)), *pieces, "{text:?} at {max_bytes}");
    }
}

#[test]
fn splitting_loses_no_word_and_keeps_every_piece_within_the_limit() {
    let text =
        "Grüße aus dem Lager! Ihr Paket ist da.\n\nBitte holen Sie es ab: Tor 3, 8–17 Uhr. ".repeat(40);
    for max in [1, 7, 40, 100, 4096] {
        let pieces = split(&text, max, None);
        assert!(pieces.iter().all(|piece| piece.chars().count() <= max && !piece.is_empty()));
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&pieces.concat()), squeezed(&text));
    }
}

#[test]
fn a_short_text_rides_on_the_first_file_and_a_long_one_goes_before_it() {
    let mut order = message("Your receipt");
    order.attachments = vec![file("a.jpg", attachment::Kind::Image), file("b.pdf", attachment::Kind::File)];
    assert_eq!(texts(&plan(&rich(), &order).unwrap()), ["Your receipt", ""]);

    order.text = "Your receipt, and the plan of the house".to_owned();
    let long = plan(&rich(), &order).unwrap();
    assert_eq!(texts(&long), ["Your receipt, and the plan of the house", "", ""]);
    assert_eq!(long.parts[2].attachments[0].name, "b.pdf");

    order.text = "Hi".to_owned();
    order.attachments = vec![file("s.webp", attachment::Kind::Sticker)];
    assert_eq!(texts(&plan(&rich(), &order).unwrap()), ["Hi", ""], "a sticker takes no caption");
}

#[test]
fn where_words_and_files_go_together_they_are_one_message() {
    let together: Vec<ContentKind> = ALL.iter().copied().chain([ContentKind::Bundle]).collect();
    let on = &[ContentKind::Image, ContentKind::File];
    let can = Capabilities {
        content: together,
        captions: Some(Captions { max_chars: 1000, on: on.to_vec() }),
        max_text_chars: 1000,
        ..rich()
    };
    let mut order = message("Both are here, and these are more words than a caption has elsewhere.");
    order.attachments = vec![file("a.pdf", attachment::Kind::File), file("b.jpg", attachment::Kind::Image)];
    let plan = plan(&can, &order).unwrap();
    assert_eq!(texts(&plan), [order.text]);
    let names: Vec<&str> = plan.parts[0].attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a.pdf", "b.jpg"]);
}

#[test]
fn buttons_hang_on_the_last_text_and_the_reply_on_the_first_part() {
    let mut order = message("This is the first sentence of two. This is the second one.");
    order.buttons = vec![button("Yes", "y")];
    order.reply_to = Some("7".to_owned());
    order.attachments = vec![file("a.jpg", attachment::Kind::Image)];
    let plan = plan(&rich(), &order).unwrap();
    let with_buttons: Vec<usize> = plan.parts.iter().map(|part| part.buttons.len()).collect();
    assert_eq!(with_buttons, [0, 1, 0]);
    let replies: Vec<bool> = plan.parts.iter().map(|part| part.reply_to.is_some()).collect();
    assert_eq!(replies, [true, false, false]);
    let keys: Vec<&str> = plan.parts.iter().map(|part| part.message_id.as_str()).collect();
    assert_eq!(keys, ["msg_1", "msg_1.2", "msg_1.3"], "each part is sent once under a key of its own");
}

#[test]
fn buttons_beyond_the_limits_become_numbered_text_with_a_warning() {
    let link =
        Button { title: "Help".to_owned(), payload: String::new(), url: Some("https://x.test".to_owned()) };
    let too_many = vec![button("1", ""), button("2", ""), button("3", ""), button("4", "")];
    let cases = [
        (plain(), vec![button("Yes", "y"), link.clone()], "1. Yes\n2. Help: https://x.test"),
        (rich(), too_many, "1. 1\n2. 2\n3. 3\n4. 4"),
        (rich(), vec![button("Yes", "a payload that is too long")], "1. Yes"),
        (rich(), vec![button("A title too long", "")], "1. A title too long"),
    ];
    for (can, buttons, list) in cases {
        let plan = plan(&can, &Outbound { buttons, ..message("Choose") }).unwrap();
        assert_eq!(texts(&plan), [format!("Choose\n\n{list}")]);
        assert!(plan.parts[0].buttons.is_empty() && plan.warnings.len() == 1, "{plan:?}");
    }
    let fine = plan(&rich(), &Outbound { buttons: vec![link], ..message("Choose") }).unwrap();
    assert!(fine.warnings.is_empty() && fine.parts[0].buttons.len() == 1);
}

#[test]
fn what_a_channel_cannot_show_becomes_text() {
    let mut order = message("Here");
    order.location =
        Some(Location { latitude: 52.5, longitude: 13.4, title: "Shop".to_owned(), address: String::new() });
    order.contact_card = Some(ContactCard {
        name: "Ada".to_owned(),
        phones: vec!["+1".to_owned()],
        emails: vec!["ada@example.com".to_owned()],
    });
    order.attachments = vec![file("a.pdf", attachment::Kind::File)];
    order.reply_to = Some("7".to_owned());
    let can = Capabilities { max_text_chars: 1000, ..plain() };
    let fallback = plan(&can, &order).unwrap();
    let map = "https://www.openstreetmap.org/?mlat=52.5&mlon=13.4";
    assert_eq!(texts(&fallback), [format!("Here\n\n[a.pdf]\n\nShop\n{map}\n\nAda\n+1\nada@example.com")]);
    assert_eq!(fallback.warnings.len(), 2);
    assert_eq!(fallback.parts[0].reply_to, None);
    assert_eq!(plan(&rich(), &order).unwrap().parts.len(), 3, "file with caption, place, card");
}

fn looked(kind: Kind, level: u32, text: &str, bold: bool) -> Outbound {
    let spans = vec![Span { text: text.to_owned(), bold, ..Span::default() }];
    let blocks = vec![Block { kind: kind.into(), level, spans, ..Block::default() }];
    Outbound { rich: Some(RichText { blocks }), ..message(text) }
}

/// A channel that shows looks, with these limits.
fn shows_looks(max_text_chars: usize, max_text_bytes: Option<usize>) -> Capabilities {
    let content = [ALL, &[ContentKind::RichText]].concat();
    let captions = rich().captions.map(|captions| Captions { max_chars: max_text_chars, ..captions });
    Capabilities { content, max_text_chars, max_text_bytes, captions, ..rich() }
}

fn looks_kept(can: &Capabilities, order: &Outbound) -> bool {
    let plan = plan(can, order).unwrap();
    let kept = plan.parts.iter().filter(|part| part.rich.is_some()).count();
    assert_eq!(plan.warnings.len(), 1 - kept, "either all goes with its looks, or it is said: {plan:?}");
    kept == 1
}

#[test]
fn a_text_in_two_parts_carries_no_looks_and_says_so() {
    let can = shows_looks(1_000, None);
    let order = looked(Kind::Paragraph, 0, &"word ".repeat(250), true);
    let split = plan(&can, &order).unwrap();
    assert_eq!((split.parts.len(), split.warnings.len()), (2, 1));
    assert!(split.parts.iter().all(|part| part.rich.is_none()));
    // words that `rich` says shorter than `text` are no way around it
    let shorter = Outbound { rich: looked(Kind::Paragraph, 0, "word", true).rich, ..order };
    assert!(!looks_kept(&can, &shorter));
}

#[test]
fn characters_are_counted_where_the_provider_counts_those() {
    let order = looked(Kind::Paragraph, 0, &"ж".repeat(900), true);
    assert!(looks_kept(&shows_looks(1_000, None), &order));
    assert!(!looks_kept(&shows_looks(950, None), &order), "marks need room, too");
    assert!(looks_kept(&shows_looks(1_000, Some(1_900)), &order));
    assert!(!looks_kept(&shows_looks(1_000, Some(1_850)), &order), "both limits hold");
    let attachments = vec![file("a.jpg", attachment::Kind::Image)];
    let under_a_file = Outbound { attachments, ..order };
    assert!(looks_kept(&shows_looks(1_000, None), &under_a_file));
    assert!(!looks_kept(&shows_looks(950, None), &under_a_file));
}

#[test]
fn marks_before_each_line_need_room() {
    let lines = "a\n".repeat(200);
    let text = lines.trim_end();
    let table = [
        (Kind::Paragraph, 0, 399 + 2 * 200),
        (Kind::Quote, 0, 399 + (2 + 2) * 200),
        (Kind::ListItem, 1, 399 + (5 + 2) * 200),
        (Kind::ListItem, 3, 399 + (5 + 2 + 8) * 200),
    ];
    for (kind, level, most) in table {
        let order = looked(kind, level, text, false);
        assert!(!looks_kept(&shows_looks(most, None), &order), "{kind:?} {level}");
        assert!(looks_kept(&shows_looks(most + 32, None), &order), "{kind:?} {level}");
    }
    let linked = |text: &str| {
        let mut order = looked(Kind::Paragraph, 0, text, false);
        let link = format!("https://example.com/{}", "a".repeat(80));
        order.rich.as_mut().unwrap().blocks[0].spans[0].link = Some(link);
        order
    };
    assert!(looks_kept(&shows_looks(300, None), &linked("a b")));
    assert!(!looks_kept(&shows_looks(300, None), &linked("a\nb")), "each line has its own address");
    let code = looked(Kind::CodeBlock, 0, &"`".repeat(100), false);
    assert!(
        !looks_kept(&shows_looks(300, None), &code),
        "what stands around code is longer than what is in it"
    );
}

#[test]
fn a_file_goes_as_the_next_more_general_kind() {
    use attachment::Kind;
    let only = |content| Capabilities { content, ..rich() };
    let table = [
        (only(vec![ContentKind::File]), Kind::Voice, Kind::File),
        (only(vec![ContentKind::Audio, ContentKind::File]), Kind::Voice, Kind::Audio),
        (only(vec![ContentKind::Image]), Kind::Sticker, Kind::Image),
        (only(vec![ContentKind::File]), Kind::Video, Kind::File),
        (rich(), Kind::Voice, Kind::Voice),
    ];
    for (can, given, sent) in table {
        let order = Outbound { attachments: vec![file("f", given)], ..message("") };
        assert_eq!(plan(&can, &order).unwrap().parts[0].attachments[0].kind(), sent);
    }
}

#[test]
fn what_cannot_be_sent_is_said_before_any_call() {
    assert_eq!(plan(&rich(), &message(" \n ")).unwrap_err(), Refused::Empty);
    let mut order = message("");
    order.attachments = vec![Attachment { size: 6_000_000, ..file("film.mp4", attachment::Kind::Video) }];
    let error = plan(&rich(), &order).unwrap_err();
    assert!(error.to_string().contains("film.mp4") && error.to_string().contains("5 MB"), "{error}");
}

#[test]
fn a_message_past_its_time_is_not_sent() {
    let now = Utc.timestamp_opt(1_767_225_600, 0).unwrap();
    let mut order = message("Your table is ready");
    order.expires_at = Some(convert::timestamp(now));
    assert_eq!(plan_in_time(&rich(), &order, now).unwrap_err(), Refused::Expired);
    order.expires_at = Some(convert::timestamp(now + chrono::TimeDelta::seconds(1)));
    assert!(plan_in_time(&rich(), &order, now).is_ok());
}

#[test]
fn a_template_is_one_part_as_it_is_or_does_not_go() {
    let words = "Hello Ada, your order has been sent and is on its way to you.";
    let message = Outbound {
        template: Some(Filled::default()),
        attachments: vec![file("head.png", attachment::Kind::Image)],
        reply_to: Some("m1".to_owned()),
        text: words.to_owned(),
        ..Outbound::default()
    };
    let can = Capabilities { content: [ALL, &[ContentKind::Template]].concat(), ..rich() };
    let planned = plan(&can, &message).unwrap();
    assert_eq!(
        planned.parts,
        std::slice::from_ref(&message),
        "it is longer than a text may be, and not split"
    );
    let mute = Capabilities { reply_to: false, ..can.clone() };
    let planned = plan(&mute, &message).unwrap();
    assert_eq!((planned.parts[0].reply_to.as_deref(), planned.warnings.len()), (None, 1));
    assert_eq!(plan(&rich(), &message), Err(Refused::NoTemplates));
    let small = Capabilities { max_file_bytes: 1, ..can };
    assert!(matches!(plan(&small, &message), Err(Refused::FileTooLarge { .. })));
}

#[test]
fn products_stand_under_the_words_or_are_written_out() {
    let section = Section { title: "Lids".to_owned(), items: vec!["SKU-1".to_owned(), "SKU-2".to_owned()] };
    let products = Products { title: "Picks".to_owned(), sections: vec![section], ..Products::default() };
    let message =
        Outbound { products: Some(products.clone()), text: "For you".to_owned(), ..Outbound::default() };
    let can = Capabilities { content: [ALL, &[ContentKind::Products]].concat(), ..rich() };
    let parts = plan(&can, &message).unwrap().parts;
    assert_eq!((parts[0].text.as_str(), parts[0].products.as_ref()), ("For you", Some(&products)));
    let parts = plan(&plain(), &message).unwrap().parts;
    assert_eq!((parts.len(), parts[0].products.as_ref()), (1, None));
    assert_eq!(parts[0].text, "For you\n\nPicks\nLids\nSKU-1\nSKU-2");
}
