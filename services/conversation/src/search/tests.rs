use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use uuid::Uuid;

use super::{Find, Query, Window, Words, fold::fold, pieces::pieces, query::near, snippet, stems::Languages};

fn tokens(text: &str, spoken: Option<&str>) -> BTreeSet<String> {
    pieces(text, &Languages::of(text, spoken)).into_iter().flat_map(|piece| piece.tokens).collect()
}

fn holds(find: &Find, tokens: &BTreeSet<String>) -> bool {
    match find {
        Find::All(finds) => finds.iter().all(|find| holds(find, tokens)),
        Find::Any(finds) => finds.iter().any(|find| holds(find, tokens)),
        Find::Word(word) | Find::Token(word) => tokens.contains(word),
        Find::Begins(start) => tokens.iter().any(|token| token.starts_with(start.as_str())),
    }
}

/// As the database does it, for messages.
fn finds(text: &str, spoken: Option<&str>, q: &str) -> bool {
    holds(&Query::read(q).unwrap().in_messages(), &tokens(text, spoken))
}

#[rstest]
#[case("Müller", "muller")]
#[case("ΟΔΟΣ", "οδοσ")]
#[case("Straße", "strasse")]
#[case("Łódź", "lodz")]
#[case("Ёлка", "елка")]
#[case("ﬁne", "fine")]
#[case("ＡＢＣ１２", "abc12")]
#[case("ｶﾞｽ", "ガス")]
#[case("が", "が")]
#[case("हिन्दी", "हिन्दी")]
#[case("مُحَمَّد", "محمد")]
#[case("한국", "한국")]
#[case("İstanbul", "istanbul")]
fn a_word_is_compared_without_case_and_accents(#[case] word: &str, #[case] folded: &str) {
    assert_eq!(fold(word), folded);
}

#[rstest]
// other forms of a word, in the text's own language
#[case("The deliveries were arriving late again this week", None, "delivery")]
#[case("The deliveries were arriving late again this week", None, "arrived late")]
#[case("Können Sie mir bitte die Rechnungen noch einmal schicken?", None, "rechnung")]
#[case("Отправьте, пожалуйста, мои документы на новый адрес", None, "документ")]
#[case("Отправьте, пожалуйста, мои документы на новый адрес", None, "новых документов")]
#[case("Nous avons reçu les commandes de la semaine dernière", None, "commande")]
#[case("Proszę o przesłanie faktury za ostatni miesiąc na adres", None, "faktura")]
#[case("Rechnungen", Some("de"), "Rechnung")]
#[case("invoices", None, "Invoice")]
#[case("счета", Some("ru-RU"), "счет")]
#[case("Η παραγγελία μου δεν έχει φτάσει ακόμα στο σπίτι", None, "ΠΑΡΑΓΓΕΛΙΑ")]
// accents and letters written out
#[case("Grüße an Herrn Müller", Some("de"), "mueller")]
#[case("Gruesse an Herrn Mueller", Some("de"), "Müller")]
#[case("Grüße an Herrn Müller", Some("de"), "muller")]
#[case("l'été prochain", Some("fr"), "ete")]
// the last word may go on, the others not
#[case("my invoice is missing", None, "invo")]
#[case("my invoice is missing", None, "invoices miss")]
// scripts without spaces
#[case("明日の会議は三時からです", None, "会議")]
#[case("我想退货，请问怎么办？", None, "退货")]
#[case("ขอใบเสร็จด้วยครับ", None, "ใบเสร็จ")]
#[case("환불을 요청합니다", None, "환불")]
#[case("我想退货", None, "货")]
// numbers, in whichever way they are written
#[case("call me at +49 171 2345678", None, "0171 2345")]
#[case("call me at +49 171 2345678", None, "01712345678")]
#[case("call me at +49 171 2345678", None, "2345678")]
#[case("call me at +49 171 2345678", None, "171/234 56-78")]
#[case("my number is 0171 2345678", None, "+49 171 2345678")]
#[case("(020) 7946-0958", None, "+44 20 7946 0958")]
#[case("order 4711123 please", None, "1123")]
// order numbers and addresses, as a whole and in parts
#[case("about order A-17-B, please", None, "A-17-B")]
#[case("about order A-17-B, please", None, "a-17")]
#[case("about order A-17-B, please", None, "order 17")]
#[case("write to ada.lovelace@example.com", None, "ada.lovelace@example.com")]
#[case("write to ada.lovelace@example.com", None, "lovelace")]
#[case("write to ada.lovelace@example.com", None, "example.com")]
#[case("see Invoice_2026-01.pdf", None, "invoice 2026")]
fn a_text_is_found_by(#[case] text: &str, #[case] spoken: Option<&str>, #[case] q: &str) {
    assert!(finds(text, spoken, q), "{:?} in {:?}", Query::read(q), tokens(text, spoken));
}

