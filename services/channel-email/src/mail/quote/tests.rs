use super::*;

#[test]
fn each_programs_way_of_quoting_is_known() {
    let quotes = [
        "On Thu, Jan 15, 2026 at 9:30 AM Ana <ana@example.com> wrote:\n> Hello\n> there",
        "On Thu, Jan 15, 2026 at 9:30 AM Ana Maria Garcia de la Torre\n<ana@example.com> wrote:\n\n> Hello",
        "On 15 Jan 2026, at 09:30, Ana <ana@example.com> wrote:\n\nHello",
        "Am 15.01.2026 um 09:30 schrieb Ana:\n> Hallo",
        "Le 15 janv. 2026 à 09:30, Ana a écrit :\n> Bonjour",
        "El jue, 15 ene 2026 a las 9:30, Ana escribió:\n> Hola",
        "-----Original Message-----\nFrom: Ana\nSent: Thursday\nTo: Us\nSubject: Hi\n\nHello",
        "________________________________\nFrom: Ana <ana@example.com>\nSent: Thursday\n\nHello",
        "Von: Ana\nGesendet: Donnerstag\nAn: Wir\nBetreff: Hallo\n\nHallo",
        "De: Ana\nEnvoyé : jeudi\n\nBonjour",
        "##- Please type your reply above this line -##\nold words",
        "-- \nAna, Example Ltd",
        "Sent from my iPhone",
        "> Hello\n> there",
        "Ana wrote:\n> Hello",
    ];
    for quote in quotes {
        let text = format!("Thank you!\n\nBest, Bo\n\n{quote}");
        assert_eq!(without_quotes(&text).as_deref(), Some("Thank you!\n\nBest, Bo"), "{quote}");
    }
}

#[test]
fn what_is_no_quote_stays() {
    let whole = [
        "Hello",
        "",
        "On Monday I wrote:\nplease call",
        "> only a quote",
        "See below.\n\n---------- Forwarded message ---------\nFrom: Ana\nDate: today\n\nHello",
        "On 15 Jan 2026 Ana wrote:\n> How many?\nThree.\n> When?\nToday.",
        "From: the beginning\nI liked it",
        "a -- b\n--- c",
    ];
    for text in whole {
        assert_eq!(without_quotes(text), None, "{text}");
    }
}