#[rstest]
#[case("my invoice is missing", "invoice paid")]
#[case("my invoice is missing", "inv missing")]
#[case("my invoice is missing", "voice")]
#[case("about order A-17-B", "A-18-B")]
#[case("call me at +49 171 2345678", "0172 2345")]
#[case("明日の会議は三時からです", "議会")]
#[case("hello", "he")]
fn a_text_is_not_found_by(#[case] text: &str, #[case] q: &str) {
    assert!(!finds(text, None, q), "{:?} in {:?}", Query::read(q), tokens(text, None));
}

#[rstest]
#[case("Catherine", "Katherine", true)]
#[case("Jonathan", "Jonatan", true)]
#[case("Schmidt", "Schmitd", true)]
#[case("Schmidt", "Schmit", true)]
#[case("Müller", "Muler", true)]
#[case("Smith", "Jones", false)]
#[case("Anna", "Otto", false)]
fn words_one_letter_apart_share_a_token(#[case] name: &str, #[case] typed: &str, #[case] share: bool) {
    let shared = near(&fold(name)).intersection(&near(&fold(typed))).count();
    assert_eq!(shared > 0, share);
}

#[test]
fn every_token_is_letters_digits_and_underscores() {
    let strange = "a'b \"c\" \\d\\ e:* (f) & | ! <-> NEAR(g, 2) h\0i j\u{301} k\u{200d}l 👩‍💻 ½ ² ﷽ ß ’ x_y 1e-9 @@ ++49--171 ٤٢ 𝔘𝔫𝔦 \u{202e}m";
    for token in tokens(strange, None) {
        let is_plain = |letter: char| {
            !letter.is_ascii() || letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
        };
        assert!(!token.is_empty() && token.chars().all(is_plain), "{token:?}");
        assert!(token.chars().count() <= 64 && !token.contains(char::is_whitespace), "{token:?}");
    }
}

#[test]
fn what_has_no_word_in_it_is_too_short() {
    for q in ["", "  ", "***", "\0", "\"'", "👍", "&|!()", "\u{301}\u{200d}"] {
        let error = Query::read(q).unwrap_err();
        assert_eq!((error.reason(), error.field()), ("query_too_short", Some("q")), "{q:?}");
    }
}

#[test]
fn both_databases_are_asked_the_same() {
    let find = Query::read("two word").unwrap().in_messages();
    assert!(find.postgres(Words::Message).starts_with("(('wtwo') & ('wword':* | "));
    assert!(
        find.sqlite(Words::File).contains("\"vtwo\"") && find.sqlite(Words::File).contains("\"vword\" *")
    );
    let many = Query::read(&"word ".repeat(200)).unwrap().in_messages();
    assert!(matches!(many, Find::All(all) if all.len() == 10), "at most ten words");
}

#[test]
fn a_snippet_shows_where_it_fits_in_characters() {
    let text = format!("{} 👍 the Rechnungen of Müller came.", "words before it ".repeat(20));
    let query = Query::read("rechnung mueller").unwrap();
    let fit = snippet::best(&query, &[("file", "other.pdf".into()), ("text", text)], Some("de"));
    let letters: Vec<char> = fit.snippet.text.chars().collect();
    let marked: Vec<String> = fit
        .snippet
        .ranges
        .iter()
        .map(|range| letters[range.start as usize..(range.start + range.length) as usize].iter().collect())
        .collect();
    assert_eq!(marked, ["Rechnungen", "Müller"]);
    assert!(fit.has_all && letters.len() <= 160 && fit.snippet.from == "text");
}

#[test]
fn periods_follow_each_other_without_gaps_to_the_beginning() {
    let tenant = Uuid::now_v7();
    for start in ["2026-11-22T17:30:00Z", "2026-03-01T00:00:00Z", "2026-01-01T00:00:00.000001Z"] {
        let start: DateTime<Utc> = start.parse().unwrap();
        let mut window = Window::before(start);
        let mut steps = 0;
        while !window.is_last() {
            assert!(window.from < window.to);
            for at in [window.from, window.to - TimeDelta::microseconds(1)] {
                let of_time = super::windows::time_tokens(tenant, at);
                let Find::Any(tokens) = window.find(tenant) else { panic!("days or months") };
                let has = |token: &String| tokens.contains(&Find::Token(token.clone()));
                assert!(of_time.iter().any(has), "{at} in {window:?}");
            }
            let next = window.next();
            assert_eq!(next.to, window.from);
            window = next;
            steps += 1;
        }
        assert!(steps < 8, "{steps}");
        while let Some(shorter) = window.shorter() {
            assert!(shorter.from >= window.from && shorter.to == window.to);
            window = shorter;
        }
    }
}
